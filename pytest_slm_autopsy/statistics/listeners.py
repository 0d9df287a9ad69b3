"""The listener to verdicts, apart from them: every run of pytest loads it, and it is light."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from pytest_slm_autopsy.records import Verdict

Undecided = Literal["fail", "warn", "pass"]


def _ignore(verdict: Any) -> None:
    """Do nothing."""


class _Run(NamedTuple):
    """The listener to verdicts, and the outcome of undecided gates."""

    listener: Callable[[Verdict], None] = _ignore
    undecided: Undecided = "fail"


_run: ContextVar[_Run] = ContextVar("run", default=_Run())  # noqa: B039  frozen


@contextmanager
def listening(
    listener: Callable[[Verdict], None], *, undecided: Undecided | None = None
) -> Iterator[None]:
    """Hand every verdict that is announced inside the block to ``listener`` only.

    ``undecided`` tells the assertions inside the block what to do with an undecided gate; by
    default the same as outside.
    """
    token = _run.set(_Run(listener, undecided or on_undecided()))
    try:
        yield
    finally:
        _run.reset(token)


def announce(verdict: Verdict) -> None:
    """Hand a verdict to the present listener; the default listener ignores it."""
    _run.get().listener(verdict)


def on_undecided() -> Undecided:
    """Return the treatment of undecided gates: ``fail`` unless the run sets another."""
    return _run.get().undecided
