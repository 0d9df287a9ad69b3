"""QLoRA training of an adapter, on the experiment's documents or on one's own."""
