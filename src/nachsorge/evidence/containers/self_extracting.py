"""Programs that carry an archive behind their last section: what is in it is named as not read.

An organisation may have been sent its evidence so (`collection.exe`). The program is never run, and the archive is not
looked for anywhere but where every maker of such programs puts it: behind the program. Layout: Microsoft, "PE Format".
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.rar import MAGIC_4, MAGIC_5
from nachsorge.evidence.containers.seven_zip import MAGIC as MAGIC_7Z
from nachsorge.evidence.seams import ReadError

if TYPE_CHECKING:
    from nachsorge.evidence.seams import Opened

_FORMS = {MAGIC_5: "RAR", MAGIC_4: "RAR", MAGIC_7Z: "7z", b"PK\x03\x04": "zip"}
_SECTIONS = 96
_WINDOW = 4096
"""The archive begins at once, or behind the configuration of the program (7z puts some hundred bytes there)."""


def archive_in(source: Opened) -> str:
    """Name the form of the archive that a program carries; empty where it carries none that is known."""
    try:
        with source.open() as stream:
            end = _end_of_program(stream.read(_WINDOW))
            if end <= 0:
                return ""
            stream.seek(end)
            behind = stream.read(_WINDOW)
    except (OSError, EOFError, ReadError, ValueError):
        return ""
    places = sorted((at, form) for magic, form in _FORMS.items() if (at := behind.find(magic)) >= 0)
    return places[0][1] if places else ""


def _end_of_program(head: bytes) -> int:
    """Give where the last section ends; 0 where this is no program, or one whose headers are elsewhere."""
    try:
        (at,) = struct.unpack_from("<I", head, 60)
        if head[:2] != b"MZ" or head[at : at + 4] != b"PE\0\0":
            return 0
        sections, optional = struct.unpack_from("<H", head, at + 6)[0], struct.unpack_from("<H", head, at + 20)[0]
        table = at + 24 + optional
        rows = [struct.unpack_from("<II", head, table + 40 * row + 16) for row in range(min(sections, _SECTIONS))]
    except struct.error:
        return 0
    return max((size + start for size, start in rows if size), default=0)
