"""Documents drawn from records: layouts, shift axes, the writer and seeded suites."""
