"""What is said: the recorded numbers as one JSON document, one page, and a few terminal lines."""
