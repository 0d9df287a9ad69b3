"""The argument ``slm_condition``: a test that takes it runs once for each shifted condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_slm_autopsy.plugin.settings import Settings

ARGUMENT = "slm_condition"


def parametrize(metafunc: pytest.Metafunc, settings: Settings) -> None:
    """Run a test that takes ``slm_condition`` for each condition that the limits name, or all."""
    if ARGUMENT in metafunc.fixturenames and not _of_the_user(metafunc):
        metafunc.parametrize(ARGUMENT, names(settings))


def names(settings: Settings) -> Sequence[str]:
    """Return the conditions that the limits name; else every axis, own ones, and production."""
    limits = settings.limits
    if limits and limits.conditions:
        return limits.conditions
    from pytest_slm_autopsy.cases.drawn.shifts import AXES
    from pytest_slm_autopsy.cases.drawn.suites import PRODUCTION
    from pytest_slm_autopsy.cases.rewritten.rewrites import REWRITES

    known = AXES if settings.cases is None else REWRITES
    own = limits.gaps if limits else {}
    return list(dict.fromkeys([*known, *own, PRODUCTION]))


def _of_the_user(metafunc: pytest.Metafunc) -> bool:
    """Tell whether the user has parametrised the argument already."""
    marks = metafunc.definition.iter_markers("parametrize")
    named = (str(mark.args[0] if mark.args else mark.kwargs.get("argnames", "")) for mark in marks)
    return any(ARGUMENT in one for one in named)
