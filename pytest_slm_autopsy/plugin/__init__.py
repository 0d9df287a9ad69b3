"""The pytest plugin: options, fixtures, and the session that asks models and reports.

It may import every room, and no room imports it.
"""

from __future__ import annotations

from pytest_slm_autopsy._door import door

__all__, __getattr__, __dir__ = door(
    __name__,
    {
        "settings": "Settings",
        "properties.property": "shift_property",
        "session": "Autopsy",
    },
)
