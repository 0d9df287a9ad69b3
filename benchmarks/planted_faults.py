"""Plant faults in tiny adapters, diagnose each, and say how often the true cause came first.

``python -m benchmarks.planted_faults [faults|healthy|cures|tables] [name ...]`` examines what has
no result yet and prints the tables; ``tables`` prints alone; without a word, everything is done.
Adapters are trained by ``python -m benchmarks.planted.plans``. Results are kept in
``benchmarks/planted/results.json``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import torch

from benchmarks.planted.cures import Cure, brittle, cure
from benchmarks.planted.patients import Fault, faults, well
from pytest_slm_autopsy.statistics import clopper_pearson

RESULTS: Final = Path(__file__).parent / "planted" / "results.json"
FRESH: Final = 31_000
"""First seed of the suites that the tables report; the rules were made on other seeds."""
HEALTHY_RUNS: Final = 50
"""Runs of each healthy adapter."""


def main(words: Sequence[str]) -> None:
    """Examine what is asked for and has no result yet, then print the tables."""
    torch.set_num_threads(1)
    kinds = [word for word in words if word in ("faults", "healthy", "cures", "tables")]
    names = [word for word in words if word not in kinds]
    for kind, todo in (("faults", _faults), ("healthy", _healthy), ("cures", _cures)):
        if not kinds or kind in kinds:
            for key, result in todo(names):
                _keep(kind, key, result)
    print(tables(_kept()))


def _faults(names: Sequence[str]) -> Iterator[tuple[str, Any]]:
    known = _kept().get("faults", {})
    for fault in faults().values():
        if (
            fault.name not in known
            and (not names or fault.name in names)
            and fault.adapter.is_dir()
        ):
            start = time.monotonic()
            named = fault.examined(FRESH)
            yield fault.name, {"named": named, "seconds": round(time.monotonic() - start)}


def _healthy(names: Sequence[str]) -> Iterator[tuple[str, Any]]:
    known = _kept().get("healthy", {})
    for run in range(HEALTHY_RUNS):
        for name, fault in well().items():
            key = f"{name}, {run}"
            if key not in known and (not names or name in names) and fault.adapter.is_dir():
                yield key, fault.examined(FRESH + 1 + run)


def _cures(names: Sequence[str]) -> Iterator[tuple[str, Any]]:
    known = _kept().get("cures", {})
    for fault, axis in brittle():
        if (
            fault.name not in known
            and (not names or fault.name in names)
            and fault.adapter.is_dir()
        ):
            yield fault.name, asdict(cure(fault, axis, FRESH))


def _kept() -> dict[str, dict[str, Any]]:
    return json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}


def _keep(kind: str, key: str, result: Any) -> None:
    kept = _kept()
    kept.setdefault(kind, {})[key] = result
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n")
    print(f"{kind}: {key}: {result}", flush=True)


def place(fault: Fault, named: Sequence[str]) -> int | None:
    """Return the place of the true cause among the named ones, from 0; ``None`` if absent."""
    hits = (at for at, cause in enumerate(named) if cause.startswith(fault.causes))
    return next(hits, None)


def tables(kept: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the tables of faults, healthy models and cures as Markdown."""
    return "\n\n".join([*_fault_table(kept), *_healthy_table(kept), *_cure_table(kept)]) + "\n"


def _fault_table(kept: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    known = faults()
    found = {n: r["named"] for n, r in kept.get("faults", {}).items() if n in known}
    if not found:
        return
    rows = ["| fault | true cause | named, in order |", "|---|---|---|"]
    places = {name: place(known[name], named) for name, named in found.items()}
    for name, named in found.items():
        at = {0: "first", 1: "second", None: "**absent**"}.get(places[name], "**later**")
        told = "; ".join(named[:3]) or "none"
        rows.append(f"| {name} | {at} | {told} |")
    yield "\n".join(rows)
    first = sum(at == 0 for at in places.values())
    two = sum(at in (0, 1) for at in places.values())
    n = len(places)
    yield f"* true cause first: {_rate(first, n)}\n* in the first two: {_rate(two, n)}"


def _healthy_table(kept: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    found = kept.get("healthy", {})
    if found:
        named = {key: causes for key, causes in found.items() if causes}
        yield f"* a cause named for a healthy model: {_rate(len(named), len(found))}"
        if named:
            yield "\n".join(f"  * {key}: {', '.join(causes)}" for key, causes in named.items())


def _cure_table(kept: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    found = [Cure(**one) for one in kept.get("cures", {}).values()]
    if not found:
        return
    rows = [
        "| fault | before | cured | control | won back | by the control | prescribed |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in found:
        won, control = one.won_back(one.cured), one.won_back(one.control)
        rows.append(
            f"| {one.fault} | {one.before:.2f} of {one.reference:.2f} | {one.cured:.2f} "
            f"| {one.control:.2f} | {won:.2f} | {control:.2f} | {', '.join(one.prescribed)} |"
        )
    yield "\n".join(rows)
    healed = sum(one.won_back(one.cured) >= 0.9 for one in found)
    idle = sum(one.won_back(one.control) < 0.3 for one in found)
    yield (
        f"* at least 0.9 won back: {_rate(healed, len(found))}\n"
        f"* control below 0.3: {_rate(idle, len(found))}\n"
        f"* n = {found[0].n} fresh records a figure"
    )


def _rate(hits: int, n: int) -> str:
    low, high = clopper_pearson(hits, n)
    return f"{hits} of {n} [{low:.2f}, {high:.2f}]"


if __name__ == "__main__":
    main(sys.argv[1:])
