"""What a process that unpacks an archive writes: frames, each a letter and the length of what follows (four bytes).

    N a member begins: [name, instant of its last change or null]    D bytes of it    E it is whole
    L a member with the bytes of another one: [name, instant, the other's name]
    G what is not given: [reason, note]                              Z nothing more

Such a process is given one open file and may write none. The libraries read headers that hostile archives make, and are
not to be trusted with time or memory: whoever started the process ends it when it is silent for too long, or gives too
much.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nachsorge.model.times import Instant
    from nachsorge.model.words import Reason

MEMORY = 3 * 1024**3
_NAMED = 5
_PIECE = 1 << 20


def frame(kind: bytes, body: bytes = b"") -> bytes:
    """Make one frame; its length is big-endian."""
    return kind + len(body).to_bytes(4, "big") + body


def told(*words: object) -> bytes:
    """Make the body of a frame of words."""
    return json.dumps(words).encode()


def gap(out: BinaryIO, reason: Reason, note: str) -> None:
    """Say what is not given."""
    out.write(frame(b"G", told(reason.value, note)))


def named(names: Sequence[str]) -> str:
    """Count names, and give the first few."""
    return f"{len(names)} files: " + ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")


class Given:
    """One member on its way out; it has the methods that libraries call of a file."""

    def __init__(self, out: BinaryIO, name: str, modified: Instant | None) -> None:
        """Announce the member."""
        self._out = out
        self._size = 0
        out.write(frame(b"N", told(name, modified)))

    def write(self, data: bytes | bytearray) -> int:
        """Pass bytes on."""
        self._size += len(data)
        for at in range(0, len(data), _PIECE):
            self._out.write(frame(b"D", bytes(data[at : at + _PIECE])))
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


def run(serve: Callable[[BinaryIO, BinaryIO], None]) -> None:
    """Serve one archive: `serve` gets it, and where frames go. Confines the process first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other side ends us
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):  # some systems do not let a process limit this
            resource.setrlimit(what, (most, most))
    out = sys.stdout.buffer
    with os.fdopen(int(sys.argv[1]), "rb") as stream:
        stream.seek(0)  # whoever wrote the file shares its position
        serve(stream, out)
    out.write(frame(b"Z"))
    out.flush()
