"""Causes of death: each looked for in the evidence, and named, ruled out, or left open."""
