"""Validation of a file of cases: its problems, and the share of truths that its texts state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import shorten
from typing import Any, Final, get_args

from pytest_slm_autopsy.cases.files import read_case, read_frame, read_lines
from pytest_slm_autopsy.cases.rewritten.finding.location import Found, How, holds, locate_all
from pytest_slm_autopsy.cases.rewritten.finding.shown_forms import shown_forms
from pytest_slm_autopsy.cases.rewritten.finding.votes import Pile
from pytest_slm_autopsy.cases.rewritten.inference import schema_code, schema_of
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.records import DOCUMENT, Case, Value

_DOCUMENT: Final = "[document]"
HOWS: Final[tuple[How, ...]] = get_args(How)


@dataclass(frozen=True)
class Validation:
    """The result of checking a file of cases.

    ``problems`` are sentences by line. ``fields`` counts for each field the values that the text
    states exactly, in another form, or not at all, and those that the truth lacks. ``absent`` lists
    the values that were not found: line, field and value. ``schema`` is inferred, and ``code`` is
    the schema in Python; both are empty where no line is a case. ``instruction`` shows the first
    user's turn of a file of chats, without its document. ``forms`` counts for each field the forms
    in which its values were found: ``DD.MM.YYYY``, ``1.234,50``.
    """

    path: str
    cases: int
    problems: tuple[tuple[int, str], ...]
    fields: Mapping[str, Mapping[How, int]] = field(default_factory=dict)
    schema: DocumentSchema | None = None
    code: str = ""
    absent: tuple[tuple[int, str, Value], ...] = ()
    instruction: str = ""
    forms: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def instructed(self) -> bool:
        """Tell whether the user's turn holds more than its document."""
        return self.instruction not in ("", _DOCUMENT)

    def to_dict(self) -> dict[str, Any]:
        """Return a dict that survives JSON."""
        known = self.schema.by_name if self.schema else {}
        return {
            "ok": not self.problems,
            "cases": self.cases,
            "problems": [{"line": line, "text": text} for line, text in self.problems],
            "fields": {
                name: {
                    "kind": known[name].kind,
                    "label": known[name].label,
                    **counts,
                    "forms": dict(self.forms.get(name, {})),
                }
                for name, counts in self.fields.items()
            },
            "absent": [
                {"line": line, "field": name, "value": value} for line, name, value in self.absent
            ],
            "schema": self.code,
            "instruction": self.instruction,
        }


def validate_cases(path: str | Path, *, document_pattern: str | None = None) -> Validation:
    """Check every line of a file of cases; a broken line does not hide the others.

    ``document_pattern`` is that of ``read_cases``.

    Raises:
        CaseError: the file is missing.
    """
    lines: list[int] = []
    cases: list[Case] = []
    problems: list[tuple[int, str]] = []
    frame = read_frame(path, document_pattern)
    for number, line in read_lines(path):
        try:
            cases.append(read_case(line, "", f"line {number}", frame))
            lines.append(number)
        except CaseError as error:
            problems.append((number, str(error).lstrip(": ")))
    if not cases and not problems:
        problems.append((0, "the file holds no case; write one JSON object a line"))
    pile = Pile.of(cases)
    kinds = pile.kinds
    located = [locate_all(case, kinds, pile.order) for case in cases]
    problems += _in_cases(lines, cases, located, kinds)
    fields = {name: _hows(name, located) for name in kinds}
    problems += _never_found(fields)
    absent = tuple(
        (line, name, case.truth[name])
        for line, case, found in zip(lines, cases, located, strict=True)
        for name, one in found.items()
        if one.how == "absent"
    )
    problems.sort()
    if not fields:
        return Validation(str(path), len(cases), tuple(problems), instruction=_instruction(cases))
    schema = schema_of(cases, kinds, located, Path(path).stem)
    code = schema_code(schema, cases)
    forms = shown_forms(cases, located, kinds, pile.order)
    facts = fields, schema, code, absent, _instruction(cases), forms
    return Validation(str(path), len(cases), tuple(problems), *facts)


def _hows(name: str, located: Sequence[Mapping[str, Found]]) -> dict[How, int]:
    counts = Counter(found[name].how for found in located if name in found)
    return {how: counts[how] for how in HOWS}


def _instruction(cases: Sequence[Case]) -> str:
    asked = next((case.turns[-1][1] for case in cases if case.turns), "")
    return asked.replace(DOCUMENT, _DOCUMENT)


def _never_found(fields: Mapping[str, Mapping[How, int]]) -> Iterator[tuple[int, str]]:
    for name, counts in fields.items():
        if counts["absent"] > 1 and not counts["exact"] + counts["normalised"]:
            yield 0, f"no text states its value of {name!r}, {counts['absent']} of them"


def _in_cases(
    lines: Sequence[int],
    cases: Sequence[Case],
    located: Sequence[Mapping[str, Found]],
    kinds: Mapping[str, str],
) -> Iterator[tuple[int, str]]:
    ids: dict[str, int] = {}
    records: dict[str, int] = {}
    texts: dict[str, int] = {}
    sets = Counter(frozenset(case.truth) for case in cases if case.truth)
    usual = max(sets, key=lambda one: sets[one], default=frozenset[str]())
    for line, case, found in zip(lines, cases, located, strict=True):
        if ids.setdefault(case.id, line) != line:
            yield line, f"has the id {case.id!r} of line {ids[case.id]}; give it another"
        elif records.setdefault(case.cluster, line) != line:
            yield (
                line,
                f"has the record {case.cluster!r} of line {records[case.cluster]}; give it another",
            )
        if not case.text.strip():
            yield line, "has an empty text"
        elif texts.setdefault(case.text, line) != line:
            yield line, f"has the text of line {texts[case.text]}; leave one out"
        yield from ((line, sentence) for sentence in _of_truth(case, found, usual))
        yield from ((line, sentence) for sentence in _of_spans(case, kinds))


def _of_truth(case: Case, found: Mapping[str, Found], usual: Set[str]) -> Iterator[str]:
    if not case.truth:
        yield "has a truth without fields; name what a model should find"
    elif differing := case.truth.keys() ^ usual:
        other = ", ".join(sorted(differing))
        yield f"has not the fields that most cases have: {other} differ; null means missing"
    asked = [one.how for one in found.values() if one.how != "null"]
    if asked and case.text.strip() and set(asked) == {"absent"}:
        number = f"{len(asked)} value{'s' * (len(asked) > 1)}"
        yield f"has a truth of which nothing stands in the text, {number}"


def _of_spans(case: Case, kinds: Mapping[str, str]) -> Iterator[str]:
    for name, span in case.spans.items():
        if name not in case.truth:
            yield f"has a span of {name!r}, which its truth does not have"
            continue
        value = case.truth[name]
        if isinstance(value, str) and not holds(case.text, span, value, kinds[name]):
            there = shorten(case.text[slice(*span)], 40, placeholder="...")
            wrong = "a part of something longer" if value in there else f"not {value!r}"
            yield f"has a span of {name!r} that holds {there!r}, {wrong}"
