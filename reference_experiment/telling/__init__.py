"""What is told of the answers: tables, figures, and the results that are committed."""
