"""The files of a pack's folder: which belong to it, their text, and one digest over all of them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from nachsorge.packs.findings import Findings, Place

if TYPE_CHECKING:
    from pathlib import Path, PurePath

MAX_FILE = 64 * 1024 * 1024
"""Largest file of a pack in bytes; the largest known version table (2,236 rows) has a tenth of a megabyte."""

SUM = "pack.sum"
SIGNATURES = frozenset({SUM, f"{SUM}.minisig", f"{SUM}.asc"})
"""Files in the pack's folder itself that state and sign its digest, and so cannot be part of it."""

_IGNORED = frozenset({"__pycache__", ".DS_Store", "Thumbs.db"})


def files_of(folder: Path) -> list[Path]:
    """Give the files that belong to the pack: all but its signature and what editors and systems leave behind."""
    found = (path for path in folder.rglob("*") if path.is_file())
    kept = (path for path in found if not _left_out(path.relative_to(folder)))
    return sorted(kept, key=lambda path: path.relative_to(folder).as_posix())


def _left_out(path: PurePath) -> bool:
    return bool(_IGNORED & set(path.parts)) or path.as_posix() in SIGNATURES


def digest(folder: Path) -> str:
    """Give the SHA-256 over relative path, length and content of all files, sorted by path: any change changes it."""
    total = hashlib.sha256()
    for path in files_of(folder):
        content = path.read_bytes()
        name = path.relative_to(folder).as_posix().encode("utf-8", "surrogateescape")
        total.update(len(name).to_bytes(8, "big") + name + len(content).to_bytes(8, "big") + content)
    return total.hexdigest()


def read_text(path: Path, findings: Findings) -> str | None:
    """Read a file as UTF-8; None, with the problem noted, where that cannot be done."""
    shown = str(path)
    try:
        if path.stat().st_size > MAX_FILE:
            findings.problem(Place(shown), f"larger than {MAX_FILE >> 20} MB", "split it")
            return None
        content = path.read_bytes()
    except OSError as error:
        findings.problem(Place(shown), f"cannot be read: {error.strerror}", "check the name and your rights")
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        findings.problem(Place(shown, line), "not UTF-8", "save the file as UTF-8")
        return None
