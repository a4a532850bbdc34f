"""Databases of the Extensible Storage Engine (SRUM, web caches), through `libesedb` in a process that can be ended.

Layout of the file header: libyal, "Extensible Storage Engine (ESE) Database File (EDB) format".
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from nachsorge.evidence.seams import HEAD, Opened, ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from nachsorge.evidence.ledger import Ledger

MAGIC = b"\xef\xcd\xab\x89"
"""The signature, at byte 4 behind the checksum."""

LARGEST = 4 * 1024**3
IDLE = 60.0
"""So many seconds may pass without a row."""

LONGEST = 1200.0
"""So many seconds may a database take altogether."""

INSTALL = "reading this database needs an extra: pip install 'nachsorge[windows]'"
_CLEAN = 3
_BLOCK = 1024 * 1024
_CHILD = "from nachsorge.evidence.windows.ese_child import serve; serve()"


def available() -> bool:
    """Tell whether the library is installed; it is not loaded into this process."""
    return find_spec("pyesedb") is not None


def is_database(head: bytes) -> bool:
    """Recognise a database (not a streaming file) by its header."""
    return head[4:8] == MAGIC and head[12:16] == bytes(4)


def closed_properly(head: bytes) -> bool:
    """Tell whether the database was closed: else its newest pages are in transaction logs only."""
    return int.from_bytes(head[52:56], "little") == _CLEAN


def rows(stream: BinaryIO, *, idle: float = IDLE, longest: float = LONGEST) -> Iterator[list[object]]:
    """Give the lines that `ese_child` writes of a database, up to `["end"]`.

    Raises ReadError: MISSING_EXTRA without the library, LIMIT where the file is too large or the library was ended
    because it took too long, CORRUPT where it gave up or crashed.
    """
    if not available():
        raise ReadError(Reason.MISSING_EXTRA, INSTALL)
    with tempfile.TemporaryDirectory(prefix="nachsorge-") as folder:
        place = Path(folder) / "copy"
        _copy(stream, place)
        with _child(place) as process:
            yield from _lines(process, idle, longest)


def rows_of(source: Opened, ledger: Ledger) -> Iterator[list[object]]:
    """Give the lines of a database as evidence: a gap where it was in use. Raises ReadError as `rows` does."""
    with source.open() as stream:
        head = stream.read(HEAD)
    if not is_database(head):
        raise ReadError(Reason.CORRUPT, "no database of the Extensible Storage Engine")
    if not closed_properly(head):
        ledger.gap(Reason.NOT_SUPPORTED, "was in use when copied: what stands only in its logs was not read")
    with source.open() as stream:
        yield from rows(stream)


def _copy(stream: BinaryIO, place: Path) -> None:
    size = 0
    with place.open("wb") as copy:
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > LARGEST:
                raise ReadError(Reason.LIMIT, f"larger than the {LARGEST} bytes that a database may have")
            copy.write(block)


@contextmanager
def _child(place: Path) -> Iterator[subprocess.Popen[str]]:
    # -P: the folder that the program is started in, which may hold evidence, is no place to import from.
    command = [sys.executable, "-P", "-c", _CHILD]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdin is not None  # it is a pipe
            process.stdin.write(f"{place}\n")
            process.stdin.close()
            yield process
        finally:
            process.kill()


def _lines(process: subprocess.Popen[str], idle: float, longest: float) -> Iterator[list[object]]:
    ended: list[str] = []
    deadline = _Deadline(process, idle, longest, ended)
    assert process.stdout is not None  # it is a pipe
    complete = False
    try:
        for text in process.stdout:
            deadline.renew()
            line = json.loads(text) if text.endswith("\n") else ["fault", "broke off"]
            if line[0] == "fault":
                raise ReadError(Reason.CORRUPT, f"not a readable database: {line[1]}")
            if complete := line[0] == "end":
                return
            yield line
    finally:
        deadline.stop()
        if not complete:
            process.kill()
    if ended:
        raise ReadError(Reason.LIMIT, f"the database library was ended after {ended[0]}: the rest was not read")
    raise ReadError(Reason.CORRUPT, "the database library broke off in the middle: the rest was not read")


class _Deadline:
    """Ends a process that is silent for too long, or takes too long altogether."""

    def __init__(self, process: subprocess.Popen[str], idle: float, longest: float, ended: list[str]) -> None:
        self._process, self._ended = process, ended
        self._moved, self._stopped = threading.Event(), threading.Event()
        self._idle = idle
        self._whole = threading.Timer(longest, self._end, (f"{longest:g} seconds",))
        self._watch = threading.Thread(target=self._wait, daemon=True)
        self._whole.daemon = True
        self._whole.start()
        self._watch.start()

    def renew(self) -> None:
        """Take note that something came."""
        self._moved.set()

    def stop(self) -> None:
        """End the watch."""
        self._stopped.set()
        self._moved.set()
        self._whole.cancel()

    def _wait(self) -> None:
        while self._moved.wait(self._idle):
            if self._stopped.is_set():
                return
            self._moved.clear()
            # Without a pause a busy database would wake this thread with every row.
            if self._stopped.wait(0.05):
                return
        self._end(f"{self._idle:g} seconds without a row")

    def _end(self, why: str) -> None:
        if not self._stopped.is_set():
            self._ended.append(why)
            self._process.kill()
