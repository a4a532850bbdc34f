"""The process in which a RAR archive is unpacked: `python -m nachsorge.evidence.containers.rar_server DESCRIPTOR`.

What it writes is described in `frames`. The archive's headers are read by our own code first, and what libarchive gives
is compared with them, file by file: what it passes over without a word, or cuts short, is told all the same.
"""

from __future__ import annotations

import locale
import os
import re
import zlib
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO

from nachsorge.evidence.containers.frames import Given, frame, gap, named, run, told
from nachsorge.evidence.containers.rar_headers import MAGIC_5, Listing
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from nachsorge.evidence.containers.rar_headers import Listed
    from nachsorge.model.times import Instant

SYSTEM = "reading RAR archives needs the system's libarchive (Debian: apt install libarchive13)"
_LOCKED = "encrypted, its names as well (unpack it with its password and give the folder)"
_WORDS = (
    (re.compile(r"encrypt|passphrase", re.IGNORECASE), Reason.ENCRYPTED),
    (re.compile(r"unsupported|unavailable|not supported|unimplemented", re.IGNORECASE), Reason.NOT_SUPPORTED),
    (re.compile(r"truncated", re.IGNORECASE), Reason.TRUNCATED),
)


def serve(stream: BinaryIO, out: BinaryIO) -> None:
    """Give all members, then what could not be given."""
    listing, is_new = Listing(), stream.read(len(MAGIC_5)) == MAGIC_5
    stream.seek(0)
    listing.read(stream)
    if listing.locked:
        gap(out, Reason.ENCRYPTED, _LOCKED)
        return
    try:
        library = import_module("libarchive")
    except (ImportError, OSError, TypeError, AttributeError):  # as the binding says that there is no libarchive
        gap(out, Reason.MISSING_EXTRA, SYSTEM)
        return
    with suppress(locale.Error):  # else names beyond ASCII could not be converted
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    if listing.more:
        gap(out, Reason.CORRUPT, f"a RAR archive whose headers cannot be read further ({listing.more})")
    _Run(library, listing.files, is_new, out).all(stream)


class _Run:
    """Goes through an archive; libarchive's files and those of the headers are in the same order."""

    def __init__(self, library: Any, files: list[Listed], is_new: bool, out: BinaryIO) -> None:
        self._library, self._out, self._is_new = library, out, is_new
        # Of RAR 5, libarchive passes over what begins in another volume.
        self._missing = [file for file in files if file.begun and is_new]
        self._expected = iter([file for file in files if not (file.begun and is_new)])
        self._encrypted: list[Listed] = []
        self._links = 0

    def all(self, stream: BinaryIO) -> None:
        """Give members until one cannot be given: libarchive does not find the next one then."""
        why = Reason.NOT_SUPPORTED, ""
        os.lseek(stream.fileno(), 0, os.SEEK_SET)
        try:
            with self._library.fd_reader(stream.fileno(), "rar5" if self._is_new else "rar", "none") as archive:
                for entry in archive:
                    self._one(entry)
        except ReadError as problem:
            why = problem.reason, problem.note
        except (self._library.exception.ArchiveError, ValueError, MemoryError) as error:
            text = getattr(error, "msg", "") or str(error) or type(error).__name__
            why = next((why for pattern, why in _WORDS if pattern.search(text)), Reason.CORRUPT), f"libarchive: {text}"
        self._tell(*why)

    def _tell(self, reason: Reason, note: str) -> None:
        if self._links:
            gap(self._out, Reason.LINK_OUTSIDE, f"{self._links} symbolic links were not followed")
        if self._encrypted:
            names = _names(self._encrypted)
            gap(self._out, Reason.ENCRYPTED, f"encrypted (unpack it with its password and give the folder): {names}")
        missing = [file for file in (*self._missing, *self._expected) if not file.folder]
        if any(file.begun or file.goes_on for file in missing):
            reason, note = Reason.NOT_SUPPORTED, "a part of an archive in several volumes"
        elif any(file.ancient for file in missing):
            reason, note = Reason.NOT_SUPPORTED, "packed by a RAR before version 2.9"
        if note or missing:
            note = note[:300] or "passed over by libarchive"
            gap(self._out, reason, note + (f"; not unpacked: {_names(missing)}" if missing else ""))

    def _one(self, entry: Any) -> None:
        """Give one member. Raises ReadError where it is not what its header says, and what the library raises."""
        file = next(self._expected, None)
        if file is None:
            raise ReadError(Reason.CORRUPT, "a file of which no header tells")
        if file.folder:
            return
        if file.begun or file.goes_on:
            self._missing.append(file)
        elif file.twin:
            self._out.write(frame(b"L", told(_name(entry, file), self._time(entry), file.twin)))
        elif file.link or entry.issym:
            self._links += 1
        elif file.encrypted:
            self._encrypted.append(file)
        else:
            self._bytes(entry, file)

    def _bytes(self, entry: Any, file: Listed) -> None:
        given, crc = Given(self._out, _name(entry, file), self._time(entry)), 0
        try:
            for block in entry.get_blocks():
                crc = zlib.crc32(block, crc)
                given.write(block)
            if file.size >= 0 and given.size() != file.size:
                raise ReadError(
                    Reason.CORRUPT, f"only {given.size()} of {file.size} bytes could be unpacked: {file.name}"
                )
            if file.crc not in (None, crc):
                raise ReadError(Reason.CORRUPT, f"another checksum than its header states: {file.name}")
        except (ReadError, self._library.exception.ArchiveError, ValueError, MemoryError):
            self._missing.append(file)
            raise
        given.close()

    def _time(self, entry: Any) -> Instant | None:
        """Give the time of the last change; RAR 4 keeps local time without a zone, which says nothing here."""
        seconds = entry.mtime if self._is_new else None
        return int(seconds * 1_000_000) if seconds and seconds > 0 else None


def _names(files: list[Listed]) -> str:
    return named([file.name for file in files])


def _name(entry: Any, file: Listed) -> str:
    return str(entry.pathname or file.name).replace("\\", "/")


if __name__ == "__main__":
    run(serve)
