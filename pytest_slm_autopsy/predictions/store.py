"""Answers on disk, so that a model is never asked the same twice."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from pytest_slm_autopsy.models.interface import Answer

STORE_VERSION: Final = 2
"""Version of the file's form and of the keys; answers of an older version are dropped."""
PATIENCE: Final = 5.0
"""Seconds that another process may hold the file."""

_MAGIC: Final = b"SQLite format 3\0"
_OURS: Final = b"slma"
_PLAIN: Final = {"text": str, "finish": str, "problem": str, "near_ties": int, "how": str}
"""The fields of an answer that are not numbers of its tokens, and the kind of each."""
_TABLE: Final = "CREATE TABLE answers (key TEXT PRIMARY KEY, answer BLOB, logprobs BLOB, ends BLOB)"
_HINT: Final = "mend that, name another file with --slm-store, or say off"


class Store:
    """A store of answers by key, in one SQLite file that several processes may use at once.

    A store never stops a run: ``problem`` says in one sentence what keeps it from being used. Where
    only writing fails, stored answers are still read. A damaged row counts as missing. ``hits`` and
    ``misses`` count the keys that were asked for, ``kept`` the answers that were written.
    ``trusted`` are the models behind servers whose kept answers were tried in this run, ``telling``
    those of them that gave probabilities, and ``notes`` says what came of it.

    Args:
        path: the file; it and its folder are made when they are first needed.
        patience: seconds that another process may hold the file locked.

    Example:
        >>> from pytest_slm_autopsy.models import Answer
        >>> from pytest_slm_autopsy.predictions import Store
        >>> with Store(":memory:") as store:
        ...     store.put({"key": Answer("{}")})
        ...     {key: answer.text for key, answer in store.get(["key", "other"]).items()}
        {'key': '{}'}
    """

    def __init__(self, path: Path | str, *, patience: float = PATIENCE) -> None:
        self.path = Path(path)
        self.hits = self.misses = self.kept = 0
        self.problem = ""
        self.trusted: set[str] = set()
        self.telling: set[str] = set()
        self.notes: list[str] = []
        self._patience = patience
        self._stuck = False
        self._database: sqlite3.Connection | None = None

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def get(self, keys: Sequence[str]) -> dict[str, Answer]:
        """Return the stored answers, by key."""
        found = self.peek(keys)
        self.hits += len(found)
        self.misses += len(set(keys)) - len(found)
        return found

    def peek(self, keys: Sequence[str]) -> dict[str, Answer]:
        """Return the stored answers, by key, without counting them."""
        found = dict[str, Answer]()
        with self._trouble_noted("the run went on without the store"):
            found |= _read(self._opened(), list(dict.fromkeys(keys)))
        return found

    def forget(self, beginning: str) -> None:
        """Drop all answers whose keys begin so."""
        with self._trouble_noted("answers were not dropped from"), _writing(self._opened()) as data:
            data.execute("DELETE FROM answers WHERE substr(key, 1, ?) = ?",
                         (len(beginning), beginning))  # fmt: skip

    def put(self, answers: Mapping[str, Answer]) -> None:
        """Keep all answers or none; an answer with a ``problem`` is left out."""
        rows = [(key, *_written(answer)) for key, answer in answers.items() if not answer.problem]
        if self._stuck or not rows:
            return
        with self._trouble_noted("new answers were not kept in"):
            with _writing(self._opened()) as database:
                database.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", rows)
            self.kept += len(rows)

    def close(self) -> None:
        """Close the file."""
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = None

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            if self.problem:
                raise _UnusableError(self.problem)
            self._database = _open(self.path, self._patience)
        return self._database

    @contextmanager
    def _trouble_noted(self, what: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, _UnusableError) as error:
            why = getattr(error, "strerror", None) or error
            self.problem = self.problem or f"{what} {self.path}: {why}; {_HINT}"
            self._stuck = self._stuck or "locked" not in str(error)


class _UnusableError(Exception):
    """A file that answers may not be written to."""


def _open(path: Path, patience: float) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    _check(path)
    # Each write begins and ends its own transaction.
    database = sqlite3.connect(path, timeout=patience, isolation_level=None)
    try:
        database.execute("PRAGMA trusted_schema=OFF")
        _check_tables(database)
        # A finished file is read without a lock, so a file that cannot be written can be read.
        if _version(database) != STORE_VERSION:
            with _writing(database):
                _make(database)
        # Two processes that switch at once may hinder each other; either mode is sound.
        with suppress(sqlite3.OperationalError):
            database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
    except BaseException:
        database.close()
        raise
    return database


def _check(path: Path) -> None:
    """Raise where the file exists and does not begin as a store of answers does.

    A file of somebody else's is thus not even opened as a database.
    """
    if not path.exists():
        return
    if not path.is_file():
        raise _UnusableError("it is a folder, or no plain file")
    with path.open("rb") as file:
        head = file.read(72)
    if head and not (head.startswith(_MAGIC) and head.endswith(_OURS)):
        raise _UnusableError("it is no store of answers, and was left as it is")


def _check_tables(database: sqlite3.Connection) -> None:
    """Raise where a file of our version holds more than our table.

    A view in place of the table, or a trigger on it, would run for as long as its author likes.
    """
    held = database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    if held not in ([], [(_TABLE,)]) and _version(database) == STORE_VERSION:
        raise _UnusableError("it holds other tables than a store of answers, and was left as it is")


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _make(database: sqlite3.Connection) -> None:
    version = _version(database)
    if version > STORE_VERSION:
        raise _UnusableError("a newer pytest-slm-autopsy wrote it")
    if version < STORE_VERSION:
        database.execute("DROP TABLE IF EXISTS answers")
        database.execute(_TABLE)
        database.execute(f"PRAGMA application_id={int.from_bytes(_OURS, 'big')}")
        database.execute(f"PRAGMA user_version={STORE_VERSION}")


@contextmanager
def _writing(database: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield database
        database.execute("COMMIT")
    except BaseException:
        # Some errors, such as a full disk, have ended the transaction already.
        with suppress(sqlite3.Error):
            database.execute("ROLLBACK")
        raise


def _read(database: sqlite3.Connection, keys: Sequence[str]) -> dict[str, Answer]:
    rows = database.execute(
        "SELECT key, CAST(answer AS BLOB), CAST(logprobs AS BLOB), CAST(ends AS BLOB) FROM answers "
        "WHERE key IN (SELECT value FROM json_each(?))",
        [json.dumps(keys)],
    )
    answers = ((key, _answer(*row)) for key, *row in rows)
    return {key: answer for key, answer in answers if answer}


def _written(answer: Answer) -> tuple[bytes, bytes | None, bytes | None]:
    """Return the row of an answer: JSON, and its numbers as they are in memory.

    Numbers are most of an answer; as text they would take most of the time of reading it.
    """
    plain = {name: getattr(answer, name) for name in _PLAIN}
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"), default=_number)
    logprobs = None if answer.logprobs is None else array("d", map(float, answer.logprobs))
    ends = None if answer.token_ends is None else array("q", map(int, answer.token_ends))
    return (
        text.encode("utf-8", "surrogatepass"),
        None if logprobs is None else logprobs.tobytes(),
        None if ends is None else ends.tobytes(),
    )


def _number(value: Any) -> Any:
    """Return a number of numpy or torch as one of Python, of the same value."""
    return value.item()


def _answer(row: bytes, logprobs: bytes | None, ends: bytes | None) -> Answer | None:
    """Return the answer in a row, or ``None`` where the row is damaged."""
    try:
        plain = json.loads(row.decode("utf-8", "surrogatepass"))
        if not all(isinstance(value, _PLAIN[name]) for name, value in plain.items()):
            return None
        return Answer(**plain, logprobs=_numbers("d", logprobs), token_ends=_numbers("q", ends))
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return None


def _numbers(kind: str, given: bytes | None) -> tuple[Any, ...] | None:
    return None if given is None else tuple(array(kind, given))
