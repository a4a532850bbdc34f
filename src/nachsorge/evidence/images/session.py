"""This program's side of the process in which an image is read: what it is asked, and what becomes of its silence."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARIES = (
    "pyewf",
    "pyfsapfs",
    "pyfsext",
    "pyfshfs",
    "pyfsntfs",
    "pyfsxfs",
    "pymodi",
    "pyvhdi",
    "pyvmdk",
    "pyvshadow",
    "pyvslvm",
)
INSTALL = "reading disk images needs an extra: pip install 'nachsorge[images]'"

SILENCE = 120.0
"""Seconds without a byte from the process after which it counts as hanging, and is ended."""

LONGEST = 6 * 3600.0
"""Seconds that a listing may take, with the checksum of the whole disk, where the image has one."""

DEATHS = 5
"""So many times the process may die on one image and be started again."""

_LINE = 1024 * 1024
# -P: else modules would be imported from the current folder first, and that may be the evidence.
_SERVER = ("-P", "-m", "nachsorge.evidence.images.server")


def needs_extra() -> bool:
    """Tell whether a library of the extra is lacking."""
    return any(find_spec(name) is None for name in LIBRARIES)


@dataclass(slots=True)
class Session:
    """Reads one image through a process, which is started when it is needed and again when it has died.

    `files` opens the image's files in their order. Closing the session, or forgetting it, ends the process.
    """

    name: str
    files: Callable[[], Sequence[BinaryIO]]
    server: Sequence[str] = _SERVER
    silence: float = SILENCE
    deaths: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _rest: bytearray = field(default_factory=bytearray)

    def listing(self) -> Iterator[dict[str, object]]:
        """Give what the process lists, line by line. Raises ReadError where it dies or hangs before the end."""
        end = time.monotonic() + LONGEST
        self._ask({"do": "list"})
        while "end" not in (line := self._line()):
            if time.monotonic() > end:
                self.close()
                raise ReadError(Reason.LIMIT, f"listing its files took more than {LONGEST:.0f} s")
            yield line

    def read(self, key: str, at: int, size: int) -> bytes:
        """Give bytes of a file of the image. Raises ReadError."""
        self._ask({"do": "read", "key": key, "at": at, "size": size})
        line = self._line()
        match line.get("fault"), line.get("bytes"):
            case [str(reason), str(note)], _ if reason in frozenset(Reason):
                raise ReadError(Reason(reason), note)
            case _, int(count) if 0 <= count <= size:
                return self._bytes(count)
        raise self._dead("answered what was not asked")

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        self._rest.clear()
        if process is not None:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):  # bytes that the process did not take any more
                        pipe.close()
            process.wait()

    def __del__(self) -> None:
        """End the process."""
        self.close()

    def _ask(self, what: dict[str, object]) -> None:
        process = self._process or self._started()
        assert process.stdin is not None  # a pipe
        try:
            process.stdin.write(json.dumps(what).encode() + b"\n")
        except OSError:
            raise self._dead() from None

    def _started(self) -> subprocess.Popen[bytes]:
        if self.deaths >= DEATHS:
            raise ReadError(Reason.FAILED, f"the process that reads the image died {self.deaths} times; given up")
        files = self.files()
        try:
            handles = [file.fileno() for file in files]
            command = [sys.executable, *self.server, self.name, *map(str, handles)]
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                pass_fds=handles,
            )
        finally:
            for file in files:
                file.close()
        return self._process

    def _line(self) -> dict[str, object]:
        while (end := self._rest.find(b"\n")) < 0:
            if len(self._rest) > _LINE:
                raise self._dead("wrote a line without an end")
            self._more()
        line = bytes(self._rest[:end])
        del self._rest[: end + 1]
        try:
            found = json.loads(line)
        except ValueError:
            raise self._dead("wrote what is no answer") from None
        return found if isinstance(found, dict) else {}

    def _bytes(self, count: int) -> bytes:
        while len(self._rest) < count:
            self._more()
        data = bytes(self._rest[:count])
        del self._rest[:count]
        return data

    def _more(self) -> None:
        process = self._process
        if process is None or process.stdout is None:
            raise ReadError(Reason.FAILED, "the process that reads the image is not there any more")
        handle = process.stdout.fileno()
        waiting = select.poll()
        waiting.register(handle, select.POLLIN)
        if not waiting.poll(self.silence * 1000):
            raise self._dead(f"gave nothing for {self.silence:.0f} s and was ended")
        data = os.read(handle, 256 * 1024)
        if not data:
            raise self._dead()
        self._rest += data

    def _dead(self, why: str = "") -> ReadError:
        """Say how the process ended; the next question starts another one."""
        process = self._process
        if not why and process is not None:
            code = process.wait(self.silence)
            why = f"died of signal {-code}" if code < 0 else f"ended with {code}"
        self.deaths += 1
        self.close()
        return ReadError(Reason.FAILED, f"the process that reads the image {why}")
