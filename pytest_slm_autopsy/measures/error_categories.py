"""Categories of wrong answers: every answer gets exactly one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_slm_autopsy.measures.counted import Counted, counted, rate
from pytest_slm_autopsy.measures.kinds import known_kinds
from pytest_slm_autopsy.notation.kinds import states_nothing
from pytest_slm_autopsy.notation.meaning import same_meaning
from pytest_slm_autopsy.notation.text import collapsed
from pytest_slm_autopsy.records import Measurement, Prediction, Value, legible

CATEGORIES: Final = (
    "unreadable", "extra key", "hallucinated", "swapped", "other value", "near miss", "truncated",
    "omitted", "other form", "other case or spacing", "right",
)  # fmt: skip
"""Names of the categories, the gravest first; a document takes that of its gravest field."""

_GRAVITY: Final = {category: place for place, category in enumerate(CATEGORIES)}
_AS_MEANT: Final = frozenset({"right", "other case or spacing", "other form"})
_MOST_EDITS: Final = 3
_FEWEST_TRUNCATED: Final = 2

Kinds = Mapping[str, str]
"""Field name to kind: text, code, date, money, ..."""


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """One row of the table: a category's number of documents, their share, and values by field."""

    category: str
    count: int
    share: Measurement
    fields: Mapping[str, int]


def categorise(prediction: Prediction, kinds: Kinds | None = None) -> str:
    """Return the category of an answer: ``right``, or the gravest thing that is wrong with it.

    Raises:
        ConfigError: a kind that does not exist, or of a field that the case does not ask for.

    Example:
        >>> from pytest_slm_autopsy import Case, Prediction
        >>> case = Case("1", "", {"total": "9.50", "sort": "ASC"})
        >>> categorise(Prediction(case, "m", "", {"total": "9.50", "sort": "asc"}))
        'other case or spacing'
        >>> comma = Prediction(case, "m", "", {"total": "9,5", "sort": "ASC"})
        >>> categorise(comma, {"total": "money"})
        'other form'
    """
    return _gravest(prediction, field_categories(prediction, known_kinds(kinds, [prediction])))


def field_categories(prediction: Prediction, kinds: Kinds | None = None) -> dict[str, str]:
    """Return the category of each asked field.

    * ``unreadable``: the whole answer could not be read;
    * ``omitted``: the field is missing, or is null, empty or ``N/A`` where the truth states a
      value;
    * ``hallucinated``: the answer states a value where the truth states none;
    * ``other case or spacing``, ``other form``: the same text, amount or day, written otherwise;
    * ``swapped``: the true value of another field;
    * ``truncated``: a beginning of the truth, of at least two characters;
    * ``near miss``: few edits from a truth of at least three characters: at most one character
      lost, put or changed for every eight begun, and at most three;
    * ``other value``: none of these.
    """
    if prediction.fields is None:
        return dict.fromkeys(prediction.case.truth, "unreadable")
    if prediction.fields == prediction.case.truth:
        return dict.fromkeys(prediction.case.truth, "right")
    return {name: _category(name, prediction, kinds or {}) for name in prediction.case.truth}


def categories(
    predictions: Sequence[Prediction],
    kinds: Kinds | None = None,
    *,
    confidence_level: float = 0.95,
) -> list[CategoryRow]:
    """Return a table of all answers: a row for every category, the gravest first.

    The counts of the rows add up to all answers. ``kinds`` maps a field's name to its kind, to
    recognise values that are the same but written otherwise.

    Raises:
        NoDataError: there are no predictions, or all are of ambiguous cases.
        ConfigError: a kind that does not exist, or of a field that no case asks for.
    """
    predictions = counted(predictions)
    kinds = known_kinds(kinds, predictions)
    documents = []
    values: dict[str, Counter[str]] = {category: Counter() for category in CATEGORIES}
    all_right: Counter[tuple[str, ...]] = Counter()  # saves a look at the fields of most answers
    of_wrong = _of_wrong(predictions, kinds)
    for place, prediction in enumerate(predictions):
        if place not in of_wrong:
            documents.append("right")
            all_right[tuple(prediction.case.truth)] += 1
            continue
        found = of_wrong[place]
        documents.append(_gravest(prediction, found))
        for name, category in found.items():
            values[category][name] += 1
    for names, count in all_right.items():
        values["right"].update(dict.fromkeys(names, count))
    rows = []
    for category in CATEGORIES:
        outcomes = [document == category for document in documents]
        share = rate(category, outcomes, predictions, confidence_level)
        rows.append(CategoryRow(category, sum(outcomes), share, dict(values[category])))
    return rows


def normalised_match(
    predictions: Sequence[Prediction],
    kinds: Kinds | None = None,
    *,
    confidence_level: float = 0.95,
) -> Measurement:
    """Return the share of documents that are right as meant.

    Such a document has every asked key and no other, and every value is right but for its case,
    spacing or form. ``exact_match`` is the verbatim twin of this number.

    Raises:
        NoDataError: there are no predictions, or all are of ambiguous cases.
        ConfigError: a kind that does not exist, or of a field that no case asks for.
    """
    predictions = counted(predictions)
    kinds = known_kinds(kinds, predictions)
    of_wrong = _of_wrong(predictions, kinds)
    meant = [
        place not in of_wrong or _gravest(p, of_wrong[place]) in _AS_MEANT
        for place, p in enumerate(predictions)
    ]
    return rate("normalised match", meant, predictions, confidence_level)


def _of_wrong(predictions: Counted, kinds: Kinds) -> dict[int, dict[str, str]]:
    """Return the categories of the fields of each wrong answer, by its place."""
    return predictions.once(
        ("categories", frozenset(kinds.items())),
        lambda: {place: field_categories(p, kinds) for place, p in predictions.wrong.items()},
    )


def blank(truth: Value) -> bool:
    """Tell whether a truth states nothing: null, or empty."""
    return not (truth.strip() if isinstance(truth, str) else truth)


def declines(answer: Value) -> bool:
    """Tell whether an answer says that a value is absent: null, empty, or words such as ``N/A``."""
    return states_nothing(answer) if isinstance(answer, str) else not answer


def _gravest(prediction: Prediction, found: Mapping[str, str]) -> str:
    if prediction.fields is None:
        return "unreadable"
    if prediction.fields.keys() - prediction.case.truth.keys():
        return "extra key"
    return min(found.values(), key=_GRAVITY.__getitem__, default="right")


def _category(name: str, prediction: Prediction, kinds: Kinds) -> str:
    fields, truth = prediction.fields or {}, prediction.case.truth[name]
    if name not in fields:
        return "omitted"
    answer = fields[name]
    if answer == truth or legible(answer) == legible(truth):
        return "right"
    if _collapsed(answer) == _collapsed(truth):
        return "other case or spacing"
    if blank(truth):
        return "other form" if declines(answer) else "hallucinated"
    if declines(answer):
        return "omitted"
    if same_meaning(truth, answer, kinds.get(name, "text")):
        return "other form"
    others = ((other, value) for other, value in prediction.case.truth.items() if other != name)
    if any(same_meaning(value, answer, kinds.get(other, "text")) for other, value in others):
        return "swapped"
    return _likeness(truth, answer)


def _collapsed(value: Value) -> object:
    """Return a value in which case and white space make no difference."""
    if isinstance(value, str):
        return collapsed(value)
    return None if value is None else [{k: collapsed(row[k]) for k in row} for row in value]


def _likeness(truth: Value, answer: Value) -> str:
    whole, part = _written(truth), _written(answer)
    if _FEWEST_TRUNCATED <= len(part) < len(whole) and whole.startswith(part):
        return "truncated"
    edits = min(_MOST_EDITS, -(-len(whole) // 8))
    return "near miss" if len(whole) > 2 and _within(whole, part, edits) else "other value"


def _within(one: str, other: str, edits: int) -> bool:
    """Tell whether at most ``edits`` characters lost, put or changed turn one text into the other.

    The distance is Levenshtein's (1966).
    """
    shorter = min(len(one), len(other))
    alike = next((i for i in range(shorter) if one[i] != other[i]), shorter)
    one, other = one[alike:], other[alike:]
    if not (edits and one and other):
        return max(len(one), len(other)) <= edits
    if abs(len(one) - len(other)) > edits:
        return False
    steps = ((1, 1), (1, 0), (0, 1))
    return any(_within(one[lost:], other[put:], edits - 1) for lost, put in steps)


def _written(value: Value) -> str:
    if isinstance(value, str):
        return str(legible(value))
    return "\n".join(f"{key}={legible(row[key])}" for row in value or () for key in sorted(row))
