"""Wrong answers as the report shows them: examples of each condition, kinds, confused fields."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pytest_slm_autopsy.diagnostics.diagnosis import Diagnosis
from pytest_slm_autopsy.gathering.curves import confidence_or_none
from pytest_slm_autopsy.measures.counted import Counted
from pytest_slm_autopsy.measures.error_categories import CATEGORIES, categories, field_categories
from pytest_slm_autopsy.measures.token_confidence import probability
from pytest_slm_autopsy.records import Fields, Prediction, Value, legible
from pytest_slm_autopsy.report.data import Confusion, WrongAnswer, WrongKinds

EXAMPLES: Final = 4
"""Examples of one model under one condition, where the page has room."""
MOST: Final = 110
LONGEST: Final = 6_000
"""Characters of a document or an answer that the page shows."""

Groups = Mapping[tuple[str, str], Counted]


def wrong_kinds(model: str, condition: str, group: Counted) -> WrongKinds:
    """Return the number of wrong answers by category and by field.

    Categories come the gravest first, fields the most often wrong first.
    """
    wrong = [row for row in categories(group) if row.category != "right"]
    counts = {row.category: row.count for row in wrong if row.count}
    fields: Counter[str] = Counter()
    for row in wrong:
        fields.update(row.fields)
    return WrongKinds(model, condition, counts, dict(fields.most_common()))


def wrong_answers(groups: Groups, diagnoses: Iterable[Diagnosis] = ()) -> list[WrongAnswer]:
    """Return examples of each model under each condition, the surest first.

    Every condition with a wrong answer has an example, and all have as many as the page has room
    for; the worst condition comes first.
    """
    minimal = {
        (one.model, record): cause.words
        for one in diagnoses
        for cause in one.minimal
        for record in cause.records
    }
    wrong = {
        key: [group[place] for place in sorted(group.wrong, key=lambda at: -_sure(group[at]))]
        for key, group in groups.items()
        if group.wrong
    }
    ordered = sorted(wrong, key=lambda key: -len(wrong[key]) / len(groups[key]))
    each, more = divmod(MOST, max(1, len(ordered)))
    return [
        _example(prediction, key[0], minimal)
        for place, key in enumerate(ordered)
        for prediction in wrong[key][: max(1, min(EXAMPLES, each + (place < more)))]
    ]


def _sure(prediction: Prediction) -> float:
    return confidence_or_none(prediction) or 0.0


def _example(
    prediction: Prediction, model: str, minimal: Mapping[tuple[str, str], str]
) -> WrongAnswer:
    case = prediction.case
    kinds = {name: kind for name, kind in field_categories(prediction).items() if kind != "right"}
    whole = len(case.text) <= LONGEST
    return WrongAnswer(
        model,
        case.condition,
        case.id,
        case.text if whole else f"{case.text[:LONGEST]} ...",
        _shown(case.truth),
        None if prediction.fields is None else _shown(prediction.fields),
        prediction.raw[:LONGEST],
        confidence_or_none(prediction),
        {name: span for name, span in case.spans.items() if whole or span[1] <= LONGEST},
        tuple(_tokens(prediction)),
        kinds,
        min(kinds.values(), key=CATEGORIES.index) if kinds else "extra key",
        case.layout or ", ".join(case.shift),
        minimal.get((prediction.model, case.cluster), ""),
    )


def _tokens(prediction: Prediction) -> Iterator[tuple[int, float]]:
    """Yield the end of each token in the answer, and its probability."""
    if prediction.logprobs is None or prediction.token_ends is None:
        return
    for end, logprob in zip(prediction.token_ends, prediction.logprobs, strict=False):
        if end > LONGEST:
            return
        yield end, round(probability(logprob), 4)


def confusion(groups: Groups) -> Iterator[Confusion]:
    """Yield for each model which field's true value stands in a field that was answered wrongly."""
    models = dict.fromkeys(model for model, _ in groups)
    for model in models:
        wrong = [p for (name, _), group in groups.items() if name == model
                 for p in group.wrong.values() if p.fields is not None]  # fmt: skip
        fields = list(dict.fromkeys(name for p in wrong for name in p.case.truth))
        if not fields:
            continue
        counts: Counter[tuple[str, str]] = Counter()
        for prediction in wrong:
            counts.update(_given(prediction))
        columns = (*fields, *(name for name in _OTHERS if any(key[1] == name for key in counts)))
        rows = tuple(tuple(counts[asked, given] for given in columns) for asked in fields)
        yield Confusion(model, tuple(fields), columns, rows)


_OTHERS: Final = ("another value", "nothing", "something invented")


def _given(prediction: Prediction) -> Iterator[tuple[str, str]]:
    """Yield each wrong field, and the field whose true value it was given."""
    truth, answer = prediction.case.truth, prediction.fields or {}
    for name, value in truth.items():
        given = answer.get(name)
        if legible(given) == legible(value):
            continue
        if given is None or given == "":
            yield name, "nothing"
        else:
            owner = _owner(given, truth)
            missing = "something invented" if value is None else "another value"
            yield name, owner or missing


def _owner(given: Value, truth: Fields) -> str:
    return next((name for name, value in truth.items() if legible(value) == legible(given)), "")


def _shown(fields: Fields) -> dict[str, str | None]:
    """Return fields as text; the rows of a table as JSON."""
    return {
        name: value if value is None or isinstance(value, str) else json.dumps(value)
        for name, value in fields.items()
    }
