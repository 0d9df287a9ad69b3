"""How like real documents the cases of a profile are, and how fast a profile is learnt.

``python benchmarks/bench_profiles.py FILE`` compares; FILE holds JSON lines, each with a ``text``
and a ``group``: documents of one group state the same invoice. Till receipts are made up. Half of
the groups are learnt, and drawn cases are compared with the other half.

``python benchmarks/bench_profiles.py --speed FILE`` times.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median

from made_receipts import receipts

from pytest_slm_autopsy import INVOICE, Case, DocumentSchema, draw_suite
from pytest_slm_autopsy.cases import RECEIPT, default_conditions, learn_profile
from pytest_slm_autopsy.measures import format_two_sample, profile_divergence

DRAWN = 200
SPLITS = (201, 202, 203, 204, 205)  # what was looked at while this was made has other seeds
SHOPS, EACH = 60, 5
SCANNED = RECEIPT.select(vendor="company", date="date", address="address", total="total")
LINES = 100


def grouped(path: Path) -> list[Case]:
    """Return the documents of a file, each with its group as its record."""
    read = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [Case("", one["text"], {}, record=one["group"]) for one in read]


def made(seed: str) -> list[Case]:
    """Return receipts that were made up, each with its shop as its record."""
    return [Case("", text, {}, record=shop) for shop, text, _ in receipts(SHOPS, EACH, seed)]


def halves(documents: Sequence[Case], seed: int) -> tuple[list[Case], list[Case]]:
    """Return two halves of the documents; each group is in one of them."""
    groups = sorted({one.record for one in documents})
    random.Random(seed).shuffle(groups)
    learnt: set[str] = set()
    for group in groups:
        size = sum(one.record in {*learnt, group} for one in documents)
        if 2 * size <= len(documents) + 1:
            learnt.add(group)
    sides: tuple[list[Case], list[Case]] = ([], [])
    for one in documents:
        sides[one.record not in learnt].append(one)
    return sides


def compared(
    name: str, documents: Sequence[Case], schema: DocumentSchema, seeds: Iterable[int]
) -> None:
    """Print how far the drawn and the real halves are from the real documents kept back."""
    print(f"{name}: {len(documents)} documents")
    ratios = []
    for seed in seeds:
        learnt, others = halves(documents, seed)
        mixture = learn_profile([one.text for one in learnt], schema=schema).mixture
        drawn = draw_suite(schema, DRAWN, seed, default_conditions(schema, mixture)).production
        usual = draw_suite(schema, DRAWN, seed).production
        sides = {"real half": learnt, "drawn": drawn, "default": usual}
        told = {side: format_two_sample(cases, others, permutations=9, seed=seed)
                for side, cases in sides.items()}  # fmt: skip
        far = {side: profile_divergence(cases, others, permutations=9).value
               for side, cases in sides.items()}  # fmt: skip
        ratios.append(far["drawn"] / far["real half"])
        print(f"  split {seed}: {len(learnt)} learnt, {len(others)} kept back")
        for side, auc in told.items():
            low, high = auc.measurement.interval or (0.0, 1.0)
            print(f"    {side:<10} AUC {auc.value:.2f} [{low:.2f}, {high:.2f}]"
                  f"   divergence {far[side]:.3f}")  # fmt: skip
    print(f"  divergence of drawn / of a real half: {median(ratios):.2f} (median)")


def long_documents(documents: Sequence[Case], n: int, seed: str = "speed") -> Iterator[str]:
    """Yield documents of a hundred lines, half of their digits drawn anew."""
    rng = random.Random(seed)
    texts = [one.text.split("\n") for one in documents]
    for _ in range(n):
        lines = list(rng.choice(texts))
        while len(lines) < LINES:
            lines += rng.choice(texts)
        text = "\n".join(lines[:LINES])
        yield "".join(
            str(rng.randrange(10)) if sign.isdigit() and rng.random() < 0.5 else sign
            for sign in text
        )


def timed(documents: Sequence[Case]) -> None:
    """Print the seconds that profiles of growing piles take, and of one growing document."""
    for n in (100, 1_000, 10_000):
        texts = list(long_documents(documents, n))
        print(f"  {n:>6} documents of {LINES} lines: {seconds(texts)}")
    whole = "\n".join(long_documents(documents, 300))
    for size in (250_000, 500_000, 1_000_000):
        print(f"  one document of {size:>9,} characters: {seconds([whole[:size]])}")


def seconds(texts: Sequence[str]) -> str:
    """Return the seconds that a profile takes, and those of a processor."""
    start, used = time.perf_counter(), time.process_time()
    learn_profile(texts)
    return f"{time.perf_counter() - start:.1f} s, {time.process_time() - used:.1f} s of a processor"


def main(*arguments: str) -> None:
    """Print what the arguments ask for."""
    documents = grouped(Path(arguments[-1]))
    if "--speed" in arguments:
        timed(documents)
        return
    compared("e-invoices", documents, INVOICE, SPLITS)
    compared("receipts, made up", made("kept back"), SCANNED, SPLITS[:3])


if __name__ == "__main__":
    main(*sys.argv[1:])
