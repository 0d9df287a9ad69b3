"""Measure rewrites of documents: how many each axis reaches, what readers object to, and the pace.

``python -m benchmarks.bench_rewrites [cases.jsonl ...]``: without files, documents made for the
tests; a file holds a case a line, or a sample with ``fields``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pytest_slm_autopsy.cases.choices import SeededChoices
from pytest_slm_autopsy.cases.rewritten.page import Page, Refused
from pytest_slm_autopsy.cases.rewritten.rewrites import REWRITES, open_page, pile_of, turn
from pytest_slm_autopsy.records import Case
from tests.cases.rewritten.made_documents import made
from tests.cases.rewritten.order_reader import order_faults
from tests.cases.rewritten.rewrite_reader import violations

SEEDS = 5
KINDS = ("receipt", "invoice", "statement")


def main(paths: Sequence[str]) -> None:
    """Print a table of reach and violations, and documents a second, of each set."""
    sets = {Path(path).stem: read(path) for path in paths} or {k: made(k, 200) for k in KINDS}
    print("| documents | axis | reached | rewrites | violations |\n|---|---|---|---|---|")
    for name, cases in sets.items():
        start = time.process_time()
        pile = pile_of(cases)
        pages = [open_page(case, pile) for case in cases]
        opened = time.process_time() - start
        for axis in REWRITES:
            print(f"| {name} | `{axis}` | {' | '.join(measured(cases, pages, axis))} |")
        spent = time.process_time() - start
        print(f"{len(cases) / opened:,.0f} documents/s read; all in {spent:.1f} s of a processor")


def read(path: str) -> list[Case]:
    """Return the documents of a file, of which ``fields`` may stand for the truth."""
    lines = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    return [Case(one["id"], one["text"], one.get("truth") or one["fields"]) for one in lines]


def measured(cases: Sequence[Case], pages: Sequence[Page], axis: str) -> Iterator[str]:
    """Yield the share of documents reached, the number of rewrites, and that of violations."""
    reached = checked = wrong = 0
    for case, page in zip(cases, pages, strict=True):
        before = replace(case, spans=page.spans)
        found = list(rewritten(before, page, axis))
        reached += bool(found)
        checked += len(found)
        for after in found:
            faults = violations(before, after)
            wrong += bool(faults + (order_faults(before, after) if axis == "order" else []))
    yield from (f"{reached} of {len(cases)}", f"{checked:,}", str(wrong))


def rewritten(case: Case, page: Page, axis: str) -> Iterator[Case]:
    """Yield the rewrites of a document under some seeds."""
    for seed in range(SEEDS):
        try:
            turned = turn(page, {axis: 1.0}, SeededChoices(f"{case.id}/{seed}"))
        except Refused:
            return
        answers, shift = turned.answers(case.truth), {axis: 1.0}
        yield replace(case, text=turned.text, spans=turned.spans, truth=answers, shift=shift)


if __name__ == "__main__":
    main(sys.argv[1:])
