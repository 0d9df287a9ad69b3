"""Numbers: predictions in, measurements with their intervals out. A measure never judges."""
