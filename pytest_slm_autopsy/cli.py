"""``slm-autopsy``: what can be said without pytest, in seconds.

``check``: does this adapter belong to this base? ``cases profile``: how do these documents look?
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from pytest_slm_autopsy.errors import SlmAutopsyError
from pytest_slm_autopsy.models.checks import CHECKS, NEEDED, Check
from pytest_slm_autopsy.models.interface import QUANTIZATIONS, ModelSpec

WIDTH: Final = 80
SCHEMAS: Final = {"invoice": "INVOICE", "itemised": "ITEMISED_INVOICE", "receipt": "RECEIPT"}
SIGNS: Final = {"passed": "ok", "failed": "FAIL", "warned": "warn", "allowed": "allowed",
                "skipped": "-"}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """0: all is well, warnings apart; 1: a check fails; 2: the command cannot be meant."""
    asked = _parser().parse_args(arguments)
    try:
        return int(asked.run(asked))
    except SlmAutopsyError as error:
        print(f"slm-autopsy: {error}", file=sys.stderr)
        return 2


def table(checks: Sequence[Check]) -> str:
    """The checks, one to a paragraph of at most 80 columns, and a line that counts them."""
    lines = []
    for check in checks:
        head = f"{SIGNS[check.outcome]:<8}{check.name:<17}"
        lines += textwrap.wrap(
            check.evidence, WIDTH, initial_indent=head, subsequent_indent=" " * len(head)
        )
    counts = {
        sign: sum(SIGNS[check.outcome] == sign for check in checks) for sign in SIGNS.values()
    }
    words = {"ok": "passed", "FAIL": "failed", "warn": "warned", "allowed": "allowed",
             "-": "could not be made"}  # fmt: skip
    lines.append("")
    lines.append(", ".join(f"{n} {words[sign]}" for sign, n in counts.items() if n))
    return "\n".join(lines)


def _check(asked: argparse.Namespace) -> bool:
    checks = _checks(asked)
    failed = any(check.outcome == "failed" for check in checks)
    if asked.json:
        print(json.dumps({"ok": not failed, "checks": [asdict(check) for check in checks]}))
    else:
        print(table(checks))
    return failed


def _profile(asked: argparse.Namespace) -> bool:
    from pytest_slm_autopsy.cases import builtin
    from pytest_slm_autopsy.cases.profile import load_profile

    profile = load_profile(asked.path, schema=getattr(builtin, SCHEMAS[asked.schema]))
    print(json.dumps(profile.to_dict()) if asked.json else profile)
    return False


def _checks(asked: argparse.Namespace) -> list[Check]:
    spec = ModelSpec(
        base=asked.base,
        adapter=asked.adapter,
        quantization=asked.quantization,
        device=asked.device,
        trust_remote_code=asked.trust_remote_code,
    )
    from pytest_slm_autopsy.models.compatibility import check_files

    checks = check_files(spec, asked.manifest, allow=asked.allow)
    if asked.load and all(check.outcome != "failed" for check in checks):
        from pytest_slm_autopsy.models.adapter import load_unjudged

        checks += load_unjudged(spec, allow=asked.allow).checks
    return checks


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="slm-autopsy", description="The autopsy of a fine-tuned small language model."
    )
    commands = parser.add_subparsers(dest="command", required=True)
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
        "--allow", action="append", default=[], metavar="NAME", choices=sorted({*CHECKS} - NEEDED),
        help="accept a check's failure; may be given again",
    )  # fmt: skip
    check.add_argument("--json", action="store_true", help="one JSON object, for machines")
    check.set_defaults(run=_check)
    _add_cases(commands)
    return parser


def _add_cases(commands: Any) -> None:
    cases = commands.add_parser("cases", help="your own documents")
    profile = cases.add_subparsers(dest="action", required=True).add_parser(
        "profile",
        help="how do these documents look?",
        description="Says which layouts a pile of documents uses: labels, marks, order, dates, "
        "amounts, white space, each with a count, an interval and examples.",
        epilog="Exit code 0: said; 2: nothing to say, or bad usage.",
    )
    profile.add_argument(
        "path", metavar="PATH", help="folder of texts, a text, JSON lines, or a saved profile"
    )
    profile.add_argument("--schema", choices=SCHEMAS, default="invoice", help="default invoice")
    profile.add_argument(
        "--json", action="store_true", help="one JSON object: save it for --slm-profile"
    )
    profile.set_defaults(run=_profile)


if __name__ == "__main__":
    sys.exit(main())
