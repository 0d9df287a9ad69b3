"""Schemas of documents: fields, values, labels, and the built-in schemas."""
