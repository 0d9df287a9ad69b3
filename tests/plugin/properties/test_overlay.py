"""What a run changes in the example database counts only when the run does."""

from __future__ import annotations

from hypothesis.database import InMemoryExampleDatabase

from pytest_slm_autopsy.plugin.properties.overlay import Overlay


def test_changes_are_seen_and_kept_apart_until_they_are_made():
    base = InMemoryExampleDatabase()
    base.save(b"key", b"old")
    overlay = Overlay(base)
    overlay.save(b"key", b"new")
    overlay.delete(b"key", b"old")
    overlay.save(b"other", b"one")
    overlay.move(b"other", b"third", b"one")
    assert set(overlay.fetch(b"key")) == {b"new"}
    assert set(overlay.fetch(b"third")) == {b"one"}
    assert set(overlay.fetch(b"other")) == set()
    assert set(base.fetch(b"key")) == {b"old"}
    overlay.commit()
    assert set(base.fetch(b"key")) == {b"new"}
    assert set(base.fetch(b"third")) == {b"one"}


def test_what_is_saved_again_stands_once():
    base = InMemoryExampleDatabase()
    base.save(b"key", b"value")
    overlay = Overlay(base)
    overlay.save(b"key", b"value")
    assert list(overlay.fetch(b"key")) == [b"value"]
