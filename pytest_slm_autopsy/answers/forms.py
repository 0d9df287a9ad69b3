"""Forms of answers: how training writes a truth, and how a model's text is read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final, Protocol, runtime_checkable

from pytest_slm_autopsy.answers.parser import Parsed, parse
from pytest_slm_autopsy.answers.reasoning import UNENDED, Span, next_turn, reasoned
from pytest_slm_autopsy.errors import CaseError, ConfigError, nearest
from pytest_slm_autopsy.records import Fields


def compact(value: object, *, default: Callable[[Any], Any] | None = None) -> str:
    """Return a value as compact JSON, as training writes it; ``default`` is that of ``json``."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=default)


@runtime_checkable
class AnswerForm(Protocol):
    """The interface of a form of answers."""

    @property
    def form(self) -> str:
        """Return the name of the form."""
        ...

    def write(self, truth: Fields) -> str:
        """Return the right answer as training writes it.

        Raises:
            CaseError: the truth has no such form.
        """
        ...

    def read(self, raw: str) -> Parsed:
        """Return the fields that a model's text states."""
        ...


@dataclass(frozen=True, slots=True)
class JsonAnswer:
    """One JSON object that holds all fields; ``parse`` reads it."""

    form: str = field(default="json", init=False)

    def write(self, truth: Fields) -> str:
        """Return the truth as compact JSON."""
        return compact(dict(truth))

    def read(self, raw: str) -> Parsed:
        """Return the fields of the JSON object in ``raw``."""
        return parse(raw)


@dataclass(frozen=True, slots=True)
class LabelAnswer:
    """One of some labels as plain text: the answer of a classifier.

    Case and marks around a label do not matter. JSON that states the field is read, too. Among
    other words a label counts at the end of a sentence that denies nothing, if it is the only one.

    Args:
        labels: all labels, at least two.
        name: the one field of every truth.

    Raises:
        ConfigError: less than two labels, two that differ in case or marks only, or an empty one.

    Example:
        >>> form = LabelAnswer(("invoice", "reminder"))
        >>> form.read("Reminder.").fields
        {'label': 'reminder'}
        >>> form.read("It is an invoice or a reminder").problem
        'it names 2 labels: invoice, reminder'
    """

    labels: tuple[str, ...]
    name: str = "label"
    form: str = field(default="label", init=False)

    def __post_init__(self) -> None:
        given: Any = self.labels
        if isinstance(given, str) or not all(isinstance(one, str) for one in given):
            raise ConfigError(f"labels is {given!r:.60}; give a tuple of texts")
        object.__setattr__(self, "labels", tuple(given))
        bare = {_bare(label).casefold() for label in self.labels} - {""}
        if len(bare) < max(2, len(self.labels)):
            raise ConfigError(
                f"the labels {', '.join(map(repr, self.labels)) or '()'} cannot be told apart; "
                "give at least two that differ in more than case and marks"
            )

    def write(self, truth: Fields) -> str:
        """Return the label alone."""
        label = _alone(truth, self)
        if label not in self.labels:
            raise CaseError(f"{label!r} is none of the labels; {nearest(label, self.labels)}")
        return label

    def read(self, raw: str) -> Parsed:
        """Return the label that ``raw`` names."""
        return _read(raw, self, self._label, self._labels, f"none of {', '.join(self.labels)}")

    def _label(self, text: str) -> str | None:
        folded = text.casefold()
        return next((one for one in self.labels if _bare(one).casefold() == folded), None)

    def _labels(self, text: str) -> dict[str, Span]:
        """Return the labels that end a sentence of a text, in order, each with a place."""
        found: dict[str, Span] = {}
        for label in sorted(self.labels, key=len, reverse=True):
            # A single letter is a word of many languages, unless it is written as the label is.
            case = re.NOFLAG if len(label) == 1 else re.IGNORECASE
            word = re.compile(rf"(?<![\w-]){re.escape(label)}(?![\w-])", case)
            ends = (at for at in word.finditer(text) if _END.match(text, at.end()))
            if (first := next(ends, None)) is None:
                continue
            if (stated := _undenied(text, chain([first], ends))) is not None:
                found[label] = stated
            text = word.sub(lambda seen: "\0" * len(seen.group()), text)
        return dict(sorted(found.items(), key=lambda entry: entry[1]))


@dataclass(frozen=True, slots=True)
class NumberAnswer:
    """One number as plain text, such as a probability; it is kept as it is written.

    Args:
        name: the one field of every truth.

    Example:
        >>> NumberAnswer().read("The risk is 0.35.").fields
        {'number': '0.35'}
    """

    name: str = "number"
    form: str = field(default="number", init=False)

    def write(self, truth: Fields) -> str:
        """Return the number alone."""
        number = _alone(truth, self)
        if not _NUMBER.fullmatch(number):
            raise CaseError(f"the truth {number!r} is no number; write it as the model should")
        return number

    def read(self, raw: str) -> Parsed:
        """Return the number that ``raw`` states."""
        return _read(raw, self, _whole_number, _numbers, "no number")


_END: Final = re.compile(r"[\"'`*_)\]\s]*(?:[.!;,?]|$|\n|\bor\b|\band\b)")
_MARK: Final = re.compile(r"[.!?\n]")
_DENIED: Final = re.compile(
    r"\b(?:not|no|never|nor|neither|cannot|without|unsure|unclear|missing)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(
    r"(?<![\w.,])(?:[-+\u2212]\s?)?"
    r"(?:\d{1,3}(?:(?P<mark>[.,'\u2019 \u00a0\u202f])\d{3})(?:(?P=mark)\d{3})*(?:[.,]\d+)?"
    r"|\d+(?:[.,]\d+)?|[.,]\d+)(?:[eE][-+]?\d+)?(?:\s?%)?(?!\w|[.,]+\d)"
)
MOST_NAMED: Final = 100
"""Values of one answer that are told apart: a loop may write millions."""
_AROUND: Final = " \t\r\n\"'`*_!:"
_FORMS: Final[Mapping[str, type]] = {
    "json": JsonAnswer,
    "label": LabelAnswer,
    "number": NumberAnswer,
}


def sound_form(form: Any) -> AnswerForm:
    """Return ``form``, if it is one.

    Raises:
        ConfigError: it is something else, such as the class of a form.
    """
    if isinstance(form, type) or not isinstance(form, AnswerForm):
        raise ConfigError(
            f"{form!r:.60} is no form of answers; use JsonAnswer(), LabelAnswer(labels) or "
            "NumberAnswer()"
        )
    return form


def form_asked(model: object) -> AnswerForm:
    """Return the form in which a model answers: JSON, unless its ``answer_form`` says otherwise."""
    return getattr(model, "answer_form", None) or JsonAnswer()


def form_of(plain: Mapping[str, Any]) -> AnswerForm:
    """Return the form that ``dataclasses.asdict`` wrote as a mapping.

    Raises:
        ConfigError: an unknown form, or settings of another.
    """
    settings = {name: value for name, value in plain.items() if name != "form"}
    name = plain.get("form", "json")
    if name not in _FORMS:
        raise ConfigError(f"unknown form of answers {name!r}; {nearest(str(name), _FORMS)}")
    try:
        made: AnswerForm = _FORMS[name](**settings)
        return made
    except TypeError as error:
        raise ConfigError(f"an answer of the form {name!r} has other settings: {error}") from None


def _alone(truth: Fields, form: LabelAnswer | NumberAnswer) -> str:
    value = truth.get(form.name)
    if list(truth) != [form.name] or not isinstance(value, str):
        raise CaseError(
            f"a {form.form} is one field, {form.name!r}, and this case asks for "
            f"{', '.join(map(repr, truth)) or 'none'}; name it in the form, or answer in JSON"
        )
    return value


def _read(
    raw: str, form: LabelAnswer | NumberAnswer, whole: Any, within: Any, nothing: str
) -> Parsed:
    """Return the one value of a text: the whole of it, in JSON, or among other words."""
    place = reasoned(raw)
    if place is None:
        return Parsed(None, UNENDED, "failed")
    text = raw[slice(*place)]
    text = text[: next_turn(text)]
    bare = _bare(text)
    if (value := whole(bare)) is not None:
        start = place[0] + text.find(bare)
        clean = bare == raw.strip()
        return Parsed(
            {form.name: value},
            "",
            "strict" if clean else "extracted",
            None if clean else (start, start + len(bare)),
        )
    parsed = parse(text)
    stated = (parsed.fields or {}).get(form.name)
    if isinstance(stated, str) and (value := whole(_bare(stated))) is not None:
        return Parsed({form.name: value}, "", "extracted", _shifted(parsed.span, place[0]))
    found = within(text)
    if len(found) == 1:
        [(value, (start, end))] = found.items()
        return Parsed({form.name: value}, "", "extracted", (place[0] + start, place[0] + end))
    if found:
        names = ", ".join(found)
        more = " or more" if len(found) == MOST_NAMED else ""
        return Parsed(None, f"it names {len(found)}{more} {form.form}s: {names:.80}", "failed")
    return Parsed(None, f"{bare[:60]!r} is {nothing}"[:240], "failed")


def _undenied(text: str, places: Iterable[re.Match[str]]) -> Span | None:
    """Return the first of the places before which its sentence denies nothing.

    Each sentence is looked at once: an answer that loops names one label thousands of times.
    """
    marks = _MARK.finditer(text)
    mark, start, denied = next(marks, None), 0, -1
    for place in places:
        while mark and mark.end() <= place.start():
            start, mark = mark.end(), next(marks, None)
        if start == denied:
            continue
        if not _DENIED.search(text, start, place.start()):
            return place.span()
        denied = start
    return None


def _bare(text: str) -> str:
    """Return a text without quotes and marks around it."""
    return text.strip(_AROUND).rstrip("." + _AROUND)


def _shifted(span: Span | None, by: int) -> Span | None:
    return span and (span[0] + by, span[1] + by)


def _whole_number(text: str) -> str | None:
    return text if _NUMBER.fullmatch(text) else None


def _numbers(text: str) -> dict[str, Span]:
    """Return the first ``MOST_NAMED`` numbers of a text, each with the last place seen."""
    found: dict[str, Span] = {}
    for number in _NUMBER.finditer(text):
        found[number.group()] = number.span()
        if len(found) == MOST_NAMED:
            break
    return found
