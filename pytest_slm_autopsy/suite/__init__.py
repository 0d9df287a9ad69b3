"""The autopsy as tests, without a line of the user's: ``slm-autopsy run BASE ADAPTER``."""
