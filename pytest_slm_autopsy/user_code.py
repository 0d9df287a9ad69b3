"""The user's own code, named in text: ``path.py:NAME`` or ``package.module:NAME``."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from pytest_slm_autopsy.errors import SlmAutopsyError


def imported(where: str, what: str, error: type[SlmAutopsyError]) -> ModuleType:
    """Import a file or a module of the user's.

    A file may import from its own folder, a module from the working folder.

    Args:
        where: ``path.py`` or ``package.module``.
        what: what is taken from it, for the error.
        error: the error to raise.
    """
    file = Path(where)
    is_file = file.suffix == ".py"
    if is_file and not file.is_file():
        raise error(f"there is no file at {where!r} to take the {what} from")
    before = [*sys.path]
    sys.path.insert(0, str(file.resolve().parent if is_file else Path.cwd()))
    try:
        return _of_file(file, what) if is_file else importlib.import_module(where)
    except (Exception, SystemExit) as trouble:  # the user's code may raise anything
        raise error(
            f"{where} cannot be imported for its {what}: {type(trouble).__name__}: {trouble}"
        ) from trouble
    finally:
        sys.path[:] = before


def _of_file(file: Path, what: str) -> ModuleType:
    name = f"slm_autopsy_{what}_{file.stem}"  # so it cannot hide a module of the file's name
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError("no loader fits it")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look up their module there
    spec.loader.exec_module(module)
    return module
