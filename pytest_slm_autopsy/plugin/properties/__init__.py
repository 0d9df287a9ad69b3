"""Hypothesis properties of a model, with its questions asked in batches."""
