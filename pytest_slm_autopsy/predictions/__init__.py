"""What the model answered: raw text to fields, and models asked in batches."""
