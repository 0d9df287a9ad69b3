"""Gates on the inputs: distribution and leakage, judged before any model is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytest_slm_autopsy.assertions.affirmation import affirm
from pytest_slm_autopsy.measures.inputs.comparison import PERMUTATIONS, Divergence
from pytest_slm_autopsy.measures.inputs.leakage import (
    DEFAULT_KINDS,
    Kind,
    Leak,
    find_leaks,
    share_leaked,
    undated,
)
from pytest_slm_autopsy.measures.inputs.ngrams import Texts
from pytest_slm_autopsy.measures.inputs.two_sample import classifier_two_sample
from pytest_slm_autopsy.records import Case, Measurement, Verdict
from pytest_slm_autopsy.statistics.verdicts import judge

MOST_NAMED = 6


def assert_same_distribution(
    *,
    reference: Texts,
    shifted: Texts,
    at_most: float = 0.6,
    n: int = 2,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    confidence_level: float = 0.95,
) -> Verdict:
    """Assert that a classifier tells two sets of texts apart with an AUC of at most ``at_most``.

    An AUC of 0.5 is chance. The gate judges the AUC's interval: the absence of a found difference
    would prove nothing. 260 texts a side of one distribution prove 0.6 four times in five; fewer
    texts leave the gate undecided. The failure names the n-grams that tell the sets apart. The
    other arguments are those of ``classifier_two_sample``.

    Raises:
        GateFailure: the gate failed, or is undecided.
        NoDataError: less than two different texts (or records) on a side.
        CaseError: texts have twins in the other set; see ``classifier_two_sample``.
        ConfigError: a limit outside 0 to 1, or ``n`` or ``permutations`` below 1.

    Example:
        >>> texts = [f"Total: {i}" for i in range(200)]
        >>> assert_same_distribution(reference=texts[:100], shifted=texts[:100]).outcome
        'passed'
    """
    __tracebackhide__ = True
    told = classifier_two_sample(
        reference=reference,
        shifted=shifted,
        n=n,
        permutations=permutations,
        seed=seed,
        confidence_level=confidence_level,
    )
    return affirm(judge(told.measurement, side="at_most", limit=at_most), note=_told(told))


def assert_divergence(
    *,
    reference: Texts,
    shifted: Texts,
    at_least: float = 0.8,
    n: int = 2,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    confidence_level: float = 0.95,
) -> Verdict:
    """Assert that a classifier tells two sets of texts apart with an AUC of at least ``at_least``.

    The gate proves that a suite of shifts shifts something. An AUC of 0.5 is chance. The arguments
    are those of ``assert_same_distribution``.

    Raises:
        GateFailure: the gate failed, or is undecided.
        NoDataError: less than two different texts (or records) on a side.
        CaseError: texts have twins in the other set; see ``classifier_two_sample``.
        ConfigError: a limit outside 0 to 1, or ``n`` or ``permutations`` below 1.

    Example:
        >>> colons = [f"Total: {i}" for i in range(100)]
        >>> signs = [text.replace(":", " =") for text in colons]
        >>> assert_divergence(reference=colons, shifted=signs).outcome
        'passed'
    """
    __tracebackhide__ = True
    told = classifier_two_sample(
        reference=reference,
        shifted=shifted,
        n=n,
        permutations=permutations,
        seed=seed,
        confidence_level=confidence_level,
    )
    return affirm(judge(told.measurement, side="at_least", limit=at_least), note=_told(told))


def assert_no_leakage(
    *,
    training: Sequence[Case],
    evaluation: Sequence[Case],
    at_most: float = 0.0,
    kinds: Sequence[Kind] = DEFAULT_KINDS,
    date_field: str | None = None,
    similarity: float = 0.8,
) -> Verdict:
    """Assert that training gives away at most the share ``at_most`` of the evaluation cases.

    Both sets are known in full, so this is a census: the share is exact, and its interval has no
    width. The failure names the first six leaks. The other arguments are those of ``find_leaks``.

    Raises:
        GateFailure: more cases leak.
        NoDataError: no cases on a side.
        CaseError: two cases of one id on a side, or no date that can be read.
        ConfigError: an unknown kind, or an argument out of range.

    Example:
        >>> cases = [Case(str(i), f"Total: {i}", {"total": str(i)}) for i in range(9)]
        >>> assert_no_leakage(training=cases[:6], evaluation=cases[6:]).outcome
        'passed'
    """
    __tracebackhide__ = True
    leaks = find_leaks(
        training=training,
        evaluation=evaluation,
        kinds=kinds,
        date_field=date_field,
        similarity=similarity,
    )
    census = _exactly(share_leaked(leaks, evaluation))
    note = _named(leaks)
    if date_field and (missing := undated(evaluation, date_field)):
        note += f"\n  {missing} evaluation cases have no ISO date in {date_field!r}: not judged"
    return affirm(judge(census, side="at_most", limit=at_most), note=note)


def _exactly(share: Measurement) -> Measurement:
    """Return a share of all there is: known without an interval."""
    exact = share.value, share.value
    return replace(
        share, interval=exact, confidence_level=1.0, interval_at=None, interval_with=None
    )


def _told(told: Divergence) -> str:
    by = [f"{t.ngram!r} ({t.reference} : {t.shifted})" for t in told.tokens[:5]]
    apart = f"\n  told apart by (texts with it): {', '.join(by)}" if by else ""
    return f"  {told.line}{apart}"


def _named(leaks: Sequence[Leak]) -> str:
    lines = [
        f"  {leak.evaluation} <- {leak.training or 'itself'} ({leak.kind}, {leak.similarity:.2f})"
        for leak in leaks[:MOST_NAMED]
    ]
    if len(leaks) > MOST_NAMED:
        lines.append(f"  and {len(leaks) - MOST_NAMED} more")
    return "\n".join(lines)
