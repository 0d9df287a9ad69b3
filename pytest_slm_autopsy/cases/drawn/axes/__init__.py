"""The shift axes of drawn documents: a module for each part of a document that they change."""
