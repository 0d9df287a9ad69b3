"""The pytest plugin: knows every room, known by none."""

from __future__ import annotations

from pytest_slm_autopsy._door import door

__all__, __getattr__, __dir__ = door(
    __name__,
    {
        "options": "Settings",
        "properties.property": "shift_property",
        "session": "Autopsy",
    },
)
