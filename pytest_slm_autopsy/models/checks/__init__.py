"""Checks of adapter, base, tokenizer, template and health: fail closed, with the reason."""
