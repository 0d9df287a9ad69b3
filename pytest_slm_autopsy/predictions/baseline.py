"""Baselines: which cases a model answered rightly, in a small file to commit and compare with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

from pytest_slm_autopsy.errors import ConfigError, NoDataError, nearest
from pytest_slm_autopsy.records import AMBIGUOUS, Case, Prediction, Record
from pytest_slm_autopsy.whole_files import read_document, write_whole

VERSION: Final = 1
LASTS: Final = timedelta(days=90)
"""How long a baseline is believed: documents, libraries and servers change meanwhile."""
FILE: Final = "slm-baseline.json"


@dataclass(frozen=True, slots=True)
class Outcomes(Record):
    """The cases of one condition, each by its hash, and a hash of them all."""

    suite: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def by_case(self) -> dict[str, bool]:
        """Return whether each case was answered rightly, by its hash."""
        return dict.fromkeys(self.right, True) | dict.fromkeys(self.wrong, False)


@dataclass(frozen=True, slots=True)
class Kept(Record):
    """The outcomes of one model on one day, by condition.

    ``made`` and ``expires`` are days (ISO 8601). ``measures`` are numbers by condition and name,
    ``facts`` say how the model was made. ``model`` is its name on that day: the next one may have
    another.
    """

    made: str
    expires: str
    conditions: Mapping[str, Outcomes]
    measures: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    model: str = ""


@dataclass(frozen=True, slots=True)
class Baseline(Record):
    """The latest outcomes of each model, and the oldest that are kept.

    The latest ones show a fall at once; the oldest ones show many small falls that add up.
    """

    latest: Mapping[str, Kept]
    oldest: Mapping[str, Kept]

    def of(self, model: str) -> tuple[str, Kept, Kept]:
        """Return the name, the latest and the oldest outcomes to compare a model with.

        A baseline of one model serves any other, such as the next adapter.

        Raises:
            ConfigError: the baseline holds several models, and none of that name.
        """
        if model in self.latest:
            name = model
        elif len(self.latest) == 1:
            name = next(iter(self.latest))
        else:
            raise ConfigError(
                f"the baseline holds {len(self.latest)} models and none is called {model!r}; "
                f"{nearest(model, self.latest)}"
            )
        return name, self.latest[name], self.oldest.get(name, self.latest[name])

    def meant(self, model: str, models: Sequence[str]) -> Baseline | None:
        """Return the part of the baseline that one of a run's ``models`` is compared with.

        It is the model's own; that of a new model is the only one whose model was not asked, such
        as the adapter before it. It is ``None`` where all were asked: the model is one more.

        Raises:
            ConfigError: several models of the baseline were not asked.
        """
        left = [name for name in self.latest if name not in models]
        if model not in self.latest and not left:
            return None
        if model not in self.latest and len(left) > 1:
            raise ConfigError(
                f"the baseline holds no model {model!r}, and several that this run did not ask: "
                f"{', '.join(left)}; give the model the name of the one that it follows"
            )
        name = model if model in self.latest else left[0]
        return Baseline({name: self.latest[name]}, {name: self.oldest.get(name, self.latest[name])})


def case_key(case: Case) -> str:
    """Return a hash of everything that a case asks and expects."""
    plain = [case.condition, case.id, case.text, {**case.truth}, [*case.turns]]
    return sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:12]


def outcomes(predictions: Iterable[Prediction]) -> dict[str, Outcomes]:
    """Return the outcomes of predictions by condition; ambiguous cases do not count."""
    right: dict[str, dict[str, bool]] = {}
    for prediction in predictions:
        case = prediction.case
        if AMBIGUOUS not in case.tags:
            right.setdefault(case.condition, {})[case_key(case)] = prediction.correct
    return {condition: _outcomes(known) for condition, known in sorted(right.items())}


def _outcomes(known: Mapping[str, bool]) -> Outcomes:
    ordered = sorted(known)
    suite = sha256(" ".join(ordered).encode()).hexdigest()[:16]
    return Outcomes(
        suite,
        tuple(key for key in ordered if known[key]),
        tuple(key for key in ordered if not known[key]),
    )


def keep(
    predictions: Sequence[Prediction],
    *,
    before: Baseline | None = None,
    measures: Mapping[str, Mapping[str, Mapping[str, float]]] | None = None,
    facts: Mapping[str, str] | None = None,
    today: date | None = None,
) -> Baseline:
    """Return a baseline of predictions; ``before`` is the one that it replaces.

    A new model takes the place of the only one in ``before`` that was not asked: adapters are often
    named by their version, and the oldest outcomes must outlive the name.

    Args:
        predictions: answers of one model or several.
        before: the baseline until now: its other models stay, and its oldest outcomes, but for
            conditions whose cases have changed.
        measures: numbers by model, condition and name.
        facts: how each model was made, by its name.
        today: the day; that of the clock by default.

    Raises:
        NoDataError: there is no prediction of a case that counts.
    """
    day = today or date.today()
    days = day.isoformat(), (day + LASTS).isoformat()
    latest, oldest = (dict(before.latest), dict(before.oldest)) if before else ({}, {})
    follows = _successor(models := {one.model: None for one in predictions}, latest)
    for model in models:
        found = outcomes(one for one in predictions if one.model == model)
        if not found:
            continue
        fact = {"model": facts[model]} if facts and model in facts else {}
        kept = Kept(*days, found, (measures or {}).get(model, {}), fact, model)
        latest.pop(follows.get(model, model), None)
        first = oldest.pop(follows.get(model, model), None)
        latest[model], oldest[model] = kept, _oldest(first, kept)
    if not latest:
        raise NoDataError("there is no answer to keep as a baseline; predict at least one case")
    return Baseline(latest, oldest)


def _successor(models: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Map the only new model to the only known one that was not asked; empty otherwise."""
    asked, known = list(models), list(known)
    new = [model for model in asked if model not in known]
    left = [model for model in known if model not in asked]
    return dict(zip(new, left, strict=True)) if len(new) == len(left) == 1 else {}


def _oldest(oldest: Kept | None, kept: Kept) -> Kept:
    """Return the oldest outcomes without the conditions whose cases have changed since.

    A condition that was not asked this time has not changed.
    """
    if oldest is None:
        return kept
    asked = {name: found.suite for name, found in kept.conditions.items()}
    same = {
        name: found
        for name, found in oldest.conditions.items()
        if asked.get(name, found.suite) == found.suite
    }
    return replace(oldest, conditions=same) if same.keys() & asked.keys() else kept


def write_baseline(path: Path, baseline: Baseline) -> None:
    """Write a baseline as JSON, whole or not at all; the same outcomes give the same file.

    Raises:
        ConfigError: the file cannot be written.
    """
    document = {"version": VERSION, **baseline.to_dict()}
    write_whole(path, json.dumps(document, indent=1, sort_keys=True) + "\n", "the baseline")


def read_baseline(path: Path) -> Baseline:
    """Return the baseline that ``write_baseline`` wrote.

    Raises:
        ConfigError: the file cannot be read, holds something else, or is of a newer version.
    """
    again = f"save one: pytest --slm-save-baseline={path.name}"
    document = read_document(path, what="baseline", key="latest", newest=VERSION, again=again)
    del document["version"]
    try:
        return Baseline.from_dict(document)
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path} cannot be read: {error}; {again}") from None
