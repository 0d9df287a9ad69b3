"""Diagnoses as the report shows them."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_slm_autopsy.diagnostics.cure import prescribe
from pytest_slm_autopsy.diagnostics.diagnosis import Diagnosis
from pytest_slm_autopsy.diagnostics.headline import in_words
from pytest_slm_autopsy.diagnostics.inside.inner import InnerEvidence
from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.report.data import DoseCurve, Grid, NamedMeasurement, Why


def why(diagnosis: Diagnosis) -> Why:
    """Return a diagnosis as the report shows it."""
    shares = diagnosis.shares.shares if diagnosis.shares else ()
    return Why(
        diagnosis.model,
        diagnosis.headline,
        diagnosis.reference,
        diagnosis.shifted,
        diagnosis.findings,
        diagnosis.rulings,
        tuple(NamedMeasurement(share.axis, share.cost) for share in shares),
        tuple(NamedMeasurement(cause.words, cause.share) for cause in diagnosis.minimal),
        tuple(DoseCurve(dose.axis, dose.severities, dose.accuracy) for dose in diagnosis.doses),
        diagnosis.asked,
        tuple(grids(diagnosis.inner)) if diagnosis.inner else (),
        tuple(map(in_words, diagnosis.findings)),
        remedy(diagnosis),
    )


def remedy(diagnosis: Diagnosis) -> str:
    """Return what to do in one sentence: a training mixture, or the first finding's cure."""
    try:
        rates = prescribe(diagnosis).rates
    except NoDataError:
        return diagnosis.findings[0].cure if diagnosis.findings else ""
    dose = max(rates.values())
    mixed = ", ".join(axis for axis, rate in rates.items() if rate == dose)
    return (
        f"Train with {mixed} in {dose:.0%} of the documents each; slm-autopsy cure writes the data."
    )


def grids(inner: InnerEvidence) -> Iterator[Grid]:
    """Yield the tables of the inside of a model: attention, attribution, patching, dose."""
    tables = (
        ("Attention of answered values", [(one.condition, one.shares) for one in inner.attention]),
        ("Attribution of wrong answers", [(one.method, one.shares) for one in inner.attribution]),
    )
    for title, rows in tables:
        if rows:
            columns = tuple(m.name.rpartition(" on ")[2] for m in rows[0][1])
            values = tuple(tuple(m.value for m in shares) for _, shares in rows)
            yield Grid(title, tuple(name for name, _ in rows), columns, values)
    if inner.patched:
        values = tuple(tuple(m.value for m in row) for row in inner.patched.recovery)
        layers = tuple(f"after layer {layer}" for layer in range(len(values)))
        title = f"The right answer comes back when the twin's states come in (n={inner.patched.n})"
        yield Grid(title, layers, inner.patched.groups, values)
    if inner.dose:
        scales = tuple(f"{scale:g}" for scale in inner.dose.scales)
        chances = tuple(m.value for m in inner.dose.chance)
        yield Grid("Chance of the right answer by the adapter's scale", ("",), scales, (chances,))
