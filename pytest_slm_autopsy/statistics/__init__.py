"""How sure a number is, and what a limit then says. Knows no model, field or shift."""
