"""The commands ``slm-autopsy cases validate`` and ``cases profile``: documents of your own."""

from __future__ import annotations

import argparse
import json
from typing import Any

from pytest_slm_autopsy.commands.schema import add_schema
from pytest_slm_autopsy.errors import visible


def add(commands: Any) -> None:
    """Declare the commands."""
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
    add_schema(profile)
    profile.add_argument(
        "--json", action="store_true", help="one JSON object: save it for --slm-profile"
    )
    profile.set_defaults(run=_profile)


def _validate(asked: argparse.Namespace) -> bool:
    from pytest_slm_autopsy.cases.rewritten.validation import validate_cases
    from pytest_slm_autopsy.cases.rewritten.validation_report import validation_report

    found = validate_cases(asked.file, document_pattern=asked.document_pattern)
    print(json.dumps(found.to_dict()) if asked.json else visible(validation_report(found)))
    return bool(found.problems)


def _profile(asked: argparse.Namespace) -> bool:
    from pytest_slm_autopsy.cases.profiles.profile import load_profile
    from pytest_slm_autopsy.cases.schemas.registry import schema_named

    profile = load_profile(asked.path, schema=schema_named(asked.schema))
    print(json.dumps(profile.to_dict()) if asked.json else visible(str(profile)))
    return False
