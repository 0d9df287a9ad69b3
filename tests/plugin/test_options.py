"""Options and ini keys: declared, read once, and checked before the first test."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_slm_autopsy.plugin.options import OPTIONS
from pytest_slm_autopsy.plugin.settings import Settings

NAMES = [option.name for option in OPTIONS]
FLAGS = [option.flag for option in OPTIONS if option.on_command_line]
MOST_OPTIONS = 22

GIVEN = {
    "base": ("a/base", "a/base"),
    "adapter": ("adapters/narrow", "adapters/narrow"),
    "quantization": ("none", "none"),
    "device": ("cuda:1", "cuda:1"),
    "seed": ("-7", -7),
    "n": ("3", 3),
    "allow": ("base_name, size_named", ("base_name", "size_named")),
    "health": ("off", False),
    "store": ("off", "off"),
    "document_pattern": (r"Text:\s(.*)", r"Text:\s(.*)"),
}
BAD = [
    ("quantization", "nf5", "'nf5'; it must be nf4, fp4, int8 or none"),
    ("device", "gpu", "'gpu'; it must be auto, cpu, cuda, cuda:N or shard"),
    ("device", "cuda:", "'cuda:'; it must be auto, cpu, cuda, cuda:N or shard"),
    ("seed", "1.5", "1.5"),
    ("n", "0", "'0'; it must be a whole number, at least 1"),
    ("n", "-4", "'-4'; it must be a whole number, at least 1"),
    ("n", "many", "many"),
    (
        "allow",
        "base_nam",
        "'base_nam'; there is no check 'base_nam' to allow; did you mean 'base_name'?",
    ),
    ("allow", "base_name,base_files", "base_files cannot be allowed to fail"),
    ("health", "maybe", "'maybe'; it must be on or off"),
    ("document_pattern", "(", "'('; no regular expression: "),
    ("report", ".", ", a folder; name a file in it"),
    ("limits", "gap = x", "limits are lines of TOML such as 'gap = 0.10'"),
]


def flag(name: str) -> str:
    return f"--slm-{name.replace('_', '-')}"


@pytest.fixture(autouse=True)
def _a_test_that_leaves_a_trace(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): open('trace', 'w').close()")


def test_help_shows_every_option_and_ini_key(run):
    result = run("--help")
    assert result.ret == 0
    for name in FLAGS:
        result.stdout.re_match_lines([rf"  {name}="])
    for name in NAMES:
        result.stdout.re_match_lines([rf"  slm_{name} \("])
    result.stdout.fnmatch_lines(
        ["slm-autopsy: autopsy of a small language model:", "  --slm-gate *"]
    )


def test_no_more_options_than_a_user_can_read(run):
    told = run("--help").stdout.lines
    options = [line for line in told if line.startswith("  --slm-")]
    assert len(options) == len(FLAGS) + 2 == MOST_OPTIONS


def test_markers_shows_the_mark(run):
    run("--markers").stdout.fnmatch_lines(["@pytest.mark.slm: asks a language model; *"])


def test_strict_runs_know_the_mark_and_the_ini_keys(run, pytester):
    pytester.makepyfile("import pytest\n@pytest.mark.slm\ndef test_it(): pass")
    run("--strict-markers", "--strict-config").assert_outcomes(passed=1)


def test_defaults(run, pytester):
    pytester.makeini("[pytest]\n")
    run().assert_outcomes(passed=1)
    assert run.settings == Settings()


@pytest.mark.parametrize("name", GIVEN)
def test_the_ini_file_is_read(run, pytester, name):
    text, value = GIVEN[name]
    pytester.makeini(f"[pytest]\nslm_{name} = {text}\n")
    run()
    assert run.settings == Settings(**{name: value})


@pytest.mark.parametrize("name", GIVEN)
def test_the_command_line_wins(run, pytester, name):
    text, value = GIVEN[name]
    other = {"quantization": "nf4", "device": "cpu", "seed": "1", "n": "1", "health": "on"}.get(
        name, "other"
    )
    pytester.makeini(f"[pytest]\nslm_{name} = {other}\n")
    run(f"{flag(name)}={text}")
    assert run.settings == Settings(**{name: value})


def test_an_empty_text_takes_the_adapter_of_the_ini_file_away(run, pytester):
    pytester.makeini("[pytest]\nslm_adapter = adapters/narrow\nslm_base =\n")
    run("--slm-adapter=")
    assert run.settings == Settings()


@pytest.mark.parametrize("section", ["tool.pytest", "tool.pytest.ini_options"])
def test_toml_numbers_need_no_quotes(run, pytester, section):
    Path("pytest.ini").unlink(missing_ok=True)
    Path("tox.ini").unlink(missing_ok=True)
    pytester.makepyprojecttoml(f"[{section}]\nslm_n = 5\nslm_seed = 6\nslm_base = 'b'\n")
    run()
    assert run.settings == Settings(n=5, seed=6, base="b")


def test_the_report_path_is_that_of_the_folder_where_pytest_started(run, pytester):
    run("--slm-report=out/page.html")
    assert run.settings.report == (pytester.path / "out" / "page.html",)


@pytest.mark.parametrize(("name", "text", "said"), BAD)
@pytest.mark.parametrize("place", ["command line", "ini"])
def test_a_bad_value_stops_the_run_before_the_first_test(run, pytester, name, text, said, place):
    if place == "ini":
        pytester.makeini(f"[pytest]\nslm_{name} = {text}\n")
    result = run(*([f"{flag(name)}={text}"] if place == "command line" else []))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert not Path("trace").exists()
    assert result.outlines == []
    [line] = filter(None, result.errlines)
    key = f"slm_{name}" if place == "ini" or name == "report" else flag(name)
    assert line.startswith("ERROR: ")
    assert key in line
    assert said in line


def test_a_bad_number_in_toml_is_one_sentence(run, pytester):
    Path("tox.ini").unlink()
    pytester.makepyprojecttoml("[tool.pytest]\nslm_n = 2.5\n")
    result = run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    [line] = filter(None, result.errlines)
    assert "slm_n must be a whole number, at least 1" in line
    assert "2.5" in line
