"""Baselines of a run: compared with at its end, and saved."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_slm_autopsy.errors import SlmAutopsyError

if TYPE_CHECKING:
    from pytest_slm_autopsy.assertions.regression import Regression
    from pytest_slm_autopsy.predictions.baseline import Baseline
    from pytest_slm_autopsy.records import Prediction
    from pytest_slm_autopsy.report.data import BaselineRow, Comparison, ReportData

NAMED = 3
SHOWN = 40
"""Flipped cases that the report names on each side."""


def compare(path: Path, predictions: Sequence[Prediction]) -> list[Comparison]:
    """Return each model of the run against the baseline in a file, its oldest outcomes included.

    A model is compared with its own baseline, a new one with the only baseline whose model was not
    asked. What cannot be compared is told as a problem.
    """
    from pytest_slm_autopsy.assertions.regression import compared
    from pytest_slm_autopsy.predictions.baseline import read_baseline
    from pytest_slm_autopsy.report.data import Comparison

    try:
        baseline = read_baseline(path)
    except SlmAutopsyError as error:
        return [Comparison("", problem=str(error))]
    found = []
    models = list(dict.fromkeys(one.model for one in predictions))
    for model in models:
        own = [one for one in predictions if one.model == model]
        try:
            if (mine := baseline.meant(model, models)) is None:
                continue
            found += [_told(one) for one in compared(own, mine)]
            [(_, latest)] = mine.latest.items()
            if missing := sorted({*latest.conditions} - {one.case.condition for one in own}):
                found.append(Comparison(model, problem=_not_asked(missing)))
        except SlmAutopsyError as error:
            found.append(Comparison(model, problem=str(error)))
    return found


def _not_asked(names: Sequence[str]) -> str:
    """Return a sentence on conditions of a baseline that this run left out.

    A comparison of the rest would be green, however the model fares where it was not asked.
    """
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return (
        f"conditions of the baseline that this run did not ask: {', '.join(names[:NAMED])}{more}; "
        "ask them too, compare a part with assert_no_regression, or save anew: --slm-save-baseline"
    )


def _told(regression: Regression) -> Comparison:
    from pytest_slm_autopsy.report.data import Comparison

    rows = tuple(_rows(regression))
    return Comparison(regression.model, regression.baseline, regression.made, rows)


def _rows(regression: Regression) -> Iterator[BaselineRow]:
    from pytest_slm_autopsy.assertions.regression import judged
    from pytest_slm_autopsy.report.data import BaselineRow

    parts = [("", regression.whole), *regression.conditions.items()]
    for condition, flipped in parts:
        yield BaselineRow(
            condition,
            judged(flipped),
            flipped.p_value,
            tuple(one.case.id for one in flipped.worse[:SHOWN]),
            tuple(one.case.id for one in flipped.better[:SHOWN]),
            (len(flipped.worse), len(flipped.better)),
        )


def save(
    path: Path, predictions: Sequence[Prediction], data: ReportData, facts: Mapping[str, str]
) -> str:
    """Save the outcomes of a run, and return what is to be told of it, if anything.

    ``facts`` say how each model was made, by its name.
    """
    from pytest_slm_autopsy.predictions.baseline import keep, read_baseline, write_baseline

    try:
        before = read_baseline(path) if path.exists() else None
        kept = keep(predictions, before=before, measures=_measures(data), facts=facts)
        write_baseline(path, kept)
    except SlmAutopsyError as error:
        return f"no baseline saved: {error}"
    return _begun_anew(before, kept) if before else ""


def _begun_anew(before: Baseline, kept: Baseline) -> str:
    """Return a sentence where the oldest outcomes are gone: slow decay is then counted from now."""
    gone = {one.made for one in before.oldest.values()} - {one.made for one in kept.oldest.values()}
    if not gone:
        return ""
    return (
        f"the outcomes of {', '.join(sorted(gone))} were of other cases, so slow decay is counted "
        "from today"
    )


def _measures(data: ReportData) -> dict[str, dict[str, dict[str, float]]]:
    """Return accuracy, field accuracy and valid JSON by model and condition, rounded."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for row in data.rows:
        told = (row.accuracy, row.field_accuracy, row.valid_json, row.ece)
        numbers = {one.name: round(one.value, 4) for one in told if one is not None}
        found.setdefault(row.model, {})[row.condition] = numbers
    return found


def refuse_silence(session: pytest.Session) -> None:
    """Turn a run red that was told to compare on its command line, and asked no model.

    An ini key speaks for every run, also for those of other tests.
    """
    told = session.config.getoption("slm_compare") and not session.config.option.collectonly
    if told and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        say = session.config.pluginmanager.getplugin("terminalreporter")
        text = "baseline: not compared: no model was asked in this run"
        say.write_line(f"\n{text}", red=True) if say else print(text, file=sys.stderr)


def failed(comparisons: Sequence[Comparison], undecided: str) -> bool:
    """Tell whether a comparison turns the run red.

    It does where it could not be made, where all conditions together, or one, surely lost more than
    the margin, and where all together prove nothing, unless ``--slm-undecided`` lets that pass.
    """
    for one in comparisons:
        outcomes = [row.verdict.outcome for row in one.rows]
        open_ = bool(outcomes) and outcomes[0] == "undecided" and undecided == "fail"
        if one.problem or "failed" in outcomes or open_:
            return True
    return False
