"""Planted faults in what decides: ``python -m benchmarks.mutants`` prints how many the tests find.

Each fault changes one operator, number or condition of a module, drawn by a seed, in a copy of the
repository. The tests of its room must turn red, or else those of the rooms that use it. All faults
would take days: a sample is planted. Annotations, decorators and ``strict=`` of a zip stay out:
they change no result.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_slm_autopsy.statistics import wilson

PACKAGE: Final = "pytest_slm_autopsy"
# The tests of a part, and those that are asked where they find nothing.
ROOMS: Final = {
    "statistics": (["tests/statistics"], ["tests/measures", "tests/test_assertions.py"]),
    "measures": (["tests/measures"], ["tests/test_assertions.py", "tests/diagnostics"]),
    "answers/parser.py": (["tests/answers"], ["tests/measures", "tests/hostile"]),
    "notation": (["tests/notation"], ["tests/answers", "tests/measures", "tests/cases"]),
}
GOAL: Final = 0.8
LONGEST: Final = 600.0
_COMPARED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_COUNTED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip


@dataclass
class Fault:
    """A fault: the module, the line, and what is changed into what."""

    module: Path
    line: int
    change: str
    text: str

    @property
    def said(self) -> str:
        """Return place and change in one line."""
        return f"{self.module}:{self.line}: {self.change}"


def faults(module: Path) -> Iterator[Fault]:
    """Yield every fault that can be planted in a module."""
    source = module.read_text("utf-8")
    whole = ast.parse(source)
    left_out = {id(node) for node in _left_out(whole)}
    for number, node in enumerate(ast.walk(whole)):
        for change in () if id(node) in left_out else _changes(node):
            tree = ast.parse(source)
            there = list(ast.walk(tree))[number]
            before = ast.unparse(there)
            change(there)
            after = ast.unparse(there)
            if before != after:
                line = getattr(there, "lineno", 0)
                yield Fault(module, line, f"{before[:60]} -> {after[:60]}", ast.unparse(tree))


def _left_out(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        beside = [*getattr(node, "decorator_list", ()), getattr(node, "returns", None),
                  getattr(node, "annotation", None)]  # fmt: skip
        if isinstance(node, ast.keyword) and node.arg == "strict":
            beside.append(node)
        for one in filter(None, beside):
            yield from ast.walk(one)


def _changes(node: ast.AST) -> Iterator[Callable[[ast.AST], None]]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARED:
        yield lambda one: one.ops.__setitem__(0, _COMPARED[type(one.ops[0])]())  # type: ignore[attr-defined]
    elif isinstance(node, ast.BinOp) and type(node.op) in _COUNTED:
        yield lambda one: setattr(one, "op", _COUNTED[type(one.op)]())  # type: ignore[attr-defined]
    elif isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield lambda one: setattr(one, "op", other())
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        yield lambda one: setattr(one, "test", ast.UnaryOp(ast.Not(), one.test))  # type: ignore[attr-defined]
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield lambda one: setattr(one, "value", one.value + 1)  # type: ignore[attr-defined]
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield lambda one: setattr(one, "value", not one.value)  # type: ignore[attr-defined]


def found(fault: Fault, rooms: Iterable[list[str]], copy: Path) -> bool:
    """Plant a fault in the copy, and tell whether the tests of a room turn red, or never end."""
    place = copy / fault.module
    sound = place.read_text("utf-8")
    place.write_text(fault.text, "utf-8")
    try:
        return any(red(tests, copy) for tests in rooms)
    finally:
        place.write_text(sound, "utf-8")


def red(tests: list[str], copy: Path) -> bool:
    """Tell whether tests of the copy fail, or do not end."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy), "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True,
                              timeout=LONGEST, check=False)  # fmt: skip
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--each", type=int, default=40, help="faults in each part")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parts", nargs="*", default=list(ROOMS), choices=list(ROOMS))
    chosen = parser.parse_args()
    low = False
    print("| part | faults that could be | planted | found | share |\n|:--|--:|--:|--:|:--|")
    survivors: list[Fault] = []
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "copy"
        shutil.copytree(".", copy, ignore=shutil.ignore_patterns(".venv", ".git", "runs", "build"))
        for part in chosen.parts:
            if any(red(tests, copy) for tests in ROOMS[part]):
                sys.exit(f"{part}: a test fails, or does not end, with no fault planted. Mend it.")
            root = Path(PACKAGE) / part
            modules = [root] if root.suffix else sorted(root.rglob("*.py"))
            every = [fault for module in modules for fault in faults(module)]
            planted = random.Random(f"{chosen.seed}/{part}").sample(
                every, min(chosen.each, len(every))
            )
            seen = []
            for fault in planted:
                seen.append(found(fault, ROOMS[part], copy))
                if not seen[-1]:
                    survivors.append(fault)
                    print(f"not found: {fault.said}", file=sys.stderr, flush=True)
            share, (least, most) = sum(seen) / len(seen), wilson(sum(seen), len(seen))
            low |= share < GOAL
            print(f"| `{part}` | {len(every):,} | {len(seen)} | {sum(seen)} "
                  f"| {share:.2f} [{least:.2f}, {most:.2f}] |", flush=True)  # fmt: skip
    print("\nNot found:\n")
    for fault in survivors:
        print(f"* `{fault.said}`")
    return int(low)


if __name__ == "__main__":
    sys.exit(main())
