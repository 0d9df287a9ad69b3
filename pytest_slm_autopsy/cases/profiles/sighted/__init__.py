"""Fields sighted in a document of unknown layout: lines, cells, values without a label."""
