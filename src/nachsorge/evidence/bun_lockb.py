"""Bun's binary lock file, `bun.lockb`, in its formats 2 and 3: the packages that it resolved.

Layout: Bun's own source, `src/install/lockfile/{bun.lockb,Package,Buffers}.zig`, `Package/Meta.zig`, `resolution.zig`,
`integrity.zig`. After a header come the packages, column by column; behind them six arrays, each with its first and
last place and a line that says what it holds. The last of these is the text that is too long to stand where it is used.
Other versions of the format, and whatever does not add up, are refused as a whole: half would look like all of it.
"""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE = b"bun-lockfile-format-v"
MARK = b"#!/usr/bin/env bun\n" + LINE + b"0\n"
HASH = 32
HEAD = len(MARK) + 4 + HASH
SIZES = struct.Struct("<6Q")
"""The file's size, how many packages, how they are aligned, how many columns, where these begin and end."""

RESOLUTION = {2: 64, 3: 72}
"""Bytes of what a package was resolved to, by the format's version."""

NUMBERS = {2: struct.Struct("<3I4x"), 3: struct.Struct("<3Q")}
"""The three numbers of a version: they became wider."""

META, BIN, SCRIPTS = 88, 20, 49
COLUMNS = 8
"""Columns of a package since Bun 0.6.8; before, the last one, its scripts, was not there."""

INTEGRITY = 20
POINTER = 0x80
TEXT = b" 1 sizeof, 1 alignof\n"
_ARRAYS = 6
_DIGESTS = {1: ("sha1", 20), 2: ("sha256", 32), 3: ("sha384", 48), 4: ("sha512", 64)}


class Tag(IntEnum):
    """What kind of place a package was resolved to."""

    ROOT = 1
    NPM = 2
    FOLDER = 4
    LOCAL_TARBALL = 8
    GITHUB = 16
    GIT = 32
    SYMLINK = 64
    WORKSPACE = 72
    REMOTE_TARBALL = 80


_OWN = frozenset({Tag.ROOT, Tag.FOLDER, Tag.SYMLINK, Tag.WORKSPACE})
"""The project itself, and what it has beside it: no packages of anybody else's."""


@dataclass(frozen=True, slots=True)
class Locked:
    """A package as it was resolved. `version` is empty, and `why` says so, where it is of no kind that is known."""

    number: int
    name: str
    version: str = ""
    url: str = ""
    integrity: str = ""
    why: str = ""


def locked(body: bytes) -> Iterator[Locked]:
    """Give the packages but the project's own, in their order. Raises ReadError."""
    if not body.startswith(MARK[: len(body)]):
        raise ReadError(Reason.NOT_SUPPORTED, "a binary bun.lockb whose first lines are none that are known")
    if len(body) < HEAD + SIZES.size:
        raise ReadError(Reason.TRUNCATED, "cut off within its header")
    version = int.from_bytes(body[len(MARK) : len(MARK) + 4], "little")
    if version not in RESOLUTION:
        raise ReadError(Reason.NOT_SUPPORTED, f"a binary bun.lockb of format {version}, which is not known")
    total, count, _, columns, begin, end = SIZES.unpack_from(body, HEAD)
    row = 8 + 8 + RESOLUTION[version] + 8 + 8 + META + BIN + (SCRIPTS if columns == COLUMNS else 0)
    if total > len(body):
        raise ReadError(Reason.TRUNCATED, f"ends after {len(body)} of the {total} bytes that it states")
    if columns not in (COLUMNS, COLUMNS - 1) or not HEAD < begin <= end <= total or end - begin != count * row:
        raise ReadError(Reason.CORRUPT, "its list of packages is of another size than it states")
    yield from _Packages(body, version, begin, count, _text(body, end, total)).each()


def _text(body: bytes, at: int, total: int) -> bytes:
    """Follow the arrays behind the packages to the last one, which holds text."""
    start = head = at
    for _ in range(_ARRAYS):
        head = at + 16
        if head > total:
            raise ReadError(Reason.CORRUPT, "one of its arrays begins behind its end")
        start, at = struct.unpack_from("<2Q", body, at)
        if not head <= start <= at <= total:
            raise ReadError(Reason.CORRUPT, "one of its arrays leads elsewhere")
    line = body[head : body.find(b"\n", head + 1) + 1]
    if not line.startswith(b"\n<") or not line.endswith(TEXT):
        raise ReadError(Reason.CORRUPT, "its text is not where it should be")
    return body[start:at]


@dataclass(frozen=True, slots=True)
class _Packages:
    """The columns of a list of packages."""

    body: bytes
    version: int
    begin: int
    count: int
    text: bytes

    def each(self) -> Iterator[Locked]:
        size = RESOLUTION[self.version]
        resolutions = self.begin + 16 * self.count
        metas = resolutions + (size + 16) * self.count
        for number in range(self.count):
            at = resolutions + size * number
            if self.body[at] in _OWN:
                continue
            try:
                yield self._package(number, at, metas + META * number)
            except ValueError as problem:
                yield Locked(number, "", why=f"cannot be decoded: {problem}")

    def _package(self, number: int, at: int, meta: int) -> Locked:
        name, integrity = self._string(self.begin + 8 * number), self._integrity(meta)
        value = at + 8
        match self.body[at]:
            case Tag.NPM:
                return Locked(number, name, self._semantic(value + 8), self._string(value), integrity)
            case Tag.LOCAL_TARBALL:
                return Locked(number, name, self._string(value), "", integrity)
            case Tag.REMOTE_TARBALL:
                return Locked(number, name, self._string(value), self._string(value), integrity)
            case Tag.GITHUB:
                return Locked(number, name, "github:" + self._source(value), "", integrity)
            case Tag.GIT:
                source = self._source(value)
                return Locked(number, name, "git+" + source, source if "://" in source else "", integrity)
            case kind:
                return Locked(number, name, why=f"is of the kind {kind}, which is not known")

    def _string(self, at: int) -> str:
        """Read a text of up to eight bytes where it stands, a longer one by its place and size."""
        raw = self.body[at : at + 8]
        if not raw[7] & POINTER:
            return raw.rstrip(b"\0").decode()
        start, size = struct.unpack("<II", raw)
        end = start + (size & 0x7FFFFFFF)
        if end > len(self.text):
            raise ValueError("names a text that is not there")
        return self.text[start:end].decode()

    def _semantic(self, at: int) -> str:
        layout = NUMBERS[self.version]
        before, build = self._string(at + layout.size), self._string(at + layout.size + 16)
        plain = ".".join(map(str, layout.unpack_from(self.body, at)))
        return plain + (f"-{before}" if before else "") + (f"+{build}" if build else "")

    def _source(self, at: int) -> str:
        """Spell a repository as Bun's text form does: owner, name, and the commit that it was resolved to."""
        owner, name, wanted, resolved = (self._string(at + 8 * number) for number in range(4))
        commit = resolved.rpartition("-")[2] or wanted
        return (f"{owner}/" if owner else "") + name + (f"#{commit}" if commit else "")

    def _integrity(self, meta: int) -> str:
        kind, size = _DIGESTS.get(self.body[meta + INTEGRITY], ("", 0))
        digest = self.body[meta + INTEGRITY + 1 : meta + INTEGRITY + 1 + size]
        return f"{kind}-{base64.b64encode(digest).decode()}" if kind else ""
