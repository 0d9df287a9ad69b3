"""The command ``slm-autopsy cure``: which training data heal what a diagnosis found?"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from pytest_slm_autopsy.commands.schema import add_schema
from pytest_slm_autopsy.errors import visible


def add(commands: Any) -> None:
    """Declare the command."""
    cure = commands.add_parser(
        "cure",
        help="which training data heal what a diagnosis found?",
        description="Writes training documents in the mixture of shifts that a diagnosis "
        "prescribes, drawn from a schema or rewritten from your own documents.",
        epilog="Exit code 0: written; 2: nothing to cure by training, or bad usage.",
    )
    cure.add_argument(
        "diagnosis", metavar="DIAGNOSIS", type=Path, help="JSON of pytest --slm-diagnose=FILE"
    )
    cure.add_argument("--output", required=True, type=Path, metavar="FILE", help="JSON lines")
    cure.add_argument("--n", type=int, default=8_000, help="training documents; default 8000")
    cure.add_argument(
        "--form", default="messages", choices=("messages", "conversations", "cases"),
        help="chats of role and content (default), of from and value, or cases",
    )  # fmt: skip
    source = cure.add_mutually_exclusive_group()
    add_schema(source)
    source.add_argument(
        "--cases", metavar="FILE", help="rewrite your own documents: JSON lines of id, text, truth"
    )
    cure.add_argument(
        "--without", action="append", default=[], metavar="FILE",
        help="evaluation cases that must not be trained on; may be given again",
    )  # fmt: skip
    cure.add_argument("--model", help="the model's name, where several were diagnosed")
    cure.add_argument("--seed", type=int, default=7_000_000, help="another than the evaluation's")
    cure.set_defaults(run=_cure)


def _cure(asked: argparse.Namespace) -> bool:
    from pytest_slm_autopsy.cases.files import read_cases
    from pytest_slm_autopsy.cases.schemas.registry import schema_named
    from pytest_slm_autopsy.diagnostics.cure import one_of, prescribe
    from pytest_slm_autopsy.diagnostics.files import read_diagnoses
    from pytest_slm_autopsy.models.training_files import write_training
    from pytest_slm_autopsy.training import cure_cases

    diagnosis = one_of(read_diagnoses(asked.diagnosis), asked.model)
    prescription = prescribe(diagnosis)
    source = [*read_cases(asked.cases)] if asked.cases else schema_named(asked.schema)
    without = [case for path in asked.without for case in read_cases(path)]
    cases = cure_cases(source, prescription, asked.n, seed=asked.seed, without=without)
    written = write_training(asked.output, cases, form=asked.form)
    print(visible(f"{diagnosis.headline}\n"))
    for axis, rate in prescription.rates.items():
        print(visible(f"{axis:<14}in {rate:.0%} of the documents: {prescription.because[axis]}"))
    print(f"{'(none)':<14}in {prescription.plain:.0%} of the documents: as in training")
    print(f"\n{written:,} training documents written to {asked.output}, none of them evaluated")
    return False
