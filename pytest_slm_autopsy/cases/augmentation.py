"""Training documents in a mixture of layouts, without a record of any evaluation suite."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, islice

from pytest_slm_autopsy.cases.drawn.shifts import Mixture
from pytest_slm_autopsy.cases.drawn.suites import stream_cases
from pytest_slm_autopsy.cases.rewritten.suite import rewrite_suite
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.errors import CaseError, ConfigError
from pytest_slm_autopsy.records import CANONICAL, Case

MIXED = "mixed"
ROUNDS = 1_000
"""Most seeds that one document of a user is rewritten by."""


def augment(
    source: DocumentSchema | Sequence[Case],
    mixture: Mixture,
    n: int,
    *,
    seed: int,
    plain: float = 1 / 8,
    without: Iterable[Case] = (),
) -> list[Case]:
    """Return ``n`` training cases, shuffled: a share as they are, the others shifted.

    Args:
        source: a schema that draws records; or the user's own cases, rewritten as often as needed.
        mixture: draws the shift of each document.
        n: number of cases.
        seed: draws records and shifts.
        plain: share of documents that are not shifted.
        without: evaluation cases; nothing shares its record, truth or text with one.

    Raises:
        CaseError: every document is an evaluation case, or none can be rewritten.
        ConfigError: fewer than one case, or a share outside 0 to 1.
    """
    if n < 1 or not 0 <= plain <= 1:
        raise ConfigError(
            f"n is {n} and plain {plain:g}; ask for 1 case or more, a share of 0 to 1"
        )
    kept_apart = _Apart(without)
    as_is = round(n * plain)
    if isinstance(source, DocumentSchema):
        found = [*_drawn(source, {CANONICAL: {}}, as_is, seed, kept_apart)]
        found += _drawn(source, {MIXED: mixture}, n - as_is, seed + 1, kept_apart)
    else:
        found = _rewritten(source, mixture, as_is, n, seed, kept_apart)
    random.Random(seed).shuffle(found)
    return found


class _Apart:
    """Tells whether a case shares record, truth or text with an evaluation case."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self.records, self.truths, self.texts = set[str](), set[str](), set[str]()
        for case in cases:
            self.records.add(case.cluster)
            self.truths.add(_key(case))
            self.texts.add(" ".join(case.text.casefold().split()))

    def __call__(self, case: Case) -> bool:
        return (
            case.cluster not in self.records
            and _key(case) not in self.truths
            and " ".join(case.text.casefold().split()) not in self.texts
        )


def _key(case: Case) -> str:
    return repr(sorted((name, repr(value)) for name, value in case.truth.items()))


def _drawn(
    schema: DocumentSchema, condition: dict[str, Mixture | dict[str, float]], n: int, seed: int,
    apart: _Apart,
) -> Iterator[Case]:  # fmt: skip
    if not n:
        return iter(())
    endless = (case for step in count() for case in stream_cases(schema, n, seed + 7919 * step,
                                                                 condition))  # fmt: skip
    return islice(filter(apart, endless), n)


def _rewritten(
    cases: Sequence[Case], mixture: Mixture, as_is: int, n: int, seed: int, apart: _Apart
) -> list[Case]:
    mine = [case for case in cases if apart(case)]
    if not mine:
        raise CaseError(
            f"all {len(cases)} documents are evaluation cases, so none is left to train on; give "
            "other documents"
        )
    found = [mine[place % len(mine)] for place in range(as_is)]
    for step in range(ROUNDS):
        suite = rewrite_suite(mine, seed + step, {MIXED: mixture})
        found += filter(apart, suite[MIXED])
        if len(found) >= n:
            return found[:n]
    raise CaseError(f"the documents give {len(found)} training cases of {n}; ask for fewer")
