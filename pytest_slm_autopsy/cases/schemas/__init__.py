"""Fields and documents, built-in schemas, and what fields are called in print."""
