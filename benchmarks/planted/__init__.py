"""Faults planted in tiny adapters and around them, each with its true cause."""
