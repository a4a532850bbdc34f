"""What takes long to compile, kept in a folder of the user's by the digest of what it was made from."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

KEPT = 24
"""So many entries of a kind stay, those used last."""


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


NOWHERE = Store()
"""Keeps nothing."""


def digest_of(parts: Iterable[bytes]) -> str:
    """Name what is made from these parts; no other parts have the name."""
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "little"))
        found.update(part)
    return found.hexdigest()
