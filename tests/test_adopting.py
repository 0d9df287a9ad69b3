"""docs/adopting.md shows the files of the three repositories as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "adopting.md").read_text("utf-8")
FOLDER = re.compile(r"`tests/adopters/(\w+)`")
BLOCK = re.compile(r"^```(?:ini|python)\n# ([\w.]+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
PARTS = {"train.py"}
"""Files of which the page shows a part."""


def shown():
    """Each file that the page shows: its folder, its name, and its text."""
    for section in re.split(r"^## ", PAGE, flags=re.MULTILINE):
        if folder := FOLDER.search(section):
            for name, text in BLOCK.findall(section):
                yield folder[1], name, text


@pytest.mark.parametrize(("folder", "name", "text"), [*shown()])
def test_the_page_shows_the_file(folder, name, text):
    whole = (ROOT / "tests" / "adopters" / folder / name).read_text("utf-8")
    if name in PARTS:
        # What is shown as functions of their own stands there in one.
        calls = re.findall(r"(?:render|manifest|adapter_settings|weights_digest)\(", text)
        assert calls
        assert all(call in whole for call in calls)
    else:
        assert whole.endswith(text)


def test_every_repository_is_walked_through():
    folders = {path.parent.name for path in (ROOT / "tests" / "adopters").glob("*/pytest.ini")}
    assert {folder for folder, *_ in shown()} == folders
