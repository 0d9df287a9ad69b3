"""The gate on regressions: a model against a baseline on the very same cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pytest_slm_autopsy.assertions.affirmation import affirm
from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.measures.accuracy import Flips, flips
from pytest_slm_autopsy.predictions.baseline import (
    Baseline,
    Kept,
    case_key,
    keep,
    outcomes,
    read_baseline,
)
from pytest_slm_autopsy.records import Prediction, Verdict
from pytest_slm_autopsy.statistics.verdicts import judge

MARGIN = 0.05
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Regression:
    """A model against one day of its baseline: all conditions together, and each by itself.

    ``apart`` are conditions that only one side has.
    """

    model: str
    baseline: str
    made: str
    whole: Flips
    conditions: Mapping[str, Flips]
    apart: tuple[str, ...] = ()


def assert_no_regression(
    predictions: Sequence[Prediction],
    *,
    baseline: Baseline | Path | str | Sequence[Prediction],
    margin: float = MARGIN,
    confidence_level: float = 0.95,
) -> Verdict:
    """Assert that a model loses at most ``margin`` of its accuracy against a baseline.

    The very same cases must have been asked. The oldest outcomes in the baseline are held against
    the model, too, so that many small losses add up. The returned verdict is that against the
    latest; no condition may lose more than the margin, either. The gate is undecided where the
    baseline may have no more than ``margin`` to lose.

    Args:
        predictions: answers of one model, of any number of conditions.
        baseline: a file of ``--slm-save-baseline``, what ``read_baseline`` returns, or the answers
            of another model.
        margin: the limit, a difference of two shares: 0.05 is five percentage points.
        confidence_level: of the interval.

    Raises:
        GateFailure: the gate failed, or is undecided; the text names the cases that flipped.
        ConfigError: no baseline, one that has expired, or one of other cases.
        NoDataError: there are no predictions, or all are of ambiguous cases.

    Example:
        >>> from pytest_slm_autopsy import Case, PromptFormat, ScriptedModel, predict
        >>> cases = [Case(str(i), f"Total: {i}", {"total": str(i)}) for i in range(200)]
        >>> old = ScriptedModel(lambda case: PromptFormat().expected(case.truth), name="old")
        >>> new = ScriptedModel(lambda case: PromptFormat().expected(case.truth), name="new")
        >>> assert_no_regression(predict(new, cases), baseline=predict(old, cases)).outcome
        'passed'
    """
    __tracebackhide__ = True
    found = compared(predictions, _baseline(baseline), confidence_level=confidence_level)
    reached = [one for regression in found for one in verdicts(regression, margin)]
    for verdict, flipped, evidence in reached:
        affirm(verdict, flipped.worse, evidence)
    return reached[0][0]


def judged(flipped: Flips, margin: float = MARGIN) -> Verdict:
    """Return the verdict on a loss: undecided where there was no more than the margin to lose."""
    return judge(flipped.lost, side="at_most", limit=margin, stake=flipped.before)


def verdicts(regression: Regression, margin: float) -> Iterator[tuple[Verdict, Flips, str]]:
    """Yield the verdict on all conditions together, then each condition that surely lost more.

    Each comes with its flips, and the evidence in words. Single conditions that prove nothing are
    not told: the whole is judged.
    """
    for flipped in (regression.whole, *regression.conditions.values()):
        verdict = judged(flipped, margin)
        if flipped is regression.whole or verdict.outcome == "failed":
            yield verdict, flipped, note(regression, flipped)


def compared(
    predictions: Sequence[Prediction],
    baseline: Baseline,
    *,
    confidence_level: float = 0.95,
    today: date | None = None,
) -> Iterator[Regression]:
    """Yield a model against the latest outcomes of its baseline, then the oldest, if older.

    Raises:
        ConfigError: the baseline has expired, or is of other cases.
        NoDataError: there are no predictions.
    """
    models = list(dict.fromkeys(one.model for one in predictions))
    if len(models) > 1:
        raise ConfigError(
            f"a baseline is compared with one model, and these answers are of "
            f"{' and '.join(map(repr, models))}; compare each by itself"
        )
    name, latest, oldest = baseline.of(models[0] if models else "")
    if (today or date.today()).isoformat() > latest.expires:
        raise ConfigError(
            f"the baseline of {latest.made} has expired on {latest.expires}; look at the model "
            "anew, and save it again: --slm-save-baseline"
        )
    yield _against(name, latest, predictions, confidence_level)
    if oldest != latest:
        yield _against(name, oldest, predictions, confidence_level)


def _against(
    name: str, kept: Kept, predictions: Sequence[Prediction], confidence_level: float
) -> Regression:
    now = outcomes(predictions)
    shared = [condition for condition in now if condition in kept.conditions]
    for condition in shared:
        then, found = kept.conditions[condition], now[condition]
        if then.suite != found.suite:
            alike = len(then.by_case.keys() & found.by_case.keys())
            raise ConfigError(
                f"the baseline of {kept.made} has other cases under {condition!r}: "
                f"{len(then.by_case)} then, {len(found.by_case)} now, {alike} the same; ask the "
                "same cases (seed, --slm-n, schema, file), or save anew: --slm-save-baseline"
            )
    if not shared:
        asked, known = (", ".join(map(repr, names)) for names in (now, kept.conditions))
        raise ConfigError(
            f"the baseline of {kept.made} shares no condition with this run: {known} then, "
            f"{asked or 'none'} now; ask the same, or save anew: --slm-save-baseline"
        )
    before: dict[str, bool] = {}
    for condition in shared:
        before |= kept.conditions[condition].by_case
    parts = {
        condition: _since(
            kept, flips(
                [one for one in predictions if one.case.condition == condition],
                kept.conditions[condition].by_case, case_key, confidence_level=confidence_level,
            ),
        )
        for condition in shared
    }  # fmt: skip
    whole = _since(kept, flips(predictions, before, case_key, confidence_level=confidence_level))
    apart = sorted(now.keys() ^ kept.conditions.keys())
    model = whole.lost.model
    return Regression(model, kept.model or name, kept.made, whole, parts, tuple(apart))


def _since(kept: Kept, found: Flips) -> Flips:
    return replace(found, lost=replace(found.lost, name=f"accuracy lost since {kept.made}"))


def note(regression: Regression, flipped: Flips) -> str:
    """Return the evidence of a comparison: the test, and the cases that flipped both ways."""
    lines = [
        (
            f"McNemar's exact test: p = {flipped.p_value:.2g}; {len(flipped.worse)} worse and "
            f"{len(flipped.better)} better than {regression.baseline!r} of {regression.made}"
        )
    ]
    for word, cases in (("worse", flipped.worse), ("better", flipped.better)):
        if cases:
            more = f" and {len(cases) - SHOWN} more" if len(cases) > SHOWN else ""
            lines.append(f"{word}: {', '.join(one.case.id for one in cases[:SHOWN])}{more}")
    return "\n".join(lines)


def _baseline(given: Baseline | Path | str | Sequence[Prediction]) -> Baseline:
    if isinstance(given, Baseline):
        return given
    if isinstance(given, str | Path):
        return read_baseline(Path(given))
    return keep(list(given))
