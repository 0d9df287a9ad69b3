"""The code blocks of README, CONTRIBUTING and every page under docs/, and which test runs them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(
    r"""
    (?:^\ *<!--\ not\ run:\ (?P<reason>.+?)\ -->\n+)?  # the reader does not see it
    ^(?P<indent>\ *)```(?P<kind>[^\n`]*)\n
    (?P<text>.*?)
    ^(?P=indent)```$
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
TREES = "docs/architecture.md"
"""Its blocks draw what is there."""
NAME = re.compile(r"# ([\w.]+\.\w+)\n")


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    page: str
    line: int
    kind: str
    text: str
    reason: str = ""
    """Why it is not run, as its page argues; empty if it is run."""

    @property
    def name(self) -> str:
        """The file that the block says it is: ``# conftest.py``."""
        found = NAME.match(self.text)
        return found[1] if found else ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Elsewhere:
    """Blocks that a test of their own runs."""

    pages: str
    test: str
    kinds: str
    which: Callable[[Block], bool] = lambda block: True

    def has(self, block: Block) -> bool:
        """Whether the test runs this block."""
        return (
            fnmatch(block.page, self.pages) and block.kind in self.kinds.split()
        ) and self.which(block)


@cache
def source(path: str) -> str:
    """Return the text of a file of the repository."""
    return (ROOT / path).read_text("utf-8")


def blocks_of(text: str, page: str = "page.md") -> Iterator[Block]:
    """Yield the blocks of a page."""
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start("kind")) + 1
        yield Block(page, line, found["kind"], found["text"], found["reason"] or "")


@cache
def every_block() -> tuple[Block, ...]:
    """Return the blocks of all pages."""
    paths = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    pages = (path.relative_to(ROOT).as_posix() for path in paths)
    return tuple(block for page in pages for block in blocks_of(source(page), page))


def run_here(*kinds: str) -> dict[str, list[Block]]:
    """Return the blocks that no other test runs and no reason excuses, by page."""
    found: dict[str, list[Block]] = {}
    for block in every_block():
        if block.kind in kinds and not block.reason and not any(e.has(block) for e in ELSEWHERE):
            found.setdefault(block.page, []).append(block)
    return found


def printed(name: str) -> str:
    """Return the one block of ``PRINTED`` under this name."""
    [found] = (block for block in run_here("text")[PRINTED[name][0]] if printed_as(block) == name)
    return found.text


def printed_as(block: Block) -> str:
    """Return the name in ``PRINTED`` of a block, the longest beginning first; empty if none."""
    by_length = sorted(PRINTED.items(), key=lambda one: -len(one[1][1]))
    fits = (n for n, (page, head) in by_length if page == block.page)
    return next((n for n in fits if block.text.startswith(PRINTED[n][1])), "")


ELSEWHERE = (
    Elsewhere("README.md", "tests/test_readme.py", "python text", lambda block: block.line < 50),
    Elsewhere("docs/recipes/*.md", "tests/test_recipes.py", "console ini python"),
    Elsewhere(
        "docs/your-own-documents.md",
        "tests/test_your_own_documents.py",
        "console ini python text",
    ),
    Elsewhere("docs/adopting.md", "tests/test_adopting.py", "ini python"),
    Elsewhere(
        "docs/adopting.md",
        "tests/adopters/test_adopters.py",
        "text",
        lambda block: block.text.partition(":")[0] in source("tests/adopters/test_adopters.py"),
    ),
    Elsewhere(
        "docs/hooks.md",
        "tests/plugin/test_hooks_for_others.py",
        "python",
        lambda block: bool(block.name),
    ),
    Elsewhere(
        "docs/profiles.md",
        "tests/plugin/test_slm_profile.py",
        "python",
        lambda block: bool(block.name),
    ),
    Elsewhere("docs/suite.md", "tests/suite/test_reference_runs.py", "text"),
    Elsewhere("docs/sweep.md", "tests/sweep/test_page.py", "text toml python"),
    Elsewhere("docs/shifts.md", "docs/generate.py", "text"),  # tests/house/test_docs.py runs it
    Elsewhere("docs/reference.md", "docs/doors.py", "text"),
)

PRINTED = {
    "as_the_suite": ("README.md", "narrow does not survive: 1.00 on canonical"),
    "why": ("README.md", "why: narrow does not survive"),
    "experiment": (
        "README.md",
        "narrow does not survive: 1.00 on canonical, 0.00 under missing (n=128)\nhardened",
    ),
    "upgrade": ("docs/baselines.md", "baseline: invoices-v2 failed"),
    "not_compared": ("docs/baselines.md", "baseline: invoices-v1: not compared"),
    "decay": ("docs/baselines.md", "baseline: v5 undecided"),
    "smallest_shift": ("docs/cases.md", "breaks when only"),
    "diagnosis": ("docs/diagnostics.md", "narrow does not survive"),
    "profile": ("docs/profiles.md", "10 documents"),
    "verdict": ("docs/statistics.md", "undecided: exact match"),
}
"""What test_printed.py makes anew, by the page and the beginning of the block."""
