"""What an index folder holds: its parts with their digests, and which evidence they were made from.

The manifest is the index: a file that it does not name is not part of it. It is written last, by renaming, so a crash
leaves the old index as it was.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from nachsorge.errors import InputError, Problem, UsageError
from nachsorge.model.times import Instant

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA: Final = "nachsorge.index/3"
NAME: Final = "manifest.json"
TABLES: Final = ("sources", "shapes", "values", "pairs", "rows", "presence")
"""The Parquet files of a part, `000001.rows.parquet`."""


class File(msgspec.Struct, frozen=True):
    """A file of the index: its name in the folder, its bytes and their SHA-256."""

    name: str
    size: int
    sha256: str


class Part(msgspec.Struct, frozen=True):
    """What one run added."""

    number: int
    files: list[File]


class Indexed(msgspec.Struct, frozen=True, kw_only=True):
    """One unit of evidence that was read: enough to tell whether it has changed since.

    `key` names it whatever the working folder is; `sha256` is over the bytes of a file, or over names, sizes and times
    of the files of a host's file system.
    """

    number: int
    key: str
    shown: str
    size: int
    sha256: str
    early: bool = False


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The whole index. `forgotten_before` is the latest instant that retention was asked for."""

    schema: str = SCHEMA
    parts: list[Part] = []
    units: list[Indexed] = []
    next_part: int = 1
    next_unit: int = 1
    forgotten_before: Instant | None = None


def load(folder: Path) -> Manifest:
    """Read the manifest of a folder; InputError where it is none that this version reads."""
    path = folder / NAME
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError as error:
        raise UsageError(f"{folder} holds no index; make one with: nachsorge index EVIDENCE --into {folder}") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError([Problem(path=str(path), message=f"no manifest of an index: {error}")]) from error
    if found.schema != SCHEMA:
        message = f"schema {found.schema!r}; this version reads {SCHEMA!r}"
        raise InputError([Problem(path=str(path), message=message, remedy="index the evidence again")])
    return found


def check(folder: Path, manifest: Manifest) -> None:
    """Hold every file against its digest. InputError names all that is wrong."""
    problems = [problem for part in manifest.parts for file in part.files for problem in _compare(folder, file)]
    if problems:
        raise InputError(problems)


def _compare(folder: Path, file: File) -> Iterator[Problem]:
    path = folder / file.name
    remedy = "index the evidence again, into a new folder"
    try:
        size, digest = measured(path)
    except OSError as error:
        yield Problem(path=str(path), message=f"cannot be read: {error.strerror}", remedy=remedy)
        return
    if (size, digest) != (file.size, file.sha256):
        yield Problem(path=str(path), message="is not what the manifest names: changed or damaged", remedy=remedy)


def measured(path: Path) -> tuple[int, str]:
    """Give size and SHA-256 of a file."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return path.stat().st_size, digest


def save(folder: Path, manifest: Manifest) -> None:
    """Put the manifest in place, whole or not at all, then remove files that it does not name."""
    body = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".manifest.")
    with os.fdopen(handle, "wb") as stream:
        stream.write(body + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    Path(temporary).chmod(0o600)
    Path(temporary).replace(folder / NAME)
    sweep_out(folder, manifest)


def sweep_out(folder: Path, manifest: Manifest) -> None:
    """Remove Parquet files that the manifest does not name: what a crash or a newer version of them left behind."""
    named = {file.name for part in manifest.parts for file in part.files}
    for path in folder.glob("*.parquet"):
        if path.name not in named:
            path.unlink(missing_ok=True)
    for path in folder.glob(".manifest.*"):
        path.unlink(missing_ok=True)


@contextmanager
def opened(folder: Path) -> Iterator[Manifest]:
    """Open an index to be changed, a new one where the folder holds none; one run at a time."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UsageError(f"{folder} is being written by another run; wait for it") from error
        others = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
        if others and not (folder / NAME).exists() and not all(name.endswith(".parquet") for name in others):
            raise UsageError(f"{folder} holds other things than an index: choose a new folder")
        manifest = load(folder) if (folder / NAME).exists() else Manifest()
        check(folder, manifest)
        yield manifest
