"""Leakage: evaluation cases that training gives away, so that a right answer may be remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, get_args

from pytest_slm_autopsy.errors import CaseError, ConfigError, NoDataError, nearest, strangers
from pytest_slm_autopsy.measures.inputs.near_duplicates import near_duplicates
from pytest_slm_autopsy.measures.inputs.traces import day_of, stated, template, told_fields
from pytest_slm_autopsy.notation.text import collapsed
from pytest_slm_autopsy.records import Case, Measurement
from pytest_slm_autopsy.statistics.clustered import ClusteredRate

Kind = Literal[
    "same document",
    "near duplicate",
    "same record",
    "same template",
    "temporal",
    "answer in the input",
]
Cases = Sequence[Case]

DEFAULT_KINDS: Final[tuple[Kind, ...]] = (
    "same document",
    "near duplicate",
    "same record",
    "answer in the input",
)
"""All kinds but ``same template``, which suites share by design, and ``temporal``, which a date
field adds."""


@dataclass(frozen=True, slots=True)
class Leak:
    """An evaluation case that training gives away.

    ``training`` and ``evaluation`` are ids of cases; ``training`` is empty where the case gives
    itself away. ``similarity`` is the Jaccard similarity of near duplicates, the share of the
    answer that stands in the input, and 1 for all other kinds.
    """

    kind: Kind
    training: str
    evaluation: str
    similarity: float = 1.0
    detail: str = ""


def find_leaks(
    *,
    training: Cases,
    evaluation: Cases,
    kinds: Sequence[Kind] = DEFAULT_KINDS,
    date_field: str | None = None,
    similarity: float = 0.8,
    seed: int = 0,
) -> tuple[Leak, ...]:
    """Return the leaks of the evaluation cases, at most one for each case and kind.

    - ``same document``: the text is also in training, with case and white space folded.
    - ``near duplicate``: the Jaccard similarity with a training text is at least ``similarity``.
    - ``same record``: the truth is also that of a training case. A truth that several records of
      one side have, such as a label, does not count.
    - ``same template``: the text without its values is also in training.
    - ``temporal``: ``date_field`` is not after training's last day. It is looked for when the field
      is given; cases without an ISO date are passed over (``undated`` counts them).
    - ``answer in the input``: a field of the answer stands in the text as JSON.

    Raises:
        NoDataError: no cases on a side.
        CaseError: two cases of one id on a side, or no date that can be read.
        ConfigError: an unknown kind, ``temporal`` without a date field, or an invalid similarity.

    Example:
        >>> train, test = Case("t", "Total: 7", {"total": "7"}), Case("e", "total:  7", {})
        >>> find_leaks(training=[train], evaluation=[test])[0].kind
        'same document'
    """
    _check(training, evaluation, kinds, date_field)
    asked = {*kinds, *(["temporal"] if date_field else [])}
    finders: dict[Kind, Callable[[], Iterator[Leak]]] = {
        **_matchers(training, evaluation),
        "near duplicate": partial(_alike, training, evaluation, similarity, seed),
        "temporal": partial(_late, training, evaluation, date_field or ""),
        "answer in the input": partial(_answers, evaluation),
    }
    return tuple(leak for kind in finders if kind in asked for leak in finders[kind]())


def share_leaked(
    leaks: Sequence[Leak],
    evaluation: Cases,
    *,
    kind: Kind | None = None,
    confidence_level: float = 0.95,
) -> Measurement:
    """Return the share of the evaluation cases that leak, by one kind or by any.

    The share of these cases is exact. The interval (Clopper & Pearson 1934) is for the source that
    the cases were drawn from.

    Raises:
        NoDataError: no evaluation cases.
    """
    touched = {leak.evaluation for leak in leaks if kind in (None, leak.kind)}
    n = len(evaluation)
    found = ClusteredRate.independent(len(touched), n)
    interval = found.interval(confidence_level)
    name = f"share leaked ({kind})" if kind else "share leaked"
    return Measurement(
        name,
        found.rate,
        interval,
        n,
        confidence_level,
        interval_at=found.interval,
        interval_with=partial(found.interval, confidence_level),
    )


def undated(cases: Cases, date_field: str) -> int:
    """Return the number of cases without an ISO date in ``date_field``."""
    return sum(day_of(case, date_field) is None for case in cases)


def _check(
    training: Cases, evaluation: Cases, kinds: Sequence[Kind], date_field: str | None
) -> None:
    for kind in kinds:
        if kind not in get_args(Kind):
            raise ConfigError(f"unknown kind of leak {kind!r}; {nearest(kind, get_args(Kind))}")
    if not kinds and not date_field:
        raise ConfigError("no kind of leak to look for; name at least one in kinds")
    if "temporal" in kinds and not date_field:
        raise ConfigError("temporal leaks need the field that dates a case; give date_field")
    for side, cases in (("training", training), ("evaluation", evaluation)):
        if not cases:
            raise NoDataError(f"there are no {side} cases to look for leaks in; give at least one")
        if others := strangers(cases, Case):
            raise CaseError(f"the {side} side holds {others}; give cases")
        seen: set[str] = set()
        for case in cases:
            if case.id in seen:
                raise CaseError(f"two {side} cases have the id {case.id!r}; ids tell cases apart")
            seen.add(case.id)


def _matches(
    kind: Kind, key: Callable[[Case], str], training: Cases, evaluation: Cases
) -> Iterator[Leak]:
    known: dict[str, list[str]] = {}
    for case in training:
        known.setdefault(key(case), []).append(case.id)
    for case in evaluation:
        ids = known.get(key(case), []) if key(case) else []
        if ids:
            more = f"and {len(ids) - 1} more training cases" if len(ids) > 1 else ""
            yield Leak(kind, ids[0], case.id, detail=more)


def _matchers(training: Cases, evaluation: Cases) -> dict[Kind, Callable[[], Iterator[Leak]]]:
    """Return the finders of the kinds that compare one key of two cases."""
    shared = _shared_truths(training) | _shared_truths(evaluation)
    keys: dict[Kind, Callable[[Case], str]] = {
        "same document": _text,
        "same record": partial(_told, shared),
        "same template": template,
    }
    return {kind: partial(_matches, kind, key, training, evaluation) for kind, key in keys.items()}


def _told(shared: set[str], case: Case) -> str:
    """Return the truth of a case as a key, or an empty text where several records share it."""
    truth = stated(case)
    return "" if truth in shared else truth


def _shared_truths(cases: Cases) -> set[str]:
    """Return the truths that more than one record has."""
    records: dict[str, set[str]] = {}
    for case in cases:
        records.setdefault(stated(case), set()).add(case.cluster)
    return {truth for truth, of in records.items() if len(of) > 1}


def _alike(training: Cases, evaluation: Cases, similarity: float, seed: int) -> Iterator[Leak]:
    ids = {_text(case): case.id for case in reversed(training)}
    known, asked = list(ids), [_text(case) for case in evaluation]
    new = [number for number, text in enumerate(asked) if text not in ids]
    found = near_duplicates(known, [asked[i] for i in new], at_least=similarity, seed=seed)
    for place, (other, alike) in sorted(found.items()):
        yield Leak("near duplicate", ids[known[other]], evaluation[new[place]].id, alike)


def _late(training: Cases, evaluation: Cases, date_field: str) -> Iterator[Leak]:
    days = {case.id: day for case in training if (day := day_of(case, date_field))}
    asked = [(case.id, day) for case in evaluation if (day := day_of(case, date_field))]
    for side, dated, cases in (("training", days, training), ("evaluation", asked, evaluation)):
        if not dated:
            raise CaseError(
                f"none of {len(cases)} {side} cases has an ISO date such as 2025-03-31 in "
                f"{date_field!r}; {nearest(date_field, {n for case in cases for n in case.truth})}"
            )
    last = max(days, key=days.__getitem__)
    for id, day in asked:
        if day <= days[last]:
            detail = f"{day} is not after {days[last]}, training's last"
            yield Leak("temporal", last, id, detail=detail)


def _answers(evaluation: Cases) -> Iterator[Leak]:
    for case in evaluation:
        told, asked = told_fields(case)
        if told:
            detail = f"states {', '.join(told)} as JSON"
            yield Leak("answer in the input", "", case.id, len(told) / asked, detail)


def _text(case: Case) -> str:
    return collapsed(case.text)
