"""The process in which a 7z archive is unpacked: `python -m nachsorge.evidence.containers.seven_zip_server DESCRIPTOR`.

It is given one open file and may write none. What it finds it writes to standard output as frames, each a letter and
the length of what follows (four bytes, big-endian):

    N a member begins: [name, instant of its last change or null]    D bytes of it    E it is whole
    G what is not given: [reason, note]                              Z nothing more

The library reads headers that hostile archives make, and is not to be trusted with time or memory: whoever started
this process ends it when it is silent for too long, or gives too much.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from contextlib import suppress
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO

from nachsorge.model.times import from_datetime
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from nachsorge.model.times import Instant

MEMORY = 3 * 1024**3
_NAMED = 5


def frame(kind: bytes, body: bytes = b"") -> bytes:
    """Make one frame."""
    return kind + len(body).to_bytes(4, "big") + body


class Given:
    """One member on its way out; it has the methods that the library calls."""

    def __init__(self, out: BinaryIO, name: str, modified: Instant | None) -> None:
        """Announce the member."""
        self._out = out
        self._size = 0
        out.write(frame(b"N", json.dumps([name, modified]).encode()))

    def write(self, data: bytes | bytearray) -> int:
        """Pass bytes on."""
        self._size += len(data)
        for at in range(0, len(data), 1 << 20):
            self._out.write(frame(b"D", bytes(data[at : at + (1 << 20)])))
        return len(data)

    def read(self, size: int | None = None) -> bytes:
        """Give nothing: what was written is gone."""
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        """Stay where it is."""
        return 0

    def flush(self) -> None:
        """Do nothing."""

    def size(self) -> int:
        """Tell how much was written."""
        return self._size

    def close(self) -> None:
        """Say that the member is whole."""
        self._out.write(frame(b"E"))


class Factory:
    """Makes the members, and knows which of them were begun."""

    def __init__(self, out: BinaryIO, times: dict[str, Instant | None]) -> None:
        """Take the times of the members by name."""
        self._out, self._times = out, times
        self.begun: set[str] = set()

    def create(self, filename: str) -> Given:
        """Begin a member."""
        name = filename.removeprefix("./")
        self.begun.add(name)
        return Given(self._out, name, self._times.get(name))


def serve(stream: BinaryIO, out: BinaryIO) -> None:
    """Give all members, then what could not be given."""
    library = import_module("py7zr")
    expected: list[str] = []
    factory = Factory(out, {})
    try:
        with library.SevenZipFile(stream, "r") as archive:
            listed = archive.list()
            links = [info.filename for info in listed if getattr(info, "is_symlink", False)]
            files = [info for info in listed if not info.is_directory and info.filename not in links]
            expected = [info.filename for info in files]
            factory = Factory(out, {info.filename: _instant(info.creationtime) for info in files})
            if links:
                _gap(out, Reason.LINK_OUTSIDE, f"{len(links)} symbolic links were not followed")
            if archive.needs_password():
                names = _names(expected)
                _gap(out, Reason.ENCRYPTED, f"encrypted (unpack it with its password and give the folder): {names}")
            elif expected:
                archive.extract(targets=expected, factory=factory) if links else archive.extractall(factory=factory)
    except Exception as error:  # noqa: BLE001  whatever the library does with a hostile archive is a gap
        reason, note = _told(library, error)
        missing = [name for name in expected if name not in factory.begun]
        _gap(out, reason, note + (f"; not unpacked: {_names(missing)}" if missing else ""))
    out.write(frame(b"Z"))


def _told(library: Any, error: Exception) -> tuple[Reason, str]:
    match error:
        case library.exceptions.PasswordRequired():
            return Reason.ENCRYPTED, "encrypted, its names as well (unpack it with its password and give the folder)"
        case library.exceptions.UnsupportedCompressionMethodError():
            return Reason.NOT_SUPPORTED, "a compression method that is not supported"
        case EOFError():
            return Reason.TRUNCATED, "ends in the middle"
        case MemoryError():
            return Reason.LIMIT, f"needs more than {MEMORY} bytes of memory to unpack"
    return Reason.CORRUPT, f"{type(error).__name__}: {error}"[:300]


def _names(names: list[str]) -> str:
    return f"{len(names)} files: " + ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")


def _gap(out: BinaryIO, reason: Reason, note: str) -> None:
    out.write(frame(b"G", json.dumps([reason.value, note]).encode()))


def _instant(time: object) -> Instant | None:
    """Read a time; none before 1970, which nobody meant, and its first instant, which stands for none."""
    found = from_datetime(time) if isinstance(time, datetime) and time.tzinfo is not None else 0
    return found if found > 0 else None


def main() -> None:
    """Serve one archive."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other side ends us
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):  # some systems do not let a process limit this
            resource.setrlimit(what, (most, most))
    out = sys.stdout.buffer
    with os.fdopen(int(sys.argv[1]), "rb") as stream:
        stream.seek(0)  # whoever wrote the file shares its position
        serve(stream, out)
    out.flush()


if __name__ == "__main__":
    main()
