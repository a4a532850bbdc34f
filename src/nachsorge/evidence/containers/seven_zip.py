"""7z archives: unpacked once, in a process of its own, to a temporary file without a name.

Members of a solid archive can only be unpacked all in a row, so each is unpacked when the first is asked for. The
library `py7zr` is needed (extra `archives`); without it the archive is recognised and named as unread.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.limits import Limits
from nachsorge.evidence.containers.names import Names, last_part, shown
from nachsorge.evidence.containers.spooled import Unnamed, spooled
from nachsorge.evidence.entries import open_plain
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator


MAGIC = b"7z\xbc\xaf\x27\x1c"
INSTALL = "reading 7z archives needs an extra: pip install 'nachsorge[archives]'"
SILENCE = 120.0
"""Seconds without a byte from the process after which it counts as hanging, and is ended."""

_LARGEST = 8 * 1024 * 1024
# -P: else modules would be imported from the current folder first, and that may be the evidence.
SERVER = ("-P", "-m", "nachsorge.evidence.containers.seven_zip_server")


class SevenZip:
    """Many files, compressed together."""

    name = "7z"

    def accepts(self, head: bytes, name: str) -> bool:
        """Recognise the signature."""
        return head.startswith(MAGIC)

    def members(self, source: Opened, limits: Limits, ledger: Ledger) -> Iterator[Opened]:
        """Give the files inside, in the archive's order; what cannot be given is a gap naming it."""
        if not limits.enter(source, ledger):
            return
        if find_spec("py7zr") is None:
            ledger.gap(Reason.MISSING_EXTRA, f"{source.path}: {INSTALL}")
            return
        unpacked = _Unpacked(source, limits, ledger)
        try:
            unpacked.run()
        except ReadError as problem:
            ledger.gap(problem.reason, f"{source.path}: {problem.note}")
        yield from unpacked.found


@dataclass(slots=True)
class _Unpacked:
    source: Opened
    limits: Limits
    ledger: Ledger
    found: list[Opened] = field(default_factory=list)

    def run(self) -> None:
        """Unpack all of it; a member that was begun when something failed ends with the failure."""
        spool, names = Unnamed(), Names(self.source.path)
        name, modified, start = "", None, -1
        fault: ReadError | None = None
        process = self._started()
        try:
            for kind, body in _frames(process):
                match kind:
                    case b"N":
                        name, modified, start = *_named(body), spool.size
                        self.limits.admit()
                    case b"D":
                        self.limits.take(len(body))
                        spool.add(body)
                    case b"E" if start >= 0:
                        self.found.append(self._member(names.path(name), name, modified, spool, start))
                        start = -1
                    case b"G":
                        reason, note = json.loads(body)
                        self.ledger.gap(Reason(reason), f"{self.source.path}: {shown(note)}")
                        fault = ReadError(Reason(reason), "could not be unpacked to its end")
        except ReadError as problem:
            fault = problem
            raise
        finally:
            _end(process)
            if start >= 0:
                fault = fault or ReadError(Reason.TRUNCATED, "could not be unpacked to its end")
                self.found.append(self._member(names.path(name), name, modified, spool, start, fault))

    def _member(
        self, path: str, name: str, modified: int | None, spool: Unnamed, start: int, fault: ReadError | None = None
    ) -> Opened:
        size = spool.size - start
        return replace(
            self.source,
            path=path,
            name=shown(last_part(name)),
            open=spool.opener(start, size, fault),
            size=size if fault is None else -1,
            local=None,
            modified=modified,
        )

    def _started(self) -> subprocess.Popen[bytes]:
        file = open_plain(self.source.local) if self.source.local is not None else spooled(self.source).again()
        with file:
            handle = file.fileno()
            return subprocess.Popen(
                [sys.executable, *SERVER, str(handle)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                bufsize=0,
                stderr=subprocess.DEVNULL,
                pass_fds=[handle],
            )


def _named(body: bytes) -> tuple[str, int | None]:
    name, modified = json.loads(body)
    return str(name), modified if isinstance(modified, int) else None


def _frames(process: subprocess.Popen[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Give what the process writes, up to its end. Raises ReadError where it dies, hangs, or writes what is none."""
    assert process.stdout is not None  # a pipe
    handle, rest = process.stdout.fileno(), bytearray()
    while True:
        head = _taken(handle, rest, 5)
        kind, size = head[:1], int.from_bytes(head[1:], "big")
        if kind not in (b"N", b"D", b"E", b"G", b"Z") or size > _LARGEST:
            raise ReadError(Reason.FAILED, "the process that unpacks it wrote what is no answer")
        body = _taken(handle, rest, size)
        if kind == b"Z":
            return
        yield kind, body


def _taken(handle: int, rest: bytearray, size: int) -> bytes:
    while len(rest) < size:
        if not select.select([handle], [], [], SILENCE)[0]:
            raise ReadError(Reason.FAILED, f"the process that unpacks it was silent for {SILENCE:.0f} s")
        data = os.read(handle, 1 << 20)
        if not data:
            raise ReadError(Reason.FAILED, "the process that unpacks it died")
        rest += data
    taken = bytes(rest[:size])
    del rest[:size]
    return taken


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    if process.stdout is not None:
        with suppress(OSError):
            process.stdout.close()
    process.wait()
