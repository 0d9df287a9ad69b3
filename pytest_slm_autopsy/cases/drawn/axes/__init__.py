"""The shift axes of drawn documents, by what they touch."""
