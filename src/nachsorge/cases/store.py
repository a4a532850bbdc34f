"""The file of a case: entries that hang together by their digests, and the bytes that they name. Append-only.

SQLite in WAL mode: several processes may read and write, each entry with its bytes is there whole or not at all, and a
crash or a full disk leaves what was there before. An entry's digest is over the digest before it, so no entry can be
changed, left out or put in between without breaking the chain; triggers refuse the attempt by mistake.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nachsorge.errors import InputError, Problem, UsageError
from nachsorge.locale import _
from nachsorge.model.times import Instant, render

NAME: Final = "case.sqlite"
SCHEMA: Final = "nachsorge.case/1"
FIRST: Final = "0" * 64
_PATIENCE = 60.0
"""So many seconds another process may take to write an entry."""

_TABLES = """
CREATE TABLE entries (
    seq INTEGER PRIMARY KEY, time TEXT NOT NULL, by TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
    mark TEXT UNIQUE, before TEXT NOT NULL, digest TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE blobs (sha256 TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TRIGGER entries_stay BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END;
CREATE TRIGGER entries_same BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER blobs_stay BEFORE DELETE ON blobs BEGIN SELECT RAISE(ABORT, 'blobs are never removed'); END;
CREATE TRIGGER blobs_same BEFORE UPDATE ON blobs BEGIN SELECT RAISE(ABORT, 'blobs are never changed'); END;
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: when, by whom, what. `digest` is over all of it and over the entry before."""

    seq: int
    time: str
    by: str
    kind: str
    body: Mapping[str, Any]
    before: str
    digest: str


@dataclass(slots=True)
class Case:
    """An open case. Raises UsageError where its folder holds none, InputError where its file is damaged."""

    folder: Path
    _connection: sqlite3.Connection = field(init=False)

    def __post_init__(self) -> None:
        """Open it."""
        if not (self.folder / NAME).is_file():
            told = _("{folder} holds no case; make one with: nachsorge case new {folder}")
            raise UsageError(told.format(folder=self.folder))
        self._connection = _connected(self.folder / NAME)

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Write entries and their bytes, all or nothing; other writers wait."""
        with _failures(self.folder):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Writer(self._connection)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def append(self, kind: str, body: Mapping[str, Any], time: Instant, by: str, mark: str | None = None) -> bool:
        """Write one entry; see `Writer.append`."""
        with self.writing() as writer:
            return writer.append(kind, body, time, by, mark)

    def entries(self) -> list[Entry]:
        """Give all entries in their order."""
        with _failures(self.folder):
            found = self._connection.execute(
                "SELECT seq, time, by, kind, body, before, digest FROM entries ORDER BY seq"
            ).fetchall()
        return [Entry(s, t, b, k, json.loads(body), before, digest) for s, t, b, k, body, before, digest in found]

    def blob(self, sha256: str) -> bytes:
        """Give bytes by their digest; InputError where they are not what it says."""
        with _failures(self.folder):
            row = self._connection.execute("SELECT body FROM blobs WHERE sha256 = ?", (sha256,)).fetchone()
        try:
            body = zlib.decompress(row[0]) if row else b""
        except zlib.error:
            body = b""
        if hashlib.sha256(body).hexdigest() != sha256:
            raise InputError([Problem(path=str(self.folder / NAME), message=f"bytes {sha256[:12]} damaged or missing")])
        return body

    def broken(self) -> list[str]:
        """Say where the chain does not hold; empty where it does."""
        found, before = [], FIRST
        with _failures(self.folder):
            rows = self._connection.execute(
                "SELECT seq, time, by, kind, body, before, digest FROM entries ORDER BY seq"
            ).fetchall()
        for number, (seq, time, by, kind, body, hung, digest) in enumerate(rows, start=1):
            if seq != number:
                found.append(f"entry {number} is missing")
                break
            if hung != before:
                found.append(f"entry {seq} does not follow the entry before it")
            if digest != digest_of(hung, seq, time, by, kind, body):
                found.append(f"entry {seq} ({kind}) was changed")
            before = digest
        return found

    def damaged(self) -> list[str]:
        """Name the stored bytes that are not what their digest says."""
        found = []
        for (name,) in self._connection.execute("SELECT sha256 FROM blobs ORDER BY sha256").fetchall():
            try:
                self.blob(name)
            except InputError:
                found.append(f"stored bytes {name[:12]} are damaged")
        return found


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes within one transaction."""

    connection: sqlite3.Connection

    def put(self, body: bytes) -> str:
        """Keep bytes, each once; gives their SHA-256."""
        name = hashlib.sha256(body).hexdigest()
        self.connection.execute("INSERT OR IGNORE INTO blobs VALUES (?, ?)", (name, zlib.compress(body, 6)))
        return name

    def last(self) -> int:
        """Give the number of the last entry, 0 where there is none."""
        found: int = self.connection.execute("SELECT coalesce(max(seq), 0) FROM entries").fetchone()[0]
        return found

    def append(
        self, kind: str, body: Mapping[str, Any], time: Instant, by: str, mark: str | None = None, since: int = 0
    ) -> bool:
        """Write an entry behind the last one; of two with one `mark` only the first. Tells whether it was written.

        Those before the entry `since` do not count: what was announced anew is not done by what was done before.
        """
        if mark is not None:
            query = "SELECT max(seq) FROM entries WHERE mark >= ? AND mark < ?"
            [last_marked] = self.connection.execute(query, (mark, f"{mark}~")).fetchone()
            if (last_marked or 0) > since:
                return False
            mark = f"{mark} {since}" if last_marked else mark
        last = self.connection.execute("SELECT seq, digest FROM entries ORDER BY seq DESC LIMIT 1").fetchone()
        seq, before = (last[0] + 1, last[1]) if last else (1, FIRST)
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        row = (seq, render(time), by, kind, text, mark, before, digest_of(before, seq, render(time), by, kind, text))
        self.connection.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        return True


def digest_of(before: str, seq: int, time: str, by: str, kind: str, body: str) -> str:
    """Digest an entry as the chain does: SHA-256 over a JSON list of its parts, the digest before it first."""
    return hashlib.sha256(json.dumps([before, seq, time, by, kind, body]).encode()).hexdigest()


def new_case(folder: Path, title: str, time: Instant, by: str) -> None:
    """Make a case in an empty or new folder."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(_("{folder} is not empty: choose a new folder for the case").format(folder=folder))
        (folder / "reports").mkdir(mode=0o700)
    except OSError as error:
        told = _("{path} cannot be written: {error}")
        raise UsageError(told.format(path=folder, error=error.strerror)) from error
    with _failures(folder), closing(_connected(folder / NAME)) as connection:
        (folder / NAME).chmod(0o600)
        connection.execute("BEGIN IMMEDIATE")
        for statement in _statements(_TABLES):
            connection.execute(statement)
        Writer(connection).append("new", {"schema": SCHEMA, "title": title}, time, by)
        connection.execute("COMMIT")


def _statements(script: str) -> Sequence[str]:
    """Split the script at its ends of lines: a trigger holds a semicolon of its own."""
    return [one for one in script.strip().split(";\n") if one.strip()]


def _connected(path: Path) -> sqlite3.Connection:
    with _failures(path.parent):
        if _protected(path):
            return sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True, isolation_level=None)
        connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    return connection


def _protected(path: Path) -> bool:
    """Tell whether it lies where nothing can be written (a write-protected share, a backup), and is all there.

    SQLite cannot open a file in WAL mode there, unless it is told that nobody changes it. What a crash left in the
    journal would not be seen then, so such a case is not opened: copy its folder.
    """
    journal = path.with_name(path.name + "-wal")
    return path.exists() and not os.access(path.parent, os.W_OK) and not (journal.exists() and journal.stat().st_size)


@contextmanager
def _failures(folder: Path) -> Iterator[None]:
    """Turn what SQLite reports into our errors. What was not committed is not in the case."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            told = _("{path}: {error}; what was stored before is unharmed")
            raise UsageError(told.format(path=folder / NAME, error=error)) from error
        raise InputError([Problem(path=str(folder / NAME), message=f"no case, or damaged: {error}")]) from error
