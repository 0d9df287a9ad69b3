"""--slm-store: a second run asks nothing that the first one asked."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_slm_autopsy import Autopsy, Case, Settings
from tests.predictions.doubles import KeptModel

MODEL = """
import pytest
from tests.predictions.doubles import KeptModel

@pytest.fixture(scope="session")
def slm():
    return KeptModel("log", name="toy")
"""
TESTS = """
import pytest

@pytest.mark.parametrize("condition", ["canonical", "order", "production", "columns"])
def test_it(slm, slm_cases, autopsy, condition):
    assert all(p.correct for p in autopsy.predict(slm, slm_cases.conditions[condition]))
"""
ASKED = 48
DEFAULT = ".pytest_cache/d/slm-autopsy/answers.sqlite"


@pytest.fixture
def stored(pytester, run):
    """A run of four tests that ask twelve cases each; call it, then ``asked()``."""
    pytester.makeconftest(MODEL)
    pytester.makepyfile(test_stored=TESTS)

    def go(*args):
        result = run(*args)
        result.assert_outcomes(passed=4)
        return told(result), asked()

    return go


def asked():
    """How many questions the model was asked since the last call."""
    log = Path("log")
    lines = log.read_text().split() if log.exists() else []
    log.unlink(missing_ok=True)
    return len(lines)


def told(result):
    """What the summary says of the store."""
    return [line for line in result.outlines if line.startswith(("store: ", "the run went on "))]


def test_the_second_run_asks_nothing(stored, run):
    assert stored() == ([f"store: 0 answers read, 48 new ({DEFAULT})"], ASKED)
    first = run.data
    assert stored() == ([f"store: 48 answers read, 0 new ({DEFAULT})"], 0)
    assert run.data == first


def test_the_line_is_short(stored):
    lines, _ = stored("--slm-store", "a/" * 60 + "answers.sqlite")
    assert [len(line) for line in lines] == [80]
    assert lines[0].startswith("store: 0 answers read, 48 new (a/a/")
    assert lines[0].endswith("/answers.sqlite)")


def test_only_what_changed_is_asked(stored):
    stored("--slm-n=6")
    assert stored()[0] == [f"store: 24 answers read, 24 new ({DEFAULT})"]


@pytest.mark.parametrize("flags", [("-n2",), ("-n2", "--slm-store=mine/answers")])
def test_workers_share_the_store(stored, flags):
    pytest.importorskip("xdist")
    place = "mine/answers" if len(flags) > 1 else DEFAULT
    assert stored(*flags) == ([f"store: 0 answers read, 48 new ({place})"], ASKED)
    assert stored(*flags) == ([f"store: 48 answers read, 0 new ({place})"], 0)
    assert stored(*flags[1:], "-p", "no:xdist")[1] == 0


def test_the_file_of_the_ini_key(stored, pytester):
    pytester.makeini("[pytest]\nslm_n = 12\nslm_store = mine.sqlite\n")
    assert stored()[0] == ["store: 0 answers read, 48 new (mine.sqlite)"]
    assert stored()[1] == 0
    assert Path("mine.sqlite").exists()
    assert not Path(DEFAULT).exists()
    assert stored("--slm-store=") == ([f"store: 0 answers read, 48 new ({DEFAULT})"], ASKED)


@pytest.mark.parametrize("flags", [("--slm-store=off",), ("-p", "no:cacheprovider")])
def test_without_a_store_every_run_asks(stored, flags):
    for _ in range(2):
        assert stored(*flags) == ([], ASKED)
    assert not Path(DEFAULT).exists()


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_cache_clear_forgets(stored, workers):
    if workers:
        pytest.importorskip("xdist")
    stored()
    told, asked = stored("--cache-clear", *workers)
    assert (told, asked) == ([f"store: 0 answers read, 48 new ({DEFAULT})"], ASKED)
    assert stored()[1] == 0


def test_the_folder_of_the_ini_key_cache_dir(stored, pytester):
    pytester.makeini("[pytest]\nslm_n = 12\ncache_dir = elsewhere\n")
    assert stored()[0] == ["store: 0 answers read, 48 new (elsewhere/d/slm-autopsy/answers.sqlite)"]


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_a_store_that_cannot_be_used_is_one_sentence(stored, workers):
    if workers:
        pytest.importorskip("xdist")
    Path("diary.txt").write_text("Dear diary")
    [line], asked = stored("--slm-store=diary.txt", *workers)
    assert asked == ASKED
    assert line == (
        f"the run went on without the store {Path('diary.txt').resolve()}: it is no store of "
        "answers, and was left as it is; mend that, name another file with --slm-store, or say off"
    )
    assert Path("diary.txt").read_text() == "Dear diary"


@pytest.mark.filterwarnings("ignore:could not create cache path")
def test_a_cache_folder_that_cannot_be_made_is_one_sentence(stored):
    Path(".pytest_cache").write_text("in the way")
    told, asked = stored("-p", "no:warnings")
    assert asked == ASKED
    assert told == [
        "the run went on without the store: pytest's cache folder cannot be made (Not a directory)"
    ]


def test_with_a_budget_the_store_is_read_too(stored):
    stored("--slm-budget=12")
    assert stored("--slm-budget=12") == ([f"store: 48 answers read, 0 new ({DEFAULT})"], 0)


def test_a_model_that_is_no_storable_leaves_no_trace(run, toy):
    result = run()
    result.stdout.no_fnmatch_line("store*")
    assert not Path(DEFAULT).parent.exists()


def test_what_was_asked_before_a_failure_is_kept(stored, run, pytester):
    pytester.makepyfile(test_stored=TESTS + "    assert condition == 'canonical'\n")
    run("-x").assert_outcomes(passed=1, failed=1)
    assert asked() == 24
    pytester.makepyfile(test_stored=TESTS)
    assert stored() == ([f"store: 24 answers read, 24 new ({DEFAULT})"], 24)


def test_a_repeat_is_asked_once_more_and_is_not_in_the_report(tmp_path):
    settings = Settings(store=tmp_path / "answers")
    cases = [Case(str(i), f"text {i}", {"a": "1"}) for i in range(3)]
    model = KeptModel(tmp_path / "log")
    for repeats, asked in (((0, 1, 1, 0, 2), 9), ((2, 1, 0), 9), ((3,), 12)):
        autopsy = Autopsy(settings, SimpleNamespace(workerinput={}))
        for repeat in repeats:
            autopsy.predict(model, cases, repeat=repeat)
        assert len(model.questions) == asked
        rows = autopsy.report().rows if 0 in repeats else ()
        assert [row.n for row in rows] == [3] * (0 in repeats)
        autopsy.keeping.close()


def test_a_repeat_of_a_double_is_asked_once_more(tmp_path):
    for budget in (None, 9):
        autopsy = Autopsy(Settings(store="off", budget=budget), SimpleNamespace(workerinput={}))
        model = KeptModel(tmp_path / f"log-{budget}")
        for repeat in (0, 1, 0, 1):
            list(autopsy.predict(model, [Case("1", "x", {"a": "1"})], repeat=repeat))
        assert len(model.questions) == 2


def test_a_redacted_run_keeps_no_answer_and_reads_none(stored):
    stored()
    store = Path(DEFAULT)
    before = store.read_bytes()
    said = "store: not used, since it keeps the texts of answers (--slm-redact)"
    assert stored("--slm-redact") == ([said], ASKED)
    assert store.read_bytes() == before
    store.unlink()
    assert stored("--slm-redact", f"--slm-store={store}") == ([said], ASKED)
    assert not store.exists()
