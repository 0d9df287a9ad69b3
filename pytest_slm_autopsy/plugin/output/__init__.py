"""What a run shows and leaves behind: terminal, progress, files, reports of other plugins."""
