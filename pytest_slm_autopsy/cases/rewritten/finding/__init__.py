"""Values found in texts: what they may look like, and where they stand."""
