"""Languages that documents are written in, and languages that are only read."""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = ("en", "de", "fr", "nl", "pl", "es")
"""Languages in which labels, months and tables are written."""

LABEL_LANGUAGES: Final = (*LANGUAGES, "it", "pt", "sv", "da", "cs")
"""Languages in which labels are read."""

MONTH_LANGUAGES: Final = (
    *LABEL_LANGUAGES, "nb", "fi", "ro", "hu", "ru", "tr", "sk", "sl", "uk", "el", "et", "lv", "ca",
)  # fmt: skip
"""Languages in which every month and weekday is read; of all others, the names that two share."""
