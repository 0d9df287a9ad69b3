"""The option ``--schema``, which several commands take."""

from __future__ import annotations

from typing import Any


def add_schema(parser: Any) -> None:
    """Declare the option."""
    parser.add_argument(
        "--schema", default="invoice",
        help="invoice (default), itemised, receipt, or your own: path.py:NAME or "
        "package.module:NAME of a DocumentSchema",
    )  # fmt: skip
