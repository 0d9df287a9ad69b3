"""The command ``slm-autopsy check``: does this adapter belong to this base?"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

from pytest_slm_autopsy.errors import ConfigError, visible
from pytest_slm_autopsy.models.checks.check import Check, allowing
from pytest_slm_autopsy.models.golden import trained_prompt
from pytest_slm_autopsy.models.interface import QUANTIZATIONS, ModelSpec, is_address

WIDTH: Final = 80
SIGNS: Final = {"passed": "ok", "failed": "FAIL", "warned": "warn", "allowed": "allowed",
                "skipped": "-"}  # fmt: skip


def add(commands: Any) -> None:
    """Declare the command."""
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


def _check(asked: argparse.Namespace) -> bool:
    with _progress(told=sys.stderr.isatty() and not asked.json):
        checks = _checks(asked)
    failed = any(check.outcome == "failed" for check in checks)
    if asked.json:
        print(json.dumps({"ok": not failed, "checks": [asdict(check) for check in checks]}))
    else:
        print(visible(table(checks)))
    return failed


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
        prompt=trained_prompt(asked.adapter, asked.manifest),
    )
    from pytest_slm_autopsy.models.checks.compatibility import check_files

    checks = check_files(spec, asked.manifest, allow=asked.allow)
    if asked.load and all(check.outcome != "failed" for check in checks):
        logging.getLogger(__name__).info("loading the model, to ask it")
        from pytest_slm_autopsy.models.adapter import load_unjudged

        checks += load_unjudged(spec, allow=asked.allow).checks
    return checks
