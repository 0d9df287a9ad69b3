"""The commands of ``slm-autopsy``: each declares its arguments, and calls a function of a room."""
