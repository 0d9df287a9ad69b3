"""Measures of sets of documents: divergence and leakage."""
