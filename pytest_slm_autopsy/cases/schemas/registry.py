"""Schemas by name: the built-in ones, and those in the user's own code."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Final

from pytest_slm_autopsy.cases.schemas.builtin import INVOICE, ITEMISED_INVOICE, RECEIPT
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.errors import CaseError, nearest

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
    module = _imported(where)
    found = getattr(module, name, None)
    if isinstance(found, DocumentSchema):
        return found
    if hasattr(module, name):
        raise CaseError(f"{text} is no DocumentSchema; it is of type {type(found).__name__}")
    schemas = [name for name, one in vars(module).items() if isinstance(one, DocumentSchema)]
    hint = nearest(name, schemas) if schemas else "it holds no DocumentSchema at all"
    raise CaseError(f"{where} has no {name!r}; {hint}")


def _imported(where: str) -> ModuleType:
    file = Path(where)
    is_file = file.suffix == ".py"
    if is_file and not file.is_file():
        raise CaseError(f"there is no file at {where!r} to take the schema from")
    before = [*sys.path]
    sys.path.insert(0, str(file.resolve().parent if is_file else Path.cwd()))
    try:
        return _of_file(file) if is_file else importlib.import_module(where)
    except (Exception, SystemExit) as error:  # the user's code may raise anything
        raise CaseError(
            f"{where} cannot be imported for its schema: {type(error).__name__}: {error}"
        ) from error
    finally:
        sys.path[:] = before


def _of_file(file: Path) -> ModuleType:
    name = f"slm_autopsy_schema_{file.stem}"  # so it cannot hide a module of the file's name
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError("no loader fits it")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look up their module there
    spec.loader.exec_module(module)
    return module
