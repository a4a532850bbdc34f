"""Small RAR archives of both generations, made of bytes: stored files, folders, links, marks of encryption."""

from __future__ import annotations

import struct
import zlib

from nachsorge.evidence.containers.rar_headers import MAGIC_4, MAGIC_5

TIME = 1_680_107_400
"""2023-03-29 16:30 UTC, which files of RAR 5 carry."""


def number(value: int) -> bytes:
    """Spell a number of RAR 5."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def block_5(kind: int, body: bytes, data: bytes = b"", flags: int = 0, extra: bytes = b"") -> bytes:
    """Make a block of RAR 5 with its checksum."""
    flags |= (1 if extra else 0) | (2 if data or kind == 2 else 0)
    sizes = (number(len(extra)) if extra else b"") + (number(len(data)) if flags & 2 else b"")
    inside = number(kind) + number(flags) + sizes + body + extra
    headed = number(len(inside)) + inside
    return struct.pack("<I", zlib.crc32(headed)) + headed + data


def record(kind: int, body: bytes) -> bytes:
    """Make an extra record of a header of RAR 5."""
    inside = number(kind) + body
    return number(len(inside)) + inside


def file_5(name: str, data: bytes, *, folder: bool = False, crc: int | None = None, **more: object) -> bytes:
    """Make a stored file of RAR 5; `crc` in the place of the right one, `size` in that of the right size."""
    extra, flags = more.get("extra", b""), more.get("flags", 0)
    size = more.get("size", len(data))
    assert isinstance(extra, bytes) and isinstance(flags, int) and isinstance(size, int)
    marks = 1 if folder else 2 | 4
    body = number(marks) + number(size) + number(0o40755 if folder else 0o100644)
    body += b"" if folder else struct.pack("<II", TIME, zlib.crc32(data) if crc is None else crc)
    spelled = name.encode()
    body += number(0) + number(1) + number(len(spelled)) + spelled
    return block_5(2, body, data, flags, extra)


def rar_5(*files: bytes) -> bytes:
    """Make an archive of RAR 5."""
    return b"".join((MAGIC_5, block_5(1, b"\0"), *files, block_5(5, b"\0")))


def block_4(kind: int, flags: int, body: bytes, data: bytes = b"") -> bytes:
    """Make a block of RAR 4 with its checksum."""
    headed = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(headed) & 0xFFFF) + headed + data


def file_4(name: str, data: bytes, flags: int = 0x8000, version: int = 29, method: int = 0x30) -> bytes:
    """Make a stored file of RAR 4."""
    spelled = name.encode()
    stamp = (2023 - 1980) << 25 | 3 << 21 | 29 << 16 | 16 << 11 | 30 << 5
    mode = 0o40755 if flags & 0xE0 == 0xE0 else 0o100644
    sizes = struct.pack("<IIBII", len(data), len(data), 3, zlib.crc32(data), stamp)
    named = struct.pack("<BBHI", version, method, len(spelled), mode) + spelled
    return block_4(0x74, flags, sizes + named, data)


def rar_4(*files: bytes, flags: int = 0) -> bytes:
    """Make an archive of RAR 4."""
    return b"".join((MAGIC_4, block_4(0x73, flags, bytes(6)), *files, block_4(0x7B, 0x4000, b"")))


RAR_5 = rar_5(file_5("logs", b"", folder=True), file_5("logs/evil.log", b"abc"))
RAR_4 = rar_4(file_4("logs\\evil.log", b"abc"), file_4("logs", b"", 0x80E0))
