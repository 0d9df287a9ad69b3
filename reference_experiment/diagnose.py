"""Why each adapter dies: its diagnosis under all four axes together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from pytest_slm_autopsy import diagnose, load_model, predict, read_cases
from pytest_slm_autopsy.diagnostics import Diagnosis, write_diagnoses
from reference_experiment.config import Config
from reference_experiment.data import ALL_FOUR, SCHEMA
from reference_experiment.evaluate import kept_answers


def diagnosed(config: Config, suites: Path, path: Path) -> None:
    """Diagnose narrow and hardened under all four axes, print what kills them, and write it."""
    few = config.records.diagnosis
    reference, shifted = (
        list(read_cases(suites / f"{name}.jsonl"))[:few] for name in ("canonical", ALL_FOUR)
    )
    found = []
    for name in ("narrow", "hardened"):
        model = load_model(config.spec(config.adapter(name)))
        training = list(read_cases(config.runs / "data" / f"{name}.jsonl"))
        with kept_answers(config) as store:
            diagnosis = diagnose(
                model,
                reference,
                shifted,
                schema=SCHEMA,
                training=training,
                ask=partial(predict, model, store=store),
            )
        print("\n".join(in_lines(diagnosis)), flush=True)
        found.append(diagnosis)
    write_diagnoses(path, found)


def in_lines(diagnosis: Diagnosis) -> Iterator[str]:
    """Yield a diagnosis in lines: the headline, each finding with its evidence, the rulings."""
    yield f"\n{diagnosis.headline}"
    for finding in diagnosis.findings:
        low, high = finding.effect.interval
        yield f"  {finding.cause}: {finding.effect.value:.2f} [{low:.2f}, {high:.2f}] of the loss"
        yield from (f"    {line}" for line in finding.evidence)
    for ruling in diagnosis.rulings:
        said = "ruled out" if ruling.ruled_out else "open"
        yield f"  {said}: {ruling.cause} ({ruling.reason})"
