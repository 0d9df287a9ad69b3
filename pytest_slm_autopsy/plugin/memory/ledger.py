"""The verdicts of a session by test: the last attempt at each gate, in the order of one run."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pytest_slm_autopsy.records import Verdict

Place = tuple[int, int]
"""Number of the test, and a count: they put the findings of workers into the order of one run."""


_GRAVITY: Final = {"passed": 0, "undecided": 1, "failed": 2}


class Ledger:
    """Verdicts by the name of their test.

    One gate may be tried again and again, and an attempt is no gate. Of the attempts of
    ``--reruns`` the last one counts; of the examples of Hypothesis the worst.
    """

    def __init__(self) -> None:
        self._verdicts: dict[str, list[tuple[Place, Verdict]]] = {}
        self._changed: set[str] = set()
        self._of_setup: set[Place] = set()
        self._earlier: set[Place] = set()

    def __iter__(self) -> Iterator[tuple[Place, str, Verdict]]:
        """Yield place, test and verdict, in the order of places."""
        each = (
            (place, test, verdict)
            for test, verdicts in self._verdicts.items()
            for place, verdict in verdicts
        )
        return iter(sorted(each, key=lambda entry: entry[0]))

    def of(self, test: str) -> list[Verdict]:
        """Return the verdicts of one test, in their order."""
        return [verdict for _, verdict in self._verdicts.get(test, [])]

    def note(self, test: str, place: Place, verdict: Verdict) -> None:
        """Remember a verdict that was reached in a test."""
        if os.environ.get("PYTEST_CURRENT_TEST", "").endswith("(setup)"):
            self._of_setup.add(place)
        kept, examples = [], _in_hypothesis()
        for at, old in self._verdicts.get(test, []):
            same = _gate(old) == _gate(verdict)
            if same and examples and at not in self._earlier:
                verdict = max(old, verdict, key=lambda one: _GRAVITY[one.outcome])
            elif not (same and at in self._earlier):
                kept.append((at, old))
        self._verdicts[test] = [*kept, (place, verdict)]
        self._changed.add(test)

    def begin_attempt(self, test: str) -> None:
        """Forget the verdicts of a test's earlier attempts.

        A fixture of wider scope is not set up anew, so its verdicts stay until they are.
        """
        if known := self._verdicts.get(test):
            kept = [entry for entry in known if entry[0] in self._of_setup]
            self._verdicts[test], self._earlier = kept, {place for place, _ in kept}
            self._changed.add(test)

    def hand_over(self) -> dict[str, list[tuple[Place, dict[str, Any]]]]:
        """Return all verdicts of each test whose verdicts changed since the last call."""
        changed, self._changed = self._changed, set()
        return {
            test: [(place, verdict.to_dict()) for place, verdict in self._verdicts[test]]
            for test in sorted(changed)
        }

    def take_over(self, told: Mapping[str, list[tuple[list[int], dict[str, Any]]]]) -> None:
        """Replace the verdicts of each test by those that a worker handed over."""
        from pytest_slm_autopsy.records import Verdict

        for test, verdicts in told.items():
            self._verdicts[test] = [
                ((place[0], place[1]), Verdict.from_dict(plain)) for place, plain in verdicts
            ]


def _in_hypothesis() -> bool:
    """Tell whether a test of Hypothesis is running; without importing it."""
    loaded = sys.modules.get("hypothesis")
    return loaded is not None and bool(loaded.currently_in_test_context())


def _gate(verdict: Verdict) -> tuple[object, ...]:
    """Return what all attempts at one gate share."""
    m = verdict.measurement
    return m.name, m.model, m.condition, verdict.side, verdict.limit
