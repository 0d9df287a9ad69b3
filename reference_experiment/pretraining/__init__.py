"""How the tiny base was made: its task, its recipe, its optimiser, its training."""
