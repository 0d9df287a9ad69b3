"""The pytest plugin: knows every room, known by none."""
