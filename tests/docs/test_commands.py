"""Every command of the pages is understood by what it calls; the cheap ones are really typed."""

from __future__ import annotations

import re
import shlex
import tomllib
from contextlib import redirect_stdout
from importlib.util import find_spec
from io import StringIO

import pytest

from pytest_slm_autopsy import cli
from tests.docs.blocks import ROOT, blocks_of, every_block, run_here, source
from tests.docs.prepared import ORDER_BREAKS, PREPARED, TESTS

TYPED = ("docs/baselines.md", "docs/profiles.md", "docs/report.md")
"""Pages whose commands are cheap."""
OPTION = re.compile(r"(?<![\w-])--slm-[a-z-]+")
KEY = re.compile(r"`(slm_\w+)(?: = [^`]*)?`")


def commands(block):
    """Yield the words of each command of a block; those after ``>`` name a file."""
    lines = block.text.replace("\\\n", " ").splitlines()
    if block.kind == "console":
        lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    for line in lines:
        if words := shlex.split(line, comments=True):
            yield words[:-1] if words[-1] == "&" else words


COMMANDS = [
    pytest.param(words, id=f"{block}-{' '.join(words[:3])}")
    for found in run_here("bash", "console").values()
    for block in found
    for words in commands(block)
]


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_is_understood(words, pytestconfig):
    understand(words, pytestconfig)


def understand(words, pytestconfig):
    """Fail where a command names what is not there: a program, a command, an option, a file."""
    program, *arguments = words[: words.index(">")] if ">" in words else words
    understood = {"slm-autopsy": by_us, "pytest": by_pytest}
    if program in understood:
        understood[program](arguments, pytestconfig)
    else:
        {"make": by_make, "pip": by_pip, "python": by_python}[program](arguments)
    for word in " ".join(arguments).split():
        path = word.rpartition("=")[2].partition(":")[0]
        if path.partition("/")[0] in ("benchmarks", "docs", "reference_experiment", "tests"):
            assert (ROOT / path).exists(), f"there is no {path}"


def by_us(arguments, config):
    """Our parser takes the arguments of a command, pytest's those that follow a model."""
    further = []
    if arguments[0] == "run":
        options = [word for word in arguments if word.startswith("-")]
        first = arguments.index(options[0]) if options else len(arguments)
        arguments, further = arguments[:first], arguments[first:]
    cli._parser().parse_args(arguments)
    by_pytest(further, config)


def by_pytest(arguments, config):
    """The parser of pytest with this plugin: unknown options stop it."""
    config._parser.parse(arguments)


def by_make(arguments):
    """Its Makefile has the targets and the variables; make alone takes a folder for a target."""
    makefile = source("Makefile")
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()
    targets += re.search(r"^STAGES := (.*)$", makefile, re.MULTILINE)[1].split()
    for word in arguments:
        name, sets, _ = word.partition("=")
        assert re.search(rf"^{name} \?=", makefile, re.MULTILINE) if sets else name in targets


def by_pip(arguments):
    """It installs this folder, with extras that there are."""
    assert arguments[0] == "install"
    extras = tomllib.loads(source("pyproject.toml"))["project"]["optional-dependencies"]
    for word in arguments[1:]:
        folder, _, named = word.rstrip("]").partition("[")
        assert folder == "."
        assert {*named.split(",")} - {""} <= {*extras}


def by_python(arguments):
    """Its module can be imported, or its file is in an adopter's repository."""
    if arguments[0] == "-m":
        assert find_spec(arguments[1])
    else:
        assert [*(ROOT / "tests" / "adopters").glob(f"*/{arguments[0]}")]


@pytest.mark.parametrize(
    "line",
    [
        "slm-autopsy chekc --base B --adapter A",
        "slm-autopsy check --base B --adaptor A",
        "slm-autopsy run B A --slm-limit=a",
        "slm-autopsy run reference_experiment/bass",
        "pytest --slm-repord=autopsy.html",
        "make experimemt",
        "make tests",
        "make test ARG=-x",
        "pip install '.[served,hff]'",
        "python -m pytest_slm_autopsies",
        "python training.py",
        "slm_autopsy run",
    ],
)
def test_a_command_that_is_wrong_is_seen(line, pytestconfig, capsys):
    with pytest.raises((AssertionError, KeyError, SystemExit, pytest.UsageError)):
        understand(shlex.split(line), pytestconfig)


def test_options_and_keys_in_the_text_exist(pytestconfig):
    parser = pytestconfig._parser
    options = {name for one in parser._anonymous.options for name in one.names()}
    options |= {n for group in parser._groups for one in group.options for n in one.names()}
    fixtures = {*re.findall(r"def (slm_\w+)", source("pytest_slm_autopsy/plugin/fixtures.py"))}
    keys = {*parser._inidict} | fixtures | {"slm_condition"}
    for page in {block.page for block in every_block()}:
        assert {*OPTION.findall(source(page))} <= options, page
        assert {*KEY.findall(source(page))} <= keys, page


@pytest.mark.parametrize("page", TYPED)
def test_the_commands_of_a_page_are_typed(page, pytester, monkeypatch):
    for name in ("CI", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    PREPARED[page](pytester.path)
    for block in every_block():
        if block.page == page and block.name == "notes.py":
            (pytester.path / block.name).write_text(block.text, "utf-8")
    for block in run_here("bash")[page]:
        for words in commands(block):
            type_in(words, pytester)


def type_in(words, pytester):
    """Run one command, which ends well; ``> file`` keeps what it says."""
    words, _, file = " ".join(words).partition(" > ")
    program, *arguments = words.split()
    said = StringIO()
    if program == "pytest":
        assert pytester.runpytest(*arguments).ret == 0
    else:
        with redirect_stdout(said):
            assert cli.main(arguments) == 0
        assert said.getvalue()
    if file:
        (pytester.path / file).write_text(said.getvalue(), "utf-8")


@pytest.mark.slow
def test_a_diagnosis_prescribes_a_cure(pytester):
    (pytester.path / "conftest.py").write_text(ORDER_BREAKS, "utf-8")
    (pytester.path / "test_it.py").write_text(TESTS, "utf-8")
    [block] = (one for one in run_here("bash")["README.md"] if "--slm-diagnose" in one.text)
    diagnose, cure = commands(block)
    assert pytester.runpytest(*diagnose[1:]).ret == 1
    type_in(cure, pytester)
    assert len((pytester.path / "train.jsonl").read_text("utf-8").splitlines()) == 8000


def test_a_check_prints_what_the_page_shows(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    block = run_here("console")["docs/models.md"][0]
    [words] = commands(block)
    assert cli.main(words[1:]) == 0
    assert capsys.readouterr().out == block.text.partition("\n")[2]


def test_comments_and_output_are_no_commands():
    [block] = blocks_of("```console\n$ make a  # first\nsaid\n\n$ make \\\n b > c\n```\n")
    assert [*commands(block)] == [["make", "a"], ["make", "b", ">", "c"]]
