r"""Windows' recycle bin: `$I...` files (Vista and later, both versions) and `INFO2` (98 to XP): what was deleted, when.

Each entry says the path that a file or folder had, its size, and when it was put into the bin. It proves that it lay
there; it never clears: bins are emptied, and most programs delete without it. Nothing covers any time. The contents lie
beside it as `$R...` (`Dc1.exe` beside INFO2), which is read as a file of its own. Layout: libyal, "Windows Recycle.Bin
file formats".
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from nachsorge.evidence.clocks import filetime
from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import render
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

LARGEST = 64 * 1024 * 1024
_ENTRY, _LONG_ENTRY = 24, 28
_FIRST_PATH = 520
_LONGEST = 32_768
_INFO2 = 20
_SHORT_ROW, _ROW = 280, 800
_VERSIONS = (0, 2, 4, 5)
_TIME = 133_200_000_000_000_000
"""A FILETIME for the positive control: 2023-02-04."""


class RecycleBin:
    """Reader of the bin's own files."""

    name = "recycle_bin"
    telemetry: tuple[Telemetry, ...] = (Telemetry.FILE_EVENT,)
    tells = Tells(
        proves="a file or folder of this path and size was put into the recycle bin at this time",
        rules_out="nothing: bins are emptied, and most programs delete without them",
        not_told="who deleted it (the bin's folder is named by the user's SID), hashes; since when the file was there",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise an entry by its fields, which must agree with each other; INFO2 by its header."""
        if _is_info2(head):
            return 90
        if _declared(head) and _whole(head) and _path(head)[1:2] == ":":
            return 94 if last_part(name).upper().startswith("$I") else 80
        return 60 if _declared(head) and last_part(name).upper().startswith("$I") else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one FILE_EVENT an entry; one that ends within itself is TRUNCATED."""
        ledger.platform = ledger.platform or Platform.WINDOWS
        with source.open() as stream:
            data = read_whole(stream, LARGEST)
        if _is_info2(data):
            yield from _info2(data, source, ledger)
            return
        if not _declared(data):
            raise ReadError(Reason.CORRUPT, "no entry of a recycle bin")
        ledger.count(Telemetry.FILE_EVENT, 1, source.host)
        if not _whole(data):
            ledger.gap(Reason.TRUNCATED, "an entry of the recycle bin that ends within its path")
        size, ticks = struct.unpack_from("<qQ", data, 8)
        name = last_part(source.name)
        content = "$R" + name[2:] if name.upper().startswith("$I") else ""
        yield _record("entry", _path(data), size, ticks, content, source.host)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make an entry of the same kind with the planted path."""
        text = plant.path.encode("utf-16-le") + b"\0\0"
        if _is_info2(head):
            row = plant.path.encode("latin-1").ljust(260, b"\0") + struct.pack(
                "<IIQI", 1, 2, 133_200_000_000_000_000, 1
            )
            return struct.pack("<5I", 5, 1, 1, _ROW, 0) + row + text.ljust(_FIRST_PATH, b"\0")
        fields = struct.pack("<QqQ", 2, 1, 133_200_000_000_000_000)
        return fields + struct.pack("<I", len(text) // 2) + text


def _declared(data: bytes) -> bool:
    """Tell whether the fields before the path can be those of an entry."""
    if len(data) < _ENTRY or data[:8] not in (b"\x01" + bytes(7), b"\x02" + bytes(7)):
        return False
    size, ticks = struct.unpack_from("<qQ", data, 8)
    letters = int.from_bytes(data[24:28], "little") if data[0] == 2 else 1
    return size >= -1 and (ticks == 0 or filetime(ticks) is not None) and 0 < letters <= _LONGEST


def _whole(data: bytes) -> bool:
    if data[0] == 1:
        return len(data) >= _ENTRY + _FIRST_PATH
    return len(data) >= _LONG_ENTRY + 2 * int.from_bytes(data[24:28], "little")


def _path(data: bytes) -> str:
    start = _ENTRY if data[0] == 1 else _LONG_ENTRY
    size = _FIRST_PATH if data[0] == 1 else 2 * int.from_bytes(data[24:28], "little")
    return _wide(data[start : start + size])


def _wide(raw: bytes) -> str:
    return raw[: len(raw) // 2 * 2].decode("utf-16-le", "replace").partition("\0")[0]


def _is_info2(data: bytes) -> bool:
    if len(data) < _INFO2:
        return False
    version, _, _, row, _ = struct.unpack_from("<5I", data)
    first = data[_INFO2 + 1 : _INFO2 + 3]
    return version in _VERSIONS and row in (_SHORT_ROW, _ROW) and first in (b"", b":\\")


def _info2(data: bytes, source: Opened, ledger: Ledger) -> Iterator[Record]:
    size = int.from_bytes(data[12:16], "little")
    for number, at in enumerate(range(_INFO2, len(data), size), 1):
        row = data[at : at + size]
        ledger.count(Telemetry.FILE_EVENT, 1, source.host)
        if len(row) < size:
            ledger.gap(Reason.TRUNCATED, f"the recycle bin's index ends within entry {number}")
        if len(row) < _SHORT_ROW:
            ledger.spoil(f"entry {number}")
            return
        index, drive, ticks, taken = struct.unpack_from("<IIQI", row, 260)
        short = row[:260].partition(b"\0")[0].decode("latin-1")
        path = _wide(row[_SHORT_ROW:]) or short or _restored(row)
        more = {"restored_or_purged": "yes"} if not row[0] else {}
        kept = f"D{chr(97 + drive) if drive < 26 else '?'}{index}{_ending(path)}"
        yield _record(f"entry {number}", path, taken, ticks, kept, source.host, more)


def _restored(row: bytes) -> str:
    """Give the path of an entry that is no longer in the bin: the letter of its drive was struck out."""
    return "?" + row[1:260].partition(b"\0")[0].decode("latin-1")


def _ending(path: str) -> str:
    name = last_part(path)
    return "." + name.rpartition(".")[2] if "." in name else ""


def _record(
    locator: str, path: str, size: int, ticks: int, content: str, host: str | None, more: dict[str, str] | None = None
) -> Record:
    time = filetime(ticks)
    event = {"path": path, "size": str(size), "content": content, **(more or {})}
    return Record(
        telemetry=Telemetry.FILE_EVENT,
        locator=locator,
        time=time,
        values=(Value(Kind.PATH, "path", path),) if path else (),
        event=event | ({"deleted": render(time)} if time is not None else {}),
        host=host,
        product="windows",
    )
