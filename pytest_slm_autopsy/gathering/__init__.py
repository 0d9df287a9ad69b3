"""From what a run recorded to the data of its report."""
