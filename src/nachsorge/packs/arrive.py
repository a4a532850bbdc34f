"""A pack that comes from somewhere: a folder, an archive or a list that somebody names, laid open."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from nachsorge.errors import PackError, Problem
from nachsorge.packs.files import MAX_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

MOST_FILES = 20_000
MOST_BYTES = 512 * 1024 * 1024
"""All files of an archive together, unpacked."""


def laid_open(source: Path, into: Path) -> Path:
    """Give the folder of the pack, or the indicator file; an archive is unpacked below `into`.

    Raises:
        PackError: there is nothing, or the archive is unusable, too large, or names places outside itself.
    """
    if source.is_dir():
        return source
    if not source.is_file():
        raise _unusable(source, "no such file or folder")
    try:
        if zipfile.is_zipfile(source):
            with zipfile.ZipFile(source) as archive:
                _unpack(source, _of_zip(archive), into)
        elif tarfile.is_tarfile(source):
            with tarfile.open(source) as tar:
                _unpack(source, _of_tar(tar), into)
        else:
            return source
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError, RuntimeError) as error:
        raise _unusable(source, f"cannot be unpacked: {error}") from error
    return _home(source, into)


def _unusable(source: Path, message: str) -> PackError:
    return PackError(
        [Problem(path=str(source), message=message, remedy="a pack's folder, a .zip or .tar.gz of it, a list")]
    )


def _of_zip(archive: zipfile.ZipFile) -> Iterator[tuple[str, IO[bytes]]]:
    for member in archive.infolist():
        if not member.is_dir():
            with archive.open(member) as stream:
                yield member.filename, stream


def _of_tar(archive: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    # Links and devices have no place in a pack and are not even looked at.
    for member in archive:
        stream = archive.extractfile(member) if member.isfile() else None
        if stream is not None:
            yield member.name, stream


def _unpack(source: Path, members: Iterator[tuple[str, IO[bytes]]], into: Path) -> None:
    total = 0
    for count, (name, stream) in enumerate(members):
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if not parts or parts[0] == "/" or ".." in parts or ":" in parts[0]:
            raise _unusable(source, f"names a place outside itself: {name}")
        content = stream.read(MAX_FILE + 1)
        total += len(content)
        if count >= MOST_FILES or len(content) > MAX_FILE or total > MOST_BYTES:
            raise _unusable(source, f"too large for a pack, at {name}")
        path = into.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _home(source: Path, into: Path) -> Path:
    found = sorted(into.rglob("pack.yaml"), key=lambda path: len(path.parts))
    if not found:
        raise _unusable(source, "holds no pack.yaml")
    if len(found) > 1 and len(found[0].parts) == len(found[1].parts):
        raise _unusable(source, "holds several packs; name one")
    return found[0].parent
