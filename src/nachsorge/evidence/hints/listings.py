"""Hints of tables and lists: of software, of packages, of files, of jobs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.hints.asking import holds
from nachsorge.evidence.hints.beginnings import begun
from nachsorge.evidence.linux.nevra import ARCH

if TYPE_CHECKING:
    from nachsorge.evidence.looks import Look

_DELIMITERS = (b",", b";", b"\t", b"|")
_UNSURE = re.compile(rb"[\"\r\x0b\x0c\x1c-\x1f\x80-\xff]")
_COLUMN = re.compile(rb"[\w@#.$][\w @#.$/()\[\]%:?*+-]*\Z")


def table(look: Look) -> bool:
    """Separated values: a first line of names; where it is quoted, or not plain, any delimiter will do."""
    opening = look.opening.removesuffix(b"\r")
    if opening[:4].lower() == b"sep=" or _UNSURE.search(opening):
        return any(mark in opening for mark in (*_DELIMITERS, b'"', b"="))
    return any(mark in opening and _named([cell.strip() for cell in opening.split(mark)]) for mark in _DELIMITERS)


def _named(cells: list[bytes]) -> bool:
    return len({*cells}) == len(cells) and all(_COLUMN.match(cell) and cell.count(b" ") < 5 for cell in cells)


def rows(look: Look) -> bool:
    """A list of files: ten bars in a row; most of the first fifty are such."""
    return any(line.count(b"|") >= 10 for line in look.told[:50])


_PACKAGE = re.compile(rb"gpg-pubkey-|Installed Packages|[A-Za-z0-9]\S*\.(?:" + ARCH.encode() + rb"|\(none\))(?:\s|\Z)")


def packages(look: Look) -> bool:
    """RPM's lists: nine rows of ten are packages, so one of any twenty-one is."""
    return any(map(_PACKAGE.match, look.told[:21]))


_INSTALLED = re.compile(rb"[uirph][ncHUFWti][ R]? |[a-z0-9][a-z0-9+._-]{0,200}/\S* \S|[a-z0-9]\S{0,400}-r\d")


def installed(look: Look) -> bool:
    """Lists of Debian's and Alpine's packages: a state of two letters, a name with its archive, or with a release."""
    return any(map(_INSTALLED.match, look.told))


# Readers decode first, and Python's blanks of text are more than those of bytes.
_BLANK = rb"[\s\x1c-\x1f\x80-\xff]*"
_CRON = re.compile(
    _BLANK + rb"(?:\Z|#|[A-Za-z_]\w*" + _BLANK + rb"=|-?@|-?(?:\*|[0-9]{1,2}|[A-Za-z]{3})(?:[-/,~][^ \t]*)?[ \t])"
)


def jobs(look: Look) -> bool:
    """Tables of cron: a job, a setting or a comment in every line; placed ones may hold others."""
    if "cron" in look.name or "tabs" in look.name:
        return True
    return (b"*" in look.top or b"@" in look.top) and all(map(_CRON.match, look.told))


_PIN = re.compile(rb"[A-Za-z0-9][\w.\x80-\xff-]*(?:\[[^\]]*\])?[\s\x80-\xff]?[=<>~!]=")
_PINNED = ("require", "constraint", "freeze", "pyproject.toml")


def pinned(look: Look) -> bool:
    """Requirements: by name, or where the first line that is no comment and no option compares versions."""
    if any(part in look.lower for part in _PINNED):
        return True
    for line in look.told:
        bare = line.strip()
        if bare.endswith(b"\\") or not 0x20 < bare[0] < 0x80:
            return True
        if bare[:1] not in b"#-":
            return _PIN.match(bare) is not None
    return True


_BREW = re.compile(_BLANK + rb"[a-z0-9][a-z0-9@+._/-]* [^ ]*[0-9\x80-\xff]")


def brewed(look: Look) -> bool:
    """Homebrew: JSON with its lists, or a name and a version in the first line."""
    if look.first == b"{":
        return any(word in look.head for word in (b'"entries"', b'"formulae"', b'"casks"'))
    return _BREW.match(look.opening) is not None


_LETTERS = re.compile(rb"[\W_]+")


def managed(look: Look) -> bool:
    """Intune: JSON with its words, or its columns in the first line."""
    if look.first in b"{[":
        return any(word in look.head for word in (b"#deviceManagement/", b'sizeInByte"', b'"managedDeviceOwnerType"'))
    opening = look.opening
    if b"," not in opening:
        return False
    plain = _LETTERS.sub(b"", opening.lower())
    return b"applicationname" in plain or b"devicename" in plain


def jamf(look: Look) -> bool:
    """Jamf: a computer's general part in JSON, or its column of applications in the first line."""
    if look.first in b"{[":
        return b'"general"' in look.head
    return b"applicationtitle" in _LETTERS.sub(b"", look.opening.lower())


def module(look: Look) -> bool:
    """Go: by name, by a sum, or a module with its version of Go."""
    if "go." in look.lower or b" h1:" in look.opening:
        return True
    lines = begun(look)
    return "module" in lines and ("go" in lines or "require" in lines)


def locked(look: Look) -> bool:
    """Bun: by name or by its mark."""
    if look.first not in b"{/":
        return b"bun-lockfile" in look.head[:64]
    return b"lockfileVersion" in look.head or "bun.lock" in look.lower


_ruled = holds(b"-" * 20, within=16384)


def listed(look: Look) -> bool:
    """Winget: an export, or a list below a line of dashes."""
    return b'"Sources"' in look.head if look.first == b"{" else _ruled(look)


def described(look: Look) -> bool:
    """SPDX: as tags or YAML where a line begins so, else anywhere."""
    if look.first in b"{<":
        return b"SPDX" in look.head or b"spdx" in look.head
    return "spdx" in begun(look)
