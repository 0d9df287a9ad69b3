"""Records written in many layouts: text, spans and truth in one pass."""
