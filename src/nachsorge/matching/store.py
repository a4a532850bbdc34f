"""What takes long to compile, kept in a folder of the user's by the digest of what it was made from."""

from __future__ import annotations

import hashlib
import mmap
import os
import struct
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

KEPT = 24
"""So many entries of a kind stay, those used last."""

_SHA256 = 32
_ALIGNED = 64
"""Columns begin at multiples of so many bytes, as compiled code likes them best."""


@dataclass(frozen=True, slots=True)
class Store:
    """A folder; none at all where `folder` is empty. What cannot be read or written is as if it were not there."""

    folder: str = ""

    def path(self, kind: str) -> Path | None:
        """Give the folder of a kind, made if need be and for its owner only; None where there can be none."""
        if not self.folder:
            return None
        path = Path(self.folder) / kind
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            return None
        return path if os.access(path, os.W_OK) else None

    def get(self, kind: str, digest: str) -> bytes | None:
        """Give what was kept."""
        path = self.path(kind)
        if path is None:
            return None
        try:
            content = (path / digest).read_bytes()
            os.utime(path / digest)
        except OSError:
            return None
        return content

    def put(self, kind: str, digest: str, content: bytes) -> None:
        """Keep it; readers of the same moment see all of it or nothing."""
        path = self.path(kind)
        if path is None:
            return
        with suppress(OSError):
            handle, name = tempfile.mkstemp(dir=path)
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            Path(name).replace(path / digest)
            for old in sorted(path.iterdir(), key=lambda each: each.stat().st_mtime)[:-KEPT]:
                old.unlink()

    def columns(self, kind: str, digest: str) -> list[memoryview] | None:
        """Give columns that were kept, mapped: processes forked off this one share them. None where one is damaged."""
        path = self.path(kind)
        if path is None:
            return None
        try:
            with (path / digest).open("rb") as stream:
                # A copy on write, since what is compiled for writable memory need not be compiled for both.
                whole = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_COPY))
            os.utime(path / digest)
        except (OSError, ValueError):
            return None
        if hashlib.sha256(whole[_SHA256:]).digest() != whole[:_SHA256]:
            return None
        (count,) = struct.unpack_from("<Q", whole, _SHA256)
        at, found = _aligned(_SHA256 + 8 + 8 * count), []
        for size in struct.unpack_from(f"<{count}Q", whole, _SHA256 + 8):
            found.append(whole[at : at + size])
            at = _aligned(at + size)
        return found

    def put_columns(self, kind: str, digest: str, columns: Sequence[bytes | memoryview]) -> None:
        """Keep columns, with a digest of them all."""
        if not self.folder:
            return
        body = bytearray(struct.pack(f"<{len(columns) + 1}Q", len(columns), *(len(column) for column in columns)))
        for column in columns:
            body += bytes(_aligned(_SHA256 + len(body)) - _SHA256 - len(body))
            body += column
        self.put(kind, digest, hashlib.sha256(body).digest() + body)


def _aligned(at: int) -> int:
    return -(-at // _ALIGNED) * _ALIGNED


NOWHERE = Store()
"""Keeps nothing."""


def digest_of(parts: Iterable[bytes]) -> str:
    """Name what is made from these parts; no other parts have the name."""
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "little"))
        found.update(part)
    return found.hexdigest()
