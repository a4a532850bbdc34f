"""SQLite databases as evidence: opened as a copy, with the write-ahead log that lies beside them.

The original is never opened by SQLite, which would change it. The copy takes `-wal` and `-journal` along, from the
folder or from the same archive; the shared-memory index is built anew from the log. Where they cannot be reached and
the database says that it has a log, that is noted.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nachsorge.evidence.seams import ReadError
from nachsorge.evidence.siblings import neighbour, reachable
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened

MAGIC = b"SQLite format 3\0"
LARGEST = 2 * 1024**3
_BLOCK = 1024 * 1024
_WAL_MODE = 2
_STEPS = 20_000_000
_LONGEST_VALUE = 16 * 1024 * 1024


@contextmanager
def opened_copy(source: Opened, ledger: Ledger) -> Iterator[sqlite3.Connection]:
    """Give a connection to a copy; all that SQLite raises meanwhile becomes a ReadError with CORRUPT.

    Pages that are damaged are a gap even where all that is asked for can be read.
    """
    with tempfile.TemporaryDirectory(prefix="nachsorge-") as folder:
        place = Path(folder) / "copy"
        with source.open() as stream:
            head = _copy(stream, place)
        _beside(source, place, head, ledger)
        try:
            with closing(sqlite3.connect(place)) as database:
                _harden(database)
                _check(database, ledger)
                yield database
        except (sqlite3.Error, OverflowError, ValueError) as error:
            raise ReadError(Reason.CORRUPT, f"not a readable SQLite database: {error}") from error


def _copy(stream: BinaryIO, place: Path) -> bytes:
    head, size = b"", 0
    with place.open("wb") as copy:
        while block := stream.read(_BLOCK):
            head, size = head or block[:100], size + len(block)
            if size > LARGEST:
                raise ReadError(Reason.LIMIT, f"larger than the {LARGEST} bytes that a database may have")
            copy.write(block)
    return head


def _beside(source: Opened, place: Path, head: bytes, ledger: Ledger) -> None:
    logs = 0
    for end in ("-wal", "-journal"):
        log = neighbour(source, end)
        if log is not None and log.size and _fetched(log, place.with_name(place.name + end), ledger):
            logs += 1
            ledger.notes.append(f"read together with its {end}")
    if not logs and head[18:19] == bytes([_WAL_MODE]):
        where = "was not beside it" if reachable(source) else "cannot be reached within an archive"
        ledger.notes.append(f"its write-ahead log {where}: newest changes may be missing")


def _fetched(log: Opened, place: Path, ledger: Ledger) -> bool:
    """Copy a log; one that cannot be read is a gap, and the database is read without it."""
    try:
        with log.open() as stream:
            _copy(stream, place)
    except (ReadError, OSError, EOFError) as problem:
        place.unlink(missing_ok=True)
        ledger.gap(getattr(problem, "reason", Reason.FAILED), f"{log.name}: {problem}; newest changes may be missing")
        return False
    return True


def _harden(database: sqlite3.Connection) -> None:
    """Let a hostile database compute nothing and take neither memory nor time without end."""
    database.text_factory = lambda raw: raw.decode("utf-8", "replace")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA cell_size_check = ON")
    left = [_STEPS]

    def step() -> int:
        left[0] -= 1000
        return 1 if left[0] < 0 else 0

    database.set_progress_handler(step, 1000)


def _check(database: sqlite3.Connection, ledger: Ledger) -> None:
    """Look for damaged pages, which queries may pass over."""
    try:
        found = [str(row[0]) for row in database.execute("PRAGMA quick_check(3)")]
    except sqlite3.OperationalError as error:
        # Programs bring functions and collations of their own, which are not here.
        ledger.notes.append(f"could not be checked for damaged pages: {error}")
        return
    if found != ["ok"]:
        ledger.gap(Reason.CORRUPT, f"damaged pages: {'; '.join(found)[:300]}")


def columns(database: sqlite3.Connection, table: str) -> frozenset[str]:
    """Name the columns of a real table; none where it is not there, or is a view or virtual."""
    query = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"
    found = database.execute(query, (table,)).fetchone()
    if found is None or not isinstance(found[0], str) or found[0][:15].upper().startswith("CREATE VIRTUAL"):
        return frozenset()
    return frozenset(str(row[1]) for row in database.execute(f'PRAGMA table_info("{table}")'))


def rows(database: sqlite3.Connection, table: str, wanted: Sequence[str], order: str) -> Iterator[dict[str, Any]]:
    """Give the wanted columns of every row by name; a column that this version lacks is None."""
    there = columns(database, table)
    named = ", ".join(f'"{name}"' if name in there else "NULL" for name in wanted)
    if there:
        by = f' ORDER BY "{order}"' if order in there else ""
        for row in database.execute(f'SELECT {named} FROM "{table}"{by}'):
            yield dict(zip(wanted, row, strict=True))


def serialised(*statements: str) -> bytes:
    """Make a small database from statements: the file of a positive control."""
    with closing(sqlite3.connect(":memory:")) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()
        return database.serialize()
