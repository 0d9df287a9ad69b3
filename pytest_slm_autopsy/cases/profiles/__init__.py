"""Profiles: formats learnt from a pile of documents, from which cases are drawn."""
