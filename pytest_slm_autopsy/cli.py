"""The command ``slm-autopsy``: the built-in suite, and checks and reports that need no pytest.

``run``: the whole autopsy of a model. ``init``: a repository's first files.
``check``: does this adapter belong to this base? ``cases validate``: can these cases be used?
``cases profile``: how do these documents look? ``cure``: which training data heal what a diagnosis
found?
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

from pytest_slm_autopsy.errors import ConfigError, SlmAutopsyError
from pytest_slm_autopsy.models.checks.check import Check, allowing
from pytest_slm_autopsy.models.interface import QUANTIZATIONS, ModelSpec, is_address
from pytest_slm_autopsy.suite import commands as suite_commands

PACKAGE: Final = "pytest-slm-autopsy"
WIDTH: Final = 80
BROKEN_PIPE: Final = 128 + 13
"""Exit code, in shells, of a command that wrote into a closed pipe: 128 and the signal's number."""
SIGNS: Final = {"passed": "ok", "failed": "FAIL", "warned": "warn", "allowed": "allowed",
                "skipped": "-"}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, and return its exit code.

    * 0: all is well, warnings apart;
    * 1: a check fails, or the cases have problems;
    * 2: invalid usage, or a model or file that cannot be read;
    * 141: the reader of the output has stopped, as in ``slm-autopsy ... | head``.
    """
    try:
        try:
            return _run(_parser(), sys.argv[1:] if arguments is None else arguments)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # Python writes the rest of the buffer at its end, and would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except SlmAutopsyError as error:
        print(f"slm-autopsy: {error}", file=sys.stderr)
        return 2


def _run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Run one command; all that follows the model of ``run`` are arguments of pytest."""
    further: list[str] = []
    if arguments and arguments[0] == "run" and not {"-h", "--help"} & {*arguments}:
        words = list(takewhile(lambda word: not word.startswith("-"), arguments))[:3]
        arguments, further = words, [*arguments[len(words) :]]
    asked = parser.parse_args(arguments)
    asked.further = further
    return int(asked.run(asked))


def table(checks: Sequence[Check]) -> str:
    """Return the checks in paragraphs of at most 80 columns, and a line that counts them."""
    lines = []
    for check in checks:
        head = f"{SIGNS[check.outcome]:<8}{check.name:<17}"
        lines += textwrap.wrap(
            check.evidence, WIDTH, initial_indent=head, subsequent_indent=" " * len(head)
        )
    counts = Counter[str](check.outcome for check in checks)
    words = dict(zip(SIGNS, SIGNS, strict=True)) | {"skipped": "could not be made"}
    told = ", ".join(f"{counts[outcome]} {words[outcome]}" for outcome in SIGNS if counts[outcome])
    return "\n".join([*lines, "", told])


def _check(asked: argparse.Namespace) -> bool:
    with _progress(told=sys.stderr.isatty() and not asked.json):
        checks = _checks(asked)
    failed = any(check.outcome == "failed" for check in checks)
    if asked.json:
        print(json.dumps({"ok": not failed, "checks": [asdict(check) for check in checks]}))
    else:
        print(table(checks))
    return failed


@contextmanager
def _progress(*, told: bool) -> Iterator[None]:
    """Say on the terminal what takes long, before it does, inside the block."""
    handler, logger = logging.StreamHandler(), logging.getLogger("pytest_slm_autopsy")
    handler.setFormatter(logging.Formatter("slm-autopsy: %(message)s ..."))
    level = logger.level
    if told:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def _validate(asked: argparse.Namespace) -> bool:
    from pytest_slm_autopsy.cases.rewritten.validation import validate_cases
    from pytest_slm_autopsy.cases.rewritten.validation_report import validation_report

    found = validate_cases(asked.file, document_pattern=asked.document_pattern)
    print(json.dumps(found.to_dict()) if asked.json else validation_report(found))
    return bool(found.problems)


def _profile(asked: argparse.Namespace) -> bool:
    from pytest_slm_autopsy.cases.profiles.profile import load_profile
    from pytest_slm_autopsy.cases.schemas.registry import schema_named

    profile = load_profile(asked.path, schema=schema_named(asked.schema))
    print(json.dumps(profile.to_dict()) if asked.json else profile)
    return False


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
    print(f"{diagnosis.headline}\n")
    for axis, rate in prescription.rates.items():
        print(f"{axis:<14}in {rate:.0%} of the documents: {prescription.because[axis]}")
    print(f"{'(none)':<14}in {prescription.plain:.0%} of the documents: as in training")
    print(f"\n{written:,} training documents written to {asked.output}, none of them evaluated")
    return False


def _names(text: str) -> list[str]:
    names = text.replace(",", " ").split()
    try:
        allowing((), names)
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return names


def _checks(asked: argparse.Namespace) -> list[Check]:
    if is_address(asked.base):
        raise ConfigError("a server has no files to check; ask it: pytest --slm-base=ADDRESS")
    spec = ModelSpec(
        base=asked.base,
        adapter=asked.adapter,
        quantization=asked.quantization,
        device=asked.device,
        trust_remote_code=asked.trust_remote_code,
    )
    from pytest_slm_autopsy.models.checks.compatibility import check_files

    checks = check_files(spec, asked.manifest, allow=asked.allow)
    if asked.load and all(check.outcome != "failed" for check in checks):
        logging.getLogger(__name__).info("loading the model, to ask it")
        from pytest_slm_autopsy.models.adapter import load_unjudged

        checks += load_unjudged(spec, allow=asked.allow).checks
    return checks


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="slm-autopsy", description="The autopsy of a fine-tuned small language model."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version(PACKAGE)}")
    commands = parser.add_subparsers(dest="command", required=True)
    suite_commands.add(commands)
    check = commands.add_parser(
        "check",
        help="does this adapter belong to this base?",
        description="Compares an adapter with its base, from their files alone: no forward pass.",
        epilog="Exit code 0: all is well, warnings apart; 1: a check fails; 2: bad usage.",
    )
    check.add_argument("--base", required=True, help="folder or hub name")
    check.add_argument("--adapter", required=True, help="folder or hub name")
    check.add_argument("--manifest", help="prompt manifest of training, if not beside the adapter")
    check.add_argument("--quantization", choices=QUANTIZATIONS, default="nf4")
    check.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N, shard")
    check.add_argument("--load", action="store_true", help="load the model too, and ask it")
    check.add_argument("--trust-remote-code", action="store_true", help="run the base's own code")
    check.add_argument(
        "--allow", action="extend", default=[], metavar="NAME", type=_names,
        help="accept a check's failure, or several: a,b; may be given again",
    )  # fmt: skip
    check.add_argument("--json", action="store_true", help="one JSON object, for machines")
    check.set_defaults(run=_check)
    _add_cases(commands)
    _add_cure(commands)
    return parser


def _add_cure(commands: Any) -> None:
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
    _add_schema(source)
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


def _add_schema(parser: Any) -> None:
    parser.add_argument(
        "--schema", default="invoice",
        help="invoice (default), itemised, receipt, or your own: path.py:NAME or "
        "package.module:NAME of a DocumentSchema",
    )  # fmt: skip


def _add_cases(commands: Any) -> None:
    cases = commands.add_parser("cases", help="your own documents")
    actions = cases.add_subparsers(dest="action", required=True)
    validate = actions.add_parser(
        "validate",
        help="can these cases be used?",
        description="Says line by line what is wrong with a file of cases, what share of its "
        "truths stands in its texts, and the schema that they seem to have.",
        epilog="Exit code 0: all is well; 1: there are problems; 2: bad usage.",
    )
    validate.add_argument("file", metavar="FILE", help="JSON lines: id, text, truth")
    validate.add_argument(
        "--document-pattern",
        metavar="PATTERN",
        help="in chats: a regular expression whose first group is the document",
    )
    validate.add_argument("--json", action="store_true", help="one JSON object, for machines")
    validate.set_defaults(run=_validate)
    profile = actions.add_parser(
        "profile",
        help="how do these documents look?",
        description="Says which layouts a pile of documents uses: labels, marks, order, dates, "
        "amounts, white space, each with a count, an interval and examples.",
        epilog="Exit code 0: said; 2: nothing to say, or bad usage.",
    )
    profile.add_argument(
        "path", metavar="PATH", help="folder of texts, a text, JSON lines, or a saved profile"
    )
    _add_schema(profile)
    profile.add_argument(
        "--json", action="store_true", help="one JSON object: save it for --slm-profile"
    )
    profile.set_defaults(run=_profile)


if __name__ == "__main__":
    sys.exit(main())
