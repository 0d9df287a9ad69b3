"""What we ask the model: schemas, layouts, shifts, suites and Hypothesis strategies."""
