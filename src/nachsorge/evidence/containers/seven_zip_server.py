"""The process in which a 7z archive is unpacked: `python -m nachsorge.evidence.containers.seven_zip_server DESCRIPTOR`.

What it writes is described in `frames`.
"""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO

from nachsorge.evidence.containers.frames import MEMORY, Given, gap, named, run
from nachsorge.model.times import from_datetime
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from nachsorge.model.times import Instant


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
                gap(out, Reason.LINK_OUTSIDE, f"{len(links)} symbolic links were not followed")
            if archive.needs_password():
                names = named(expected)
                gap(out, Reason.ENCRYPTED, f"encrypted (unpack it with its password and give the folder): {names}")
            elif expected:
                archive.extract(targets=expected, factory=factory) if links else archive.extractall(factory=factory)
    except Exception as error:  # noqa: BLE001  whatever the library does with a hostile archive is a gap
        reason, note = _cause(library, error)
        missing = [name for name in expected if name not in factory.begun]
        gap(out, reason, note + (f"; not unpacked: {named(missing)}" if missing else ""))


def _cause(library: Any, error: Exception) -> tuple[Reason, str]:
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


def _instant(time: object) -> Instant | None:
    """Read a time; none before 1970, which nobody meant, and its first instant, which stands for none."""
    found = from_datetime(time) if isinstance(time, datetime) and time.tzinfo is not None else 0
    return found if found > 0 else None


if __name__ == "__main__":
    run(serve)
