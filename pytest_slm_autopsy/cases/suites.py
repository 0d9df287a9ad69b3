"""Seeded suites: the same records written canonically and under each shift, paired by record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, Final

from pytest_slm_autopsy.cases.choices import Choices, SeededChoices
from pytest_slm_autopsy.cases.layout import canonical, write
from pytest_slm_autopsy.cases.schema import DocumentSchema
from pytest_slm_autopsy.cases.shifts import AXES, Shift, applicable, shifted
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.records import Case

ALL_AXES: Final = "all axes"


@dataclass(frozen=True)
class Suite:
    """Cases by condition; the record of every shifted case is among the reference cases."""

    conditions: Mapping[str, tuple[Case, ...]] = field(repr=False)

    @property
    def reference(self) -> tuple[Case, ...]:
        """Cases distributed like the training data."""
        return self.conditions["canonical"]

    @property
    def production(self) -> tuple[Case, ...]:
        """Cases under all axes at once."""
        return self.conditions[ALL_AXES]

    @property
    def digest(self) -> str:
        """A hash of every case, to see that two runs asked the same."""
        lines = (
            json.dumps(case.to_dict(), sort_keys=True) for case in chain(*self.conditions.values())
        )
        return sha256("\n".join(lines).encode()).hexdigest()[:16]


def draw_case(
    schema: DocumentSchema,
    record: Mapping[str, str],
    shift: Shift,
    choices: Choices,
    /,
    **named: str,
) -> Case:
    """Write one record under ``shift``; what the layout leaves out is ``None`` in the truth.

    ``named`` are fields of the case: id, record, condition, source.
    """
    layout = shifted(canonical(schema), schema, shift, choices)
    document = write(record, layout, schema)
    truth = {name: record[name] if name in layout.order else None for name in schema.names}
    shift = {axis: shift[axis] for axis in AXES if axis in shift}
    named = {"id": "case", "condition": " + ".join(shift) or "canonical", **named}
    return Case(text=document.text, truth=truth, shift=shift, spans=document.spans, **named)


def default_conditions(schema: DocumentSchema) -> dict[str, Shift]:
    """Canonical, each axis alone, all axes together; each at full severity."""
    axes = applicable(schema)
    alone = {name: {name: 1.0} for name in axes}
    return {"canonical": {}, **alone, ALL_AXES: dict.fromkeys(axes, 1.0)}


def draw_suite(
    schema: DocumentSchema,
    n: int,
    seed: int,
    conditions: Mapping[str, Shift] | None = None,
) -> Suite:
    """``n`` records, each written under every condition; the same seed gives the same suite."""
    if n < 1:
        raise CaseError(f"a suite of {n} cases proves nothing; ask for at least 1")
    if conditions is None:
        conditions = default_conditions(schema)
    cases: dict[str, list[Case]] = {name: [] for name in conditions}
    for number in range(n):
        record_id = f"{schema.name}-{seed}-{number:04}"
        record = schema.draw(SeededChoices(record_id))
        for name, shift in conditions.items():
            id = f"{record_id}/{name}"
            named = {"id": id, "record": record_id, "condition": name, "source": f"seed {seed}"}
            cases[name].append(draw_case(schema, record, shift, SeededChoices(id), **named))
    return Suite({name: tuple(drawn) for name, drawn in cases.items()})


def write_cases(path: Path, cases: Iterable[Case]) -> None:
    """Write cases as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for case in cases:
            file.write(json.dumps(case.to_dict(), ensure_ascii=False) + "\n")


def read_cases(path: Path) -> Iterator[Case]:
    """Read JSON lines, one case at a time.

    Raises:
        CaseError: the file is missing or empty, a line is broken, or a case lacks a key; the
            text names the line.
    """
    if not path.is_file():
        raise CaseError(f"no case file at {path}; give the path of a JSON-lines file")
    found = False
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                found = True
                yield _read_case(line, f"{path}, line {number}")
    if not found:
        raise CaseError(f"{path} holds no case; write one JSON object a line")


def _read_case(line: bytes, where: str) -> Case:
    try:
        data = json.loads(line.decode("utf-8").rstrip())
    except json.JSONDecodeError as error:
        raise CaseError(f"{where} is not JSON: {error.msg} at column {error.colno}") from None
    except UnicodeDecodeError as error:
        raise CaseError(f"{where} is not UTF-8: {error.reason}; save the file as UTF-8") from None
    except RecursionError:
        raise CaseError(f"{where} is nested too deeply for a case") from None
    if not isinstance(data, dict):
        raise CaseError(f"{where} is not a JSON object; write one case, in braces, a line")
    _check_case(data, where)
    try:
        return Case.from_dict(data)
    except (TypeError, ValueError, AttributeError) as error:
        raise CaseError(f"{where} is not a case: {error}") from None


def _check_case(data: Mapping[str, Any], where: str) -> None:
    if lacking := [key for key in ("id", "text", "truth") if key not in data]:
        raise CaseError(f"{where} lacks {', '.join(lacking)}; a case needs id, text and truth")
    if not isinstance(data["text"], str):
        raise CaseError(f"{where}: text is not a text; put the document in quotes")
    if not isinstance(data["truth"], dict):
        raise CaseError(f"{where}: truth is not an object; write fields and values, in braces")
    for name, value in data["truth"].items():
        if not (value is None or isinstance(value, str)):
            raise CaseError(f"{where}: the truth of {name!r} is neither text nor null; quote it")
