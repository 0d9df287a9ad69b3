"""Blocks of a page that say the same wherever they stand."""
