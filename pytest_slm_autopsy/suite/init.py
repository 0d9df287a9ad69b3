"""The command ``slm-autopsy init``: the files with which a repository begins."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from typing import Final

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.whole_files import write_whole

PACKAGE: Final = "pytest-slm-autopsy"
INI_FILES: Final = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml",
                    "tox.ini", "setup.cfg")  # fmt: skip
TEMPLATES: Final = {
    "test_shift.py": "test_shift.template",
    "slm-limits.toml": "slm-limits.toml",
    ".github/workflows/slm-autopsy.yml": "github.yml",
    "slm-autopsy.gitlab-ci.yml": "gitlab.yml",
}


@dataclass(frozen=True, slots=True)
class Begun:
    """What ``begin`` has done: files written, files left alone, and lines to add by hand."""

    written: tuple[str, ...]
    kept: tuple[str, ...]
    to_add: str = ""


def begin(folder: Path, base: str | None = None, adapter: str | None = None) -> Begun:
    """Write the first files of a repository that guards a model; no file is overwritten.

    Args:
        folder: the root of the repository.
        base: the base model; without one, the test holds an extractor to be replaced.
        adapter: the adapter.

    Raises:
        ConfigError: the folder does not exist, or cannot be written to.
    """
    if not folder.is_dir():
        raise ConfigError(f"there is no folder {str(folder)!r}; make it first, or name another")
    contents = dict(_contents(base))
    ini = _ini(base, adapter)
    taken = next((name for name in INI_FILES if (folder / name).exists()), None)
    if taken is None:
        contents["pytest.ini"] = f"[pytest]\n{ini}"
    written, kept = [], []
    for name, text in contents.items():
        path = folder / name
        if path.exists():
            kept.append(name)
        else:
            write_whole(path, text, name)
            written.append(name)
    return Begun(tuple(written), tuple(kept), _to_add(taken, ini) if taken else "")


def told(begun: Begun) -> str:
    """Return what was done and what comes next, in lines of at most 80 columns."""
    lines = [f"wrote  {name}" for name in begun.written]
    lines += [f"kept   {name}: it exists" for name in begun.kept]
    lines += ["", begun.to_add] if begun.to_add else []
    return "\n".join([*lines, "", "next: pytest test_shift.py"])


def _contents(base: str | None) -> Iterator[tuple[str, str]]:
    for name, template in TEMPLATES.items():
        text = _template(template)
        if name == "test_shift.py":
            head, _, body = text.partition("# ---\n")
            text = (head if base else _template("test_extractor.template")) + body
        yield name, text.replace("@REQUIREMENT@", requirement("hf" if base else ""))


def _template(name: str) -> str:
    return (files("pytest_slm_autopsy.suite") / "templates" / name).read_text("utf-8")


def _ini(base: str | None, adapter: str | None) -> str:
    model = [f"slm_base = {base}"] if base else []
    model += [f"slm_adapter = {adapter}"] if adapter else []
    page = ["slm_limits = slm-limits.toml", "slm_report = autopsy.html"]
    return "\n".join([*model, *page, ""])


def _to_add(taken: str, ini: str) -> str:
    if taken in ("pyproject.toml", "pytest.toml", ".pytest.toml"):
        lines = (line.split(" = ", 1) for line in ini.splitlines())
        ini = "".join(f"{key} = {json.dumps(value)}\n" for key, value in lines)
        head = "[tool.pytest.ini_options]" if taken == "pyproject.toml" else "[pytest]"
    else:
        head = "[tool:pytest]" if taken == "setup.cfg" else "[pytest]"
    return f"{taken} is yours; add there, under {head}:\n\n{ini}".rstrip()


def requirement(extra: str = "") -> str:
    """Return how pip installs this package elsewhere: from the repository it came from, or by name.

    The address of an installation is what pip has noted (PEP 610).
    """
    name = f"{PACKAGE}[{extra}]" if extra else PACKAGE
    noted = distribution(PACKAGE).read_text("direct_url.json")
    origin = json.loads(noted) if noted else {}
    vcs = origin.get("vcs_info")
    return f"{name} @ {vcs['vcs']}+{origin['url']}@{vcs['commit_id']}" if vcs else name
