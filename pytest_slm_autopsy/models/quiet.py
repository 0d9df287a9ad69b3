"""Libraries made quiet while a model is loaded: no bars, no deprecations of their own code."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def quiet() -> Iterator[None]:
    """Silence progress bars of transformers and deprecations inside the block.

    Whoever runs a test can do nothing about them. All other warnings pass.
    """
    shown = _bars(shown=False)
    try:
        with warnings.catch_warnings():
            for category in (DeprecationWarning, FutureWarning):
                warnings.simplefilter("ignore", category)
            yield
    finally:
        _bars(shown=shown)


def _bars(*, shown: bool) -> bool:
    """Show or hide the bars of transformers, if it is loaded, and tell whether they were shown."""
    if "transformers" not in sys.modules:
        return True
    from transformers.utils import logging

    before: bool = logging.is_progress_bar_enabled()
    switch: Any = logging.enable_progress_bar if shown else logging.disable_progress_bar
    switch()
    return before
