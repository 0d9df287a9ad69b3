"""Hypothesis properties of a model, asked in batches."""
