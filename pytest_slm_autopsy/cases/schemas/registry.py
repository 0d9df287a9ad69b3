"""Schemas by name: the built-in ones, and those in the user's own code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_slm_autopsy.cases.schemas.builtin import INVOICE, ITEMISED_INVOICE, RECEIPT
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.errors import CaseError, nearest
from pytest_slm_autopsy.user_code import imported

BUILT_IN: Final[Mapping[str, DocumentSchema]] = {
    "invoice": INVOICE,
    "itemised": ITEMISED_INVOICE,
    "receipt": RECEIPT,
}


def schema_named(text: str) -> DocumentSchema:
    """Return the schema that ``text`` names.

    ``text`` is ``invoice``, ``itemised``, ``receipt``, ``path.py:NAME`` or ``package.module:NAME``.
    The user's code is run: a file may import from its own folder, a module from the working folder.

    Raises:
        CaseError: the file, module or name does not exist; importing fails; the name is not a
            ``DocumentSchema``.
    """
    if text in BUILT_IN:
        return BUILT_IN[text]
    where, _, name = text.rpartition(":")
    if not where or not name:
        raise CaseError(
            f"there is no schema {text!r}; name {', '.join(BUILT_IN)}, or one of your own as "
            "path.py:NAME or package.module:NAME"
        )
    module = imported(where, "schema", CaseError)
    found = getattr(module, name, None)
    if isinstance(found, DocumentSchema):
        return found
    if hasattr(module, name):
        raise CaseError(f"{text} is no DocumentSchema; it is of type {type(found).__name__}")
    schemas = [name for name, one in vars(module).items() if isinstance(one, DocumentSchema)]
    hint = nearest(name, schemas) if schemas else "it holds no DocumentSchema at all"
    raise CaseError(f"{where} has no {name!r}; {hint}")
