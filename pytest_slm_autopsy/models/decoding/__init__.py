"""Verified greedy decoding."""
