"""Numbers, amounts, currencies, quantities, and counts in words: printed, and read back."""
