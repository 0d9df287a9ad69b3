"""Formats learnt from a pile of documents, and drawn from again."""
