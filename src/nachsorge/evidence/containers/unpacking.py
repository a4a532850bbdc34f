"""This program's side of a process that unpacks an archive: to a temporary file without a name, once.

Members of a solid archive can only be unpacked all in a row, so each is unpacked when the first is asked for. What the
process writes is described in `frames`.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
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


SILENCE = 120.0
"""Seconds without a byte from the process after which it counts as hanging, and is ended."""

_LARGEST = 8 * 1024 * 1024


def unpacked(source: Opened, server: Sequence[str], limits: Limits, ledger: Ledger) -> list[Opened]:
    """Give the members that a process finds in an archive, in its order; what cannot be given is a gap.

    `server` are the arguments of the interpreter that start the process; the archive's descriptor is the next one.
    """
    run = _Unpacked(source, server, limits, ledger)
    try:
        run.run()
    except ReadError as problem:
        ledger.gap(problem.reason, f"{source.path}: {problem.note}")
    return run.found


@dataclass(slots=True)
class _Unpacked:
    source: Opened
    server: Sequence[str]
    limits: Limits
    ledger: Ledger
    found: list[Opened] = field(default_factory=list)
    _whole: dict[str, tuple[int, int]] = field(default_factory=dict)

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
                        self._whole[name] = start, spool.size
                        self.found.append(self._member(names.path(name), name, modified, spool, start))
                        start = -1
                    case b"L":
                        self._twin(names, *_linked(body), spool)
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

    def _twin(self, names: Names, name: str, modified: int | None, other: str, spool: Unnamed) -> None:
        """Give a file of which the archive holds no more than that it has the bytes of another one."""
        self.limits.admit()
        if other not in self._whole:
            note = f"has the bytes of another file, which was not unpacked: {shown(name)}"
            self.ledger.gap(Reason.MISSING, f"{self.source.path}: {note}")
            return
        start, end = self._whole[name] = self._whole[other]
        self.found.append(self._member(names.path(name), name, modified, spool, start, end=end))

    def _member(
        self,
        path: str,
        name: str,
        modified: int | None,
        spool: Unnamed,
        start: int,
        fault: ReadError | None = None,
        end: int | None = None,
    ) -> Opened:
        size = (spool.size if end is None else end) - start
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
                [sys.executable, *self.server, str(handle)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                bufsize=0,
                stderr=subprocess.DEVNULL,
                pass_fds=[handle],
            )


def _named(body: bytes) -> tuple[str, int | None]:
    name, modified = json.loads(body)
    return str(name), modified if isinstance(modified, int) else None


def _linked(body: bytes) -> tuple[str, int | None, str]:
    name, modified, other = json.loads(body)
    return str(name), modified if isinstance(modified, int) else None, str(other)


def _frames(process: subprocess.Popen[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Give what the process writes, up to its end. Raises ReadError where it dies, hangs, or writes what is none."""
    assert process.stdout is not None  # a pipe
    handle, rest = process.stdout.fileno(), bytearray()
    while True:
        head = _taken(handle, rest, 5)
        kind, size = head[:1], int.from_bytes(head[1:], "big")
        if kind not in (b"N", b"D", b"E", b"L", b"G", b"Z") or size > _LARGEST:
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
