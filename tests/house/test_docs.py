"""Python in the docs compiles, no text names somebody's machine, generated pages are up to date."""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

PACKAGE = "pytest_slm_autopsy"
CODE_BLOCK = re.compile(r"^( *)```python[^\n]*\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
MACHINE_PATH = re.compile(r"(?<![\w.-])/(?:work|opt|root|mnt|home|Users)/|\.\./shared/")


def test_python_in_the_docs_compiles(root: Path) -> None:
    pages = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    assert [f"{page.name}: {fault}" for page in pages for fault in broken(page.read_text())] == []


def test_no_text_names_a_machine_path(root: Path) -> None:
    assert [f"{path}: {found}" for path in texts(root) for found in machine_paths(path)] == []


@pytest.mark.parametrize(
    "text",
    [
        "```python\nx = (\n```",
        "fine:\n\n```python\nx = 1\n```\n\nnot:\n\n```python title='a.py'\nreturn x\n```\n",
        "1. In a list:\n\n   ```python\n   def f():\n   ```\n",
    ],
)
def test_a_broken_block_is_seen(text: str) -> None:
    assert len(list(broken(text))) == 1


def test_a_sound_block_passes() -> None:
    text = "1. In a list:\n\n   ```python\n   def f(): ...\n   ```\n\n```text\nx = (\n```\n"
    assert list(broken(text)) == []


@pytest.mark.parametrize("folder", ["work", "opt", "root", "home"])
def test_a_machine_path_is_seen(tmp_path: Path, folder: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"fine: a/{folder}/b, https://example.com/{folder}/\nnot: '/{folder}/main'\n")
    assert machine_paths(page) == [f"/{folder}/"]


def broken(text: str) -> Iterator[str]:
    """What the compiler says of the Python blocks in ``text``."""
    for match in CODE_BLOCK.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        try:
            compile(textwrap.dedent(match[2]), "block", "exec")
        except SyntaxError as error:
            yield f"block in line {line}: {error}"


def texts(root: Path) -> Iterator[Path]:
    """Every file of the repository, ignored ones left out."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=root, capture_output=True, text=True, check=True).stdout
    yield from (path for name in names.split("\0") if (path := root / name).is_file())


def machine_paths(path: Path) -> list[str]:
    """The beginnings of machine paths in a file; a binary file has none."""
    try:
        return MACHINE_PATH.findall(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return []


def test_what_is_generated_is_up_to_date(root: Path) -> None:
    pages = runpy.run_path(str(root / "docs" / "generate.py"))["pages"]()
    stubs = dict.fromkeys((root / PACKAGE).rglob("*.pyi"), "no stub of a door")
    assert list(out_of_date(stubs | pages)) == [], "run python docs/generate.py"


def test_a_page_out_of_date_is_seen(tmp_path: Path) -> None:
    new, old, gone = (tmp_path / name for name in ("new.md", "old.md", "gone.md"))
    new.write_text("new")
    old.write_text("old")
    assert list(out_of_date({new: "new", old: "new", gone: "new"})) == ["old.md", "gone.md"]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("def f(a, b=1, *, c: int = 2) -> str: ...", "f(a, b=1, *, c: int = 2) -> str"),
        ("def f(a, /, *b: int, c, **d) -> None: ...", "f(a, *b: int, c, **d) -> None"),
        ("@st.composite\ndef f(draw, a) -> T: ...", "f(a) -> st.SearchStrategy[T]"),
        ("class f:\n def __init__(self, a=()): ...", "f(a=())"),
        ("class f(Protocol):\n def g(self): ...", ""),
        ("@dataclass(frozen=True)\nclass f:\n a: int\n b: str = ''", "f(a: int, b: str = '')"),
        ("@dataclass\nclass f:\n a: A = field(default_factory=dict)", "f(a: A = ...)"),
        ("@dataclass\nclass f:\n a: A = field(repr=False)", "f(a: A)"),
        ("f: Final[int] = 3", "f: int"),
        ("f: Final = 3", ""),
        ("f = Mapping[str, int]", "f = Mapping[str, int]"),
        (
            f"def f({'a' * 50}: int = 1, {'b' * 50}: int = 2) -> None: ...",
            f"f({'a' * 50}: int = 1,\n    {'b' * 50}: int = 2) -> None",
        ),
    ],
)
def test_a_signature_is_the_call(root: Path, source: str, shown: str) -> None:
    signature = runpy.run_path(str(root / "docs" / "doors.py"))["signature"]
    assert signature(ast.parse(source).body[0]) == shown


def out_of_date(pages: Mapping[Path, str]) -> Iterator[str]:
    """Names of the files that do not hold their page."""
    for path, text in pages.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            yield path.name


def test_the_architecture_page_names_every_module(root: Path, package: dict[str, str]) -> None:
    page = (root / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert list(unnamed(page, package)) == []


def test_a_module_that_the_page_does_not_name_is_seen() -> None:
    modules = {"p": "", "p.room": "", "p.room.days": "", "p.room.holidays": "", "p._door": ""}
    assert list(unnamed("room/ has days.py; `_door`", modules)) == ["p.room.holidays"]
    assert list(unnamed("`room`: days.py, holidays.py, _door", modules)) == []
    twice = modules | {"p.other": "", "p.other.days": ""}
    assert list(unnamed("`room`, other: days.py, holidays.py, _door", twice)) == ["p.other.days"]


def unnamed(page: str, modules: dict[str, str]) -> Iterator[str]:
    """Modules and packages that a page does not name, each as often as there are of its name."""
    seen: Counter[str] = Counter()
    for module in sorted(modules, reverse=True):
        name = module.rpartition(".")[2]
        seen[name] += 1
        named = re.findall(rf"(?<![\w.]){re.escape(name)}(?![\w-])", page)
        if "." in module and len(named) < seen[name]:
            yield module
