"""How much a module, a function and the entry file may hold, read from the source."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator

import pytest

MODULE_LINES = 250
FUNCTION_LINES = 40
PARAMETERS = 7
COMMENTS = 0.2  # of the lines of code
NO_NAMES = {"utils", "helpers", "common"}

HOOKS = "pytest_slm_autopsy.plugin.hooks"
HOOKS_LINES = 120
HOOK_STATEMENTS = 5

Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_every_module_keeps_to_the_budget(
    package: dict[str, str], experiment: dict[str, str]
) -> None:
    # The experiment's tests are written as a user would: without annotations.
    modules = package | {name: text for name, text in experiment.items() if ".test_" not in name}
    assert [fault for name in modules for fault in over_budget(name, modules[name])] == []


def test_the_entry_file_is_a_table_of_contents(package: dict[str, str]) -> None:
    assert list(not_a_table_of_contents(package[HOOKS])) == []


EIGHT = "self, a: A, b: A, c: A, *, d: A, e: A, f: A, g: A, h: A"


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        ("p.utils", "", "is no name"),
        ("p.common.data", "", "is no name"),
        ("p.a", "x = 1\n" * 251, "251 lines"),
        ("p.a", "x = 1  # what\n\n\n# why\n" * 10, "10 comment lines"),
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
    method = f"    def f({EIGHT.removesuffix(', h: A')}) -> None:\n" + "        x = 1\n" * 39
    source = f"# why\nclass A:\n{method}" + "y = 1\n" * 208
    assert len(source.splitlines()) == MODULE_LINES
    assert list(over_budget("p.a", source)) == []


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
    lines = len(source.splitlines())
    if lines > MODULE_LINES:
        yield f"{module}: {lines} lines, split at {MODULE_LINES}"
    code, comments = code_and_comment_lines(source)
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


def code_and_comment_lines(source: str) -> tuple[int, int]:
    """How many lines hold code, docstrings among it, and how many only a comment."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = [token.line for token in tokens if token.type == tokenize.COMMENT]
    alone = sum(line.lstrip().startswith("#") for line in comments)
    return sum(bool(line.strip()) for line in source.splitlines()) - alone, alone
