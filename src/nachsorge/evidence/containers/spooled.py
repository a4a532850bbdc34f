"""Evidence that lies in an archive, for whoever needs it as a file: in a temporary one without a name."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence.containers.limits import MIB
from nachsorge.evidence.containers.streams import CHUNK, Window, as_file
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

SPOOL = 32 * 1024 * MIB
"""So much is written to a temporary file at most; and never more than half of what is free."""


class Unnamed:
    """Bytes in a temporary file without a name, gone with this object."""

    def __init__(self) -> None:
        """Begin with none."""
        self.size = 0
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  kept as long as it is read
        self._room = min(SPOOL, shutil.disk_usage(tempfile.gettempdir()).free // 2)

    def add(self, data: bytes) -> None:
        """Write on; ReadError with LIMIT where there is no room."""
        self.size += len(data)
        if self.size > self._room:
            raise ReadError(Reason.LIMIT, f"more than {self._room} bytes to unpack: unpack it first")
        self._file.write(data)

    def fill(self, stream: BinaryIO) -> None:
        """Write all of a stream; ReadError and OSError as it raises them."""
        while data := stream.read(MIB):
            self.add(data)
        self._file.flush()

    def again(self) -> BinaryIO:
        """Open it once more, by its descriptor."""
        self._file.flush()
        return os.fdopen(os.dup(self._file.fileno()), "rb")

    def opener(self, start: int, size: int, fault: ReadError | None = None) -> Callable[[], BinaryIO]:
        """Give what opens a run of its bytes, behind which `fault` is raised."""

        def fetch(offset: int, wanted: int) -> bytes:
            return os.pread(self._file.fileno(), min(wanted, CHUNK), start + offset)

        def opened() -> BinaryIO:
            self._file.flush()
            window = Window(fetch, size)
            window.fault = fault
            return as_file(window)

        return opened

    def __del__(self) -> None:
        """Let the file go."""
        if hasattr(self, "_file"):
            self._file.close()


def spooled(source: Opened) -> Unnamed:
    """Unpack a source to a file without a name. Raises ReadError and OSError."""
    spool = Unnamed()
    with source.open() as stream:
        try:
            spool.fill(stream)
        except EOFError as error:
            raise ReadError(Reason.TRUNCATED, str(error) or "ends in the middle") from error
    return spool
