"""The languages that documents are written in, and those that are read besides."""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = ("en", "de", "fr", "nl", "pl", "es")
"""Languages in which labels, months and tables are written."""
