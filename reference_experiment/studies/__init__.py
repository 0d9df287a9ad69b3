"""Runs beside the stages: other seeds, and how many documents buy back how much."""
