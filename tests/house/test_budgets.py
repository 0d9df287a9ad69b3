"""How much a module, a function and the entry file may hold, read from the source."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Iterator, Mapping

import pytest

MODULE_LINES = 220  # of code: comments, docstrings and data do not count
FOLDER_MODULES = 15
FUNCTION_LINES = 40
PARAMETERS = 7
COMMENTS = 0.2  # of the lines of code
NO_NAMES = {"utils", "helpers", "common"}

HOOKS = "pytest_slm_autopsy.plugin.hooks"
HOOKS_LINES = 120
HOOK_STATEMENTS = 5

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LITERALS = (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.Load, ast.UnaryOp, ast.USub)
LAYOUT = frozenset(
    (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
     tokenize.ENDMARKER)
)  # fmt: skip


def test_every_module_keeps_to_the_budget(
    package: dict[str, str], experiment: dict[str, str]
) -> None:
    # The experiment's tests are written as a user would: without annotations.
    modules = package | {name: text for name, text in experiment.items() if ".test_" not in name}
    assert [fault for name in modules for fault in over_budget(name, modules[name])] == []


def test_every_folder_keeps_to_the_budget(
    package: dict[str, str], experiment: dict[str, str]
) -> None:
    assert list(crowded(package | experiment)) == []


def test_the_entry_file_is_a_table_of_contents(package: dict[str, str]) -> None:
    assert list(not_a_table_of_contents(package[HOOKS])) == []


EIGHT = "self, a: A, b: A, c: A, *, d: A, e: A, f: A, g: A, h: A"


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        ("p.utils", "", "is no name"),
        ("p.common.data", "", "is no name"),
        ("p.a", "x = f()\n" * 221, "221 lines"),
        ("p.a", "def f() -> None:\n    x = 1\n\n\n" * 111, "222 lines"),
        ("p.a", "x = f()  # what\n\n\n# why\n" * 10, "10 comment lines"),
        ("p.a", "def f() -> None:\n" + "    x = 1\n" * 40, "41 lines"),
        ("p.a", f"class A:\n    def f({EIGHT}) -> A: ...", "8 parameters"),
        ("p.a", "def f(a: int): ...", "return"),
        ("p.a", "def f(a) -> None: ...", "a is not annotated"),
        ("p.a", "async def f(*, a: int, **rest) -> None: ...", "rest is not annotated"),
        ("p.a", "def f() -> None:\n    def g(x) -> int: ...", "x is not annotated"),
    ],
)
def test_a_module_over_budget_is_seen(module: str, source: str, fault: str) -> None:
    (only,) = over_budget(module, source)
    assert fault in only


def test_a_module_on_budget_passes() -> None:
    method = f"    def f({EIGHT.removesuffix(', h: A')}) -> None:\n" + "        x = f()\n" * 39
    data = "TABLE: Final = (\n" + "    1,\n" * 300 + ")\n"
    source = f'"""What.\n\nMore.\n"""\n\n# why\n{data}class A:\n{method}' + "y = f()\n" * 179
    assert code_and_comment_lines(source) == (MODULE_LINES, 1)
    assert list(over_budget("p.a", source)) == []


def test_a_crowded_folder_is_seen() -> None:
    inside = {f"p.a.m{number}": "" for number in range(FOLDER_MODULES)}
    assert list(crowded({"p.a": "", **inside, "p.a.b.c": ""})) == []
    assert list(crowded({**inside, "p.a.one": ""})) == ["p.a: 16 modules, split at 15"]


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("x = 1\n" * 121, "121 lines"),
        ("class Plugin: ...", "class Plugin"),
        ("def hook():\n    'What.'\n" + "    x = 1\n" * 6, "hook has 6"),
        ("def hook():\n    if y:\n        for x in y:\n" + "            z()\n" * 4, "hook has 6"),
    ],
)
def test_a_fat_entry_file_is_seen(source: str, fault: str) -> None:
    (only,) = not_a_table_of_contents(source)
    assert fault in only


def test_a_thin_entry_file_passes() -> None:
    source = "def hook():\n    'What.'\n" + "    x = 1\n" * HOOK_STATEMENTS
    assert list(not_a_table_of_contents(source)) == []


def over_budget(module: str, source: str) -> Iterator[str]:
    """What is over budget in one module."""
    code, comments = code_and_comment_lines(source)
    if code > MODULE_LINES:
        yield f"{module}: {code} lines, split at {MODULE_LINES}"
    if comments > COMMENTS * code:
        yield f"{module}: {comments} comment lines to {code} of code"
    if NO_NAMES & set(module.split(".")):
        yield f"{module}: that is no name for a module"
    for function in functions(source):
        yield from (f"{module}.{function.name}: {fault}" for fault in over_budget_in(function))


def over_budget_in(function: Function) -> Iterator[str]:
    """What is over budget in one function."""
    length = (function.end_lineno or 0) - function.lineno + 1
    if length > FUNCTION_LINES:
        yield f"{length} lines, split at {FUNCTION_LINES}"
    taken = parameters(function)
    if len(taken) > PARAMETERS:
        yield f"{len(taken)} parameters, split at {PARAMETERS}"
    yield from (f"{arg.arg} is not annotated" for arg in taken if arg.annotation is None)
    if function.returns is None:
        yield "its return is not annotated"


def not_a_table_of_contents(source: str) -> Iterator[str]:
    """What makes the entry file more than a table of contents."""
    lines = len(source.splitlines())
    if lines > HOOKS_LINES:
        yield f"{lines} lines, split at {HOOKS_LINES}"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            yield f"class {node.name}"
    for function in functions(source):
        if (held := statements(function)) > HOOK_STATEMENTS:
            yield f"{function.name} has {held} statements, split at {HOOK_STATEMENTS}"


def functions(source: str) -> list[Function]:
    """Every function, however deep."""
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, Function)]


def parameters(function: Function) -> list[ast.arg]:
    """What a caller passes: all parameters but ``self`` and ``cls``."""
    args = function.args
    every = [*args.posonlyargs, *args.args, args.vararg, *args.kwonlyargs, args.kwarg]
    return [arg for arg in every if arg and arg.arg not in {"self", "cls"}]


def statements(function: Function) -> int:
    """How many statements a function holds, nested ones included, its docstring not."""
    inside = sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 1
    return inside - (ast.get_docstring(function) is not None)


def crowded(modules: Mapping[str, str]) -> Iterator[str]:
    """Folders of more modules than a reader overlooks; sub-rooms are not counted."""
    folders = {name for name in modules if any(one.startswith(f"{name}.") for one in modules)}
    inside = Counter(name.rpartition(".")[0] for name in modules if name not in folders)
    for folder, number in inside.items():
        if number > FOLDER_MODULES:
            yield f"{folder}: {number} modules, split at {FOLDER_MODULES}"


def code_and_comment_lines(source: str) -> tuple[int, int]:
    """How many lines hold code, neither docstring nor data, and how many only a comment."""
    tree = ast.parse(source)
    left_out = {line for node in ast.walk(tree) for line in documented(node)}
    left_out |= {line for node in tree.body if is_data(node) for line in lines_of(node)}
    code: set[int] = set()
    comments: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and token.line.lstrip().startswith("#"):
            comments.add(token.start[0])
        elif token.type not in LAYOUT:
            code.update(range(token.start[0], token.end[0] + 1))
    return len(code - left_out), len(comments)


def documented(node: ast.AST) -> range:
    """The lines of the docstring of a module, a class or a function."""
    holds = isinstance(node, (ast.Module, ast.ClassDef, *FUNCTIONS))
    return lines_of(node.body[0]) if holds and ast.get_docstring(node) else range(0)


def is_data(node: ast.stmt) -> bool:
    """Whether it is a constant of a module that holds nothing but literals, or its docstring."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    value = getattr(node, "value", None) if isinstance(node, ast.Assign | ast.AnnAssign) else None
    literals = (
        ast.Constant,
        ast.Tuple,
        ast.List,
        ast.Dict,
        ast.Set,
        ast.Load,
        ast.UnaryOp,
        ast.USub,
    )
    return value is not None and all(isinstance(part, literals) for part in ast.walk(value))


def lines_of(node: ast.stmt) -> range:
    """The lines of a statement."""
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)
