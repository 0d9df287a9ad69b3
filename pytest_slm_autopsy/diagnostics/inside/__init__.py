"""The inside of a model: what it attends to, rests on, and where a right answer comes back."""
