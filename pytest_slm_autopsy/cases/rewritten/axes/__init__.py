"""Axes of rewrites: each changes a page in one way, or refuses it with a reason."""
