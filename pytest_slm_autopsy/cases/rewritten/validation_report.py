"""A validation as text of 80 columns: problems, fields, forms, what is not found, the schema."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator
from typing import Final

from pytest_slm_autopsy.cases.rewritten.finding.shown_forms import AS_WRITTEN
from pytest_slm_autopsy.cases.rewritten.validation import Validation
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema

WIDTH: Final = 80
MOST_PROBLEMS: Final = 20
MOST_FORMS: Final = 4
SCHEMA_HEAD: Final = (
    "The schema as it seems to be, to paste and edit (rewrite_suite takes schema=):"
)


def validation_report(found: Validation) -> str:
    """Return the problems by line, a table of fields, and the schema, in at most 80 columns."""
    count = len(found.problems)
    lines = [f"{found.cases} cases, {count or 'no'} problem{'s' * (count != 1)}"]
    for number, text in found.problems[:MOST_PROBLEMS]:
        head = f"  line {number:<6}" if number else "  "
        lines += textwrap.wrap(
            _printed(text), WIDTH, initial_indent=head, subsequent_indent=" " * 13
        )
    if count > MOST_PROBLEMS:
        lines.append(f"  and {count - MOST_PROBLEMS} more; --json lists all")
    if found.instruction:
        told = f"asked as in the file: {found.instruction!r}"
        if not found.instructed:
            told = "no instruction was found in the chats"
        told += "; if the document is another part, say it with --document-pattern"
        lines += ["", *textwrap.wrap(_printed(told), WIDTH, subsequent_indent="  ")]
    if found.schema is None:
        return "\n".join(lines)
    lines += ["", *_fields(found, found.schema)]
    parts = ["", stated(found), *_forms(found), *_absent(found), "", SCHEMA_HEAD, "", found.code]
    return "\n".join([*lines, *parts])


def _fields(found: Validation, schema: DocumentSchema) -> Iterator[str]:
    """Yield a table: what share of each field's values is found, and how often in which way."""
    name = min(20, max(5, *map(len, found.fields)))
    heads = {"found": 8, "exact": 8, "other form": 12, "not found": 11, "null": 7}
    yield f"{'field':<{name}}  {'kind':<10}" + "".join(f"{one:>{heads[one]}}" for one in heads)
    for field, counts in found.fields.items():
        asked = sum(counts.values()) - counts["null"]
        there = f"{100 * (asked - counts['absent']) / asked:.0f} %" if asked else "-"
        row = zip((there, *counts.values()), heads.values(), strict=True)
        cells = "".join(f"{cell:>{width}}" for cell, width in row)
        yield f"{_printed(field)[:name]:<{name}}  {schema.by_name[field].kind:<10}{cells}"


def _forms(found: Validation) -> Iterator[str]:
    """Yield the forms in which the values of each field are printed, where they differ."""
    told = {name: seen for name, seen in found.forms.items() if seen.keys() - {AS_WRITTEN}}
    if told:
        yield from ("", "Printed as (documents):")
    for name, seen in told.items():
        parts = [f"{form} ({number})" for form, number in list(seen.items())[:MOST_FORMS]]
        more = [f"{len(seen) - MOST_FORMS} more"] if len(seen) > MOST_FORMS else []
        text = _printed(f"{name}: {', '.join(parts + more)}")
        yield from textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")


def _absent(found: Validation) -> Iterator[str]:
    """Yield the first values that were not found, one in each line."""
    if found.absent:
        yield ""
        yield "Not found, wrong in the truth or printed in a way that is not known here:"
    for number, name, value in found.absent[:MOST_PROBLEMS]:
        yield f"  line {number:<6}{_printed(f'{name} {value!r}')}"[:WIDTH]
    if (more := len(found.absent) - MOST_PROBLEMS) > 0:
        yield f"  and {more} more; --json lists all"


def stated(found: Validation) -> str:
    """Return a sentence on the share of the true values that stand in the texts."""
    sums = Counter[str]()
    for counts in found.fields.values():
        sums.update(counts)
    asked = sums.total() - sums["null"]
    if not asked:
        return "No truth states a value."
    exact, other = (f"{100 * sums[how] / asked:.0f} %" for how in ("exact", "normalised"))
    return f"Of {asked} true values {exact} stand in the texts exactly, {other} in another form."


def _printed(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
