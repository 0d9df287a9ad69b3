"""Answers come back from disk to the last bit, and no broken file costs a run."""

from __future__ import annotations

import math
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Timer

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy import Case, ScriptedModel, predict
from pytest_slm_autopsy.errors import ConfigError, ModelError
from pytest_slm_autopsy.models import Answer
from pytest_slm_autopsy.predictions import Store
from pytest_slm_autopsy.predictions.store import STORE_VERSION
from tests.environment import importing
from tests.predictions.doubles import KeptModel

ROOT = Path(__file__).parents[2]
ANSWER = Answer('{"id":"1"}', (-0.5, -1e-300), (9, 10), "length", "", 3, "drafted")


def cases_of(number, start=0):
    return [Case(str(i), f"text {i}", {"id": str(i)}) for i in range(start, start + number)]


@pytest.fixture
def path(tmp_path):
    """Where a store may be made."""
    return tmp_path / "answers.sqlite"


@pytest.fixture
def model(tmp_path):
    """A model that may be stored, and logs its questions."""
    return KeptModel(tmp_path / "log")


def ask(model, path, cases, **how):
    """Predictions, and the store as it was left."""
    with Store(path, patience=0.1) as store:
        return predict(model, cases, store=store, **how), store


def same(one, other):
    """Equal to the last bit: -0.0 is not 0.0, and NaN is NaN."""
    bits = [[float(x).hex() for x in answer.logprobs or ()] for answer in (one, other)]
    return repr(one) == repr(other) and bits[0] == bits[1]


@given(
    st.builds(
        Answer,
        text=st.text(st.characters()),
        logprobs=st.none() | st.lists(st.floats()).map(tuple),
        token_ends=st.none() | st.lists(st.integers(0, 10**6)).map(tuple),
        finish=st.sampled_from(["stop", "length"]),
        near_ties=st.integers(0, 9),
        how=st.text(max_size=9),
    )
)
def test_an_answer_comes_back_to_the_last_bit(answer):
    with Store(":memory:") as store:
        store.put({"key": answer})
        assert same(store.get(["key"])["key"], answer)


def test_strange_characters_and_numbers_survive_the_disk(path):
    answers = {
        "pair": Answer("\ud83d\ude00 \udfff \0 \u2028 \U0001f600", (-0.0, -math.inf, 5e-324), (1,)),
        "numpy": Answer("{}", (numpy.float32(-0.1),), (numpy.int64(2),)),
    }
    with Store(path) as store:
        store.put(answers)
    with Store(path) as store:
        found = store.get(["pair", "numpy"])
    assert found == answers
    assert same(found["pair"], answers["pair"])
    assert type(found["numpy"].token_ends[0]) is int


def test_a_question_is_asked_once(model, path):
    first, store = ask(model, path, cases_of(5))
    assert (store.hits, store.misses, store.kept) == (0, 5, 5)
    again, store = ask(model, path, cases_of(5))
    assert (store.hits, store.misses, store.kept) == (5, 0, 0)
    assert again == first
    assert model.questions == [*"01234"]


def test_only_what_is_new_is_asked(model, path):
    ask(model, path, cases_of(3))
    told = []
    predictions, store = ask(
        model, path, cases_of(6), batch_size=2, progress=lambda *at: told.append(at)
    )
    assert [p.case.id for p in predictions] == [*"012345"]
    assert all(p.correct for p in predictions)
    assert model.questions == [*"012345"]
    assert (store.hits, store.misses) == (3, 3)
    assert told == [(3, 6), (5, 6), (6, 6)]


def test_cases_of_one_question_share_its_answer(model, path):
    twins = [Case(name, "same", {"id": "1"}, condition=name) for name in "ab"]
    predictions, _ = ask(model, path, twins)
    assert [p.case.condition for p in predictions] == ["a", "b"]
    assert len(model.questions) == 1


def test_another_repeat_asks_again(model, path):
    for repeat in (0, 1, 1, 0, 2):
        ask(model, path, cases_of(1), repeat=repeat)
    assert len(model.questions) == 3
    with pytest.raises(ConfigError, match="repeat is -1"):
        ask(model, path, cases_of(1), repeat=-1)


def test_another_model_is_another_question(model, path):
    ask(model, path, cases_of(2))
    ask(KeptModel(model.log, version="2"), path, cases_of(2))
    assert len(model.questions) == 4


class Wrapped:
    """Answers otherwise than the model that it passes attributes on to."""

    def __init__(self, model):
        self.inner = model

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def answer(self, cases):
        return [Answer("{}") for _ in cases]


def test_a_model_that_cannot_say_what_decides_is_not_stored(model, path):
    double = ScriptedModel(lambda case: "{}")
    for _ in range(2):
        ask(double, path, cases_of(3))
    assert double.asked == 6
    ask(Wrapped(model), path, cases_of(3))
    assert not path.exists()


def test_a_model_whose_files_are_gone_is_asked_and_says_so(model, path):
    kind = type("Lost", (KeptModel,), {"question_keys": lambda *_: _raise("its files are gone")})
    predictions, store = ask(kind(model.log), path, cases_of(2))
    assert all(p.correct for p in predictions)
    assert store.problem == "the run went on without the store: its files are gone"


def _raise(sentence):
    raise ModelError(sentence)


def test_a_case_that_could_not_be_asked_is_asked_again(model, path):
    model.__class__ = type("Shy", (KeptModel,), {"answer": _one_without})
    predictions, store = ask(model, path, cases_of(3))
    assert [p.problem for p in predictions] == ["", "no room", ""]
    assert store.kept == 2
    _, store = ask(model, path, cases_of(3))
    assert (store.hits, store.misses, store.kept) == (2, 1, 0)


def _one_without(self, cases):
    answers = KeptModel.answer(self, cases)
    return [
        Answer("", problem="no room") if case.id == "1" else answer
        for case, answer in zip(cases, answers, strict=True)
    ]


@pytest.mark.parametrize(
    "damage", ["no json", "[1]", "{}", "5", '{"text": "a", "logprobs": 1}', b"\xff\xfe", None, 7]
)
def test_a_damaged_row_is_asked_and_written_anew(model, path, damage):
    first, _ = ask(model, path, cases_of(3))
    with sqlite3.connect(path) as database:
        database.execute(
            "UPDATE answers SET answer = CAST(? AS TEXT) "
            "WHERE key = (SELECT min(key) FROM answers)",
            [damage],
        )
    database.close()
    for asked in (1, 0):
        again, store = ask(model, path, cases_of(3))
        assert again == first
        assert (store.hits, store.misses, store.kept) == (3 - asked, asked, asked)
        assert store.problem == ""


def test_the_folder_is_made(model, tmp_path):
    _, store = ask(model, tmp_path / "not" / "yet" / "answers.sqlite", cases_of(2))
    assert (store.kept, store.problem) == (2, "")


def test_an_empty_file_becomes_a_store(model, path):
    path.touch()
    assert ask(model, path, cases_of(2))[1].kept == 2


def goes_on_without(model, path, sentence, *, patience=0.1):
    """The run is whole, and says once why nothing was kept."""
    with Store(path, patience=patience) as store:
        predictions = predict(model, cases_of(5), batch_size=2, store=store)
        again = predict(model, cases_of(5), store=store)
    assert [p.correct for p in predictions + again] == [True] * 10
    assert model.questions == [*"01234"] * 2
    assert store.problem.count(str(path)) == 1
    assert sentence in store.problem
    assert "\n" not in store.problem
    assert store.kept == 0


OTHERS = {
    "text": b"Dear diary, " * 400,
    "short": b"x",
    "a cut header": b"SQLite format 3\0",
    "zeros": bytes(8192),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_a_file_that_is_no_store_is_left_alone(model, path, kind):
    path.write_bytes(OTHERS[kind])
    goes_on_without(model, path, "it is no store of answers, and was left as it is")
    assert path.read_bytes() == OTHERS[kind]
    assert sorted(path.parent.iterdir()) == [path, model.log]


def test_the_database_of_another_program_is_left_alone(model, path):
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE answers (mine TEXT)")
    database.close()
    before = path.read_bytes()
    goes_on_without(model, path, "it is no store of answers, and was left as it is")
    assert path.read_bytes() == before


@pytest.fixture
def full(path):
    """A store with answers to other cases."""
    with Store(path) as store:
        store.put({str(i): ANSWER for i in range(500)})
    return path


def test_a_store_with_spoilt_pages(model, full):
    with full.open("r+b") as file:
        file.seek(4096)
        file.write(b"\x55" * (full.stat().st_size - 4096))
    goes_on_without(model, full, "malformed")


def test_a_store_that_is_cut_short(model, full):
    os.truncate(full, 5000)
    goes_on_without(model, full, "malformed")


def test_a_newer_store_is_left_alone(model, full):
    with sqlite3.connect(full) as database:
        database.execute(f"PRAGMA user_version = {STORE_VERSION + 1}")
    database.close()
    before = full.read_bytes()
    goes_on_without(model, full, "a newer pytest-slm-autopsy wrote it")
    assert full.read_bytes() == before


def test_an_older_store_begins_anew(model, full):
    with sqlite3.connect(full) as database:
        database.execute("PRAGMA user_version = 0")
    database.close()
    _, store = ask(model, full, cases_of(2))
    assert (store.kept, store.problem, store.get(["1"])) == (2, "", {})


def test_a_folder_is_no_file(model, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    goes_on_without(model, folder, "it is a folder, or no plain file")


def test_a_pipe_is_not_waited_for(model, path):
    os.mkfifo(path)
    goes_on_without(model, path, "it is a folder, or no plain file")


def test_a_file_where_the_folder_should_be(model, path):
    path.write_text("x")
    goes_on_without(model, path / "answers.sqlite", "File exists")


def test_what_another_process_is_writing_to_is_read_all_the_same(full):
    holder = sqlite3.connect(full, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with Store(full, patience=0.1) as store:
        assert store.get(["1"]) == {"1": ANSWER}
        store.put({"x": ANSWER})
        assert "database is locked" in store.problem
        holder.close()
        store.put({"y": ANSWER})
        assert set(store.get(["1", "x", "y"])) == {"1", "y"}


def test_patience_is_rewarded(model, full):
    holder = sqlite3.connect(full, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    Timer(0.3, holder.close).start()
    with Store(full, patience=20) as store:
        predict(model, cases_of(2), store=store)
        assert (store.kept, store.problem) == (2, "")


@pytest.fixture
def shut(model):
    """Makes a folder and its files read-only; for root nothing is, so be somebody else then."""
    outer, before = Path(tempfile.mkdtemp()), os.geteuid()
    outer.chmod(0o777)
    model.log, folder = outer / "log", outer / "store"
    folder.mkdir()

    def shut(*parts):
        for part in parts:
            part.chmod(0o555)
        if before == 0:
            os.seteuid(65534)

    yield folder, shut
    os.seteuid(before)
    folder.chmod(0o755)
    shutil.rmtree(outer)


def test_a_read_only_folder(model, shut):
    folder, shut = shut
    shut(folder)
    goes_on_without(model, folder / "answers.sqlite", "unable to open database file")


def test_a_folder_that_cannot_be_made(model, shut):
    folder, shut = shut
    shut(folder)
    goes_on_without(model, folder / "new" / "answers.sqlite", "Permission denied")


def test_a_read_only_file(model, shut):
    folder, shut = shut
    path = folder / "answers.sqlite"
    Store(path).get(["make it"])
    before = path.read_bytes()
    shut(path, folder)
    goes_on_without(model, path, "readonly database")
    assert path.read_bytes() == before


@pytest.fixture
def small_disk(tmp_path):
    """A real one, of 256 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("only root of a machine of its own may mount a disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_keeps_what_it_had(model, small_disk):
    path = small_disk / "answers.sqlite"
    predictions, store = ask(model, path, cases_of(2000))
    assert all(p.correct for p in predictions)
    assert len(model.questions) == 2000
    assert store.problem.startswith(
        f"new answers were not kept in {path}: database or disk is full"
    )
    assert 0 < store.kept < 2000
    with Store(path) as again:
        keys = [f"{key}/0" for key in model.question_keys(cases_of(2000))]
        assert len(again.get(keys)) == store.kept


LIMITED = """
import resource, sys
from pytest_slm_autopsy import predict
from pytest_slm_autopsy.predictions import Store
from tests.predictions.doubles import KeptModel
from tests.predictions.test_store import cases_of

resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
with Store(sys.argv[1]) as store:
    model, cases = KeptModel(sys.argv[2]), cases_of(2000)
    right = sum(p.correct for p in predict(model, cases, store=store))
    print(right, store.kept, store.problem)
    print(len(store.get([f"{key}/0" for key in model.question_keys(cases)])))
"""


def python(script, *args):
    """A process of its own that runs ``script``."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, args)],
        cwd=ROOT,
        env=os.environ | importing(ROOT),
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_file_that_may_not_grow(model, path):
    told, _ = python(LIMITED, path, model.log).communicate(timeout=60)
    right, kept, problem = told.splitlines()[0].split(maxsplit=2)
    assert int(right) == 2000
    assert problem.startswith(f"new answers were not kept in {path}: ")
    assert 0 < int(kept) < 2000
    assert told.splitlines()[1] == kept


SLOW = """
import sys
from pytest_slm_autopsy import predict
from pytest_slm_autopsy.predictions import Store
from tests.predictions.doubles import KeptModel
from tests.predictions.test_store import cases_of

model, cases = KeptModel(sys.argv[2], slow=0.05), cases_of(int(sys.argv[3]))
with Store(sys.argv[1]) as store:
    predict(model, cases, batch_size=4, store=store)
"""


def test_what_was_asked_before_a_kill_is_there(model, path):
    running = python(SLOW, path, model.log, 10_000)
    until = time.monotonic() + 60
    while len(model.questions) < 20 and time.monotonic() < until:
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.communicate(timeout=60)
    asked = len(model.questions)
    predictions, store = ask(model, path, cases_of(100))
    assert asked >= 20
    assert store.problem == ""
    assert asked - 4 <= store.hits <= asked
    assert len(model.questions) == asked + 100 - store.hits
    assert all(p.correct for p in predictions)


def test_stores_that_are_made_at_once_do_not_hinder_each_other(tmp_path):
    def use(path, number, together):
        together.wait()
        with Store(path) as store:
            found = store.get(["0", "1"])
            store.put({str(number): ANSWER})
        return store.problem, found

    for attempt in range(20):
        path, together = tmp_path / str(attempt), Barrier(6)
        with ThreadPoolExecutor(6) as pool:
            done = [pool.submit(use, path, number, together) for number in range(6)]
            assert {one.result()[0] for one in done} == {""}
        with Store(path) as store:
            assert len(store.get([*"012345"])) == 6


def test_processes_share_a_store(model, path):
    running = [python(SLOW, path, model.log, number) for number in (30, 30, 40)]
    for one in running:
        one.communicate(timeout=60)
    assert [one.returncode for one in running] == [0, 0, 0]
    _, store = ask(model, path, cases_of(40))
    assert (store.hits, store.misses, store.problem) == (40, 0, "")
