"""Writing files whose bytes depend on their content only: no clock, no user, no machine."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


def gz(body: bytes) -> bytes:
    """Compress (RFC 1952) without time, name and system in the header."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = engine.compress(body) + engine.flush()
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff" + data + struct.pack("<II", zlib.crc32(body), len(body))


def zipped(members: list[tuple[str, bytes, datetime]]) -> bytes:
    """Make a zip; every member's time stands in the Unix extra field too, since the DOS time has no zone."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, body, modified in members:
            info = zipfile.ZipInfo(name, modified.timetuple()[:6])
            info.create_system = 0
            info.compress_type = zipfile.ZIP_DEFLATED
            info.extra = struct.pack("<HHBi", 0x5455, 5, 1, int(modified.timestamp()))
            archive.writestr(info, body)
    return out.getvalue()


def tarred(members: list[tuple[str, bytes, datetime]]) -> bytes:
    """Make a tar, compressed."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, body, modified in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode = len(body), int(modified.timestamp()), 0o644
            info.uname = info.gname = "root"
            archive.addfile(info, io.BytesIO(body))
    return gz(out.getvalue())


def write(target: Path, files: dict[str, bytes]) -> None:
    """Write the files below a folder."""
    for name, body in sorted(files.items()):
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
