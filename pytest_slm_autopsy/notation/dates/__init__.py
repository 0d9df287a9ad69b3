"""Days: orders of three numbers, shapes that are read, forms that are printed."""
