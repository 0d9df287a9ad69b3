"""What a run remembers: answers asked, answers kept on disk, verdicts."""
