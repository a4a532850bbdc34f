"""By what a file shows that a reader may know it: necessary, never sufficient, and cheap (`looks`).

A hint has to let through whatever its reader's `accepts` would be sure of; when that changes, so must the hint.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from nachsorge.evidence.linux.nevra import ARCH

if TYPE_CHECKING:
    from collections.abc import Callable

    from nachsorge.evidence.looks import Look

Hint: TypeAlias = "Callable[[Look], bool]"

SQLITE = b"SQLite format 3\0"
COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
HIVE = b"regf"
CAPTURES = tuple(
    mark for magic in (b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d", b"\xa1\xb2\xcd\x34") for mark in (magic, magic[::-1])
)
"""pcap with microseconds, with nanoseconds, and Kuznetzov's, in both byte orders."""
MEMORY = (
    *(
        b"EMiL",
        b"PAGEDU64",
        b"PAGEDUMP",
        b"MDMP\x93\xa7",
        b"\xd2\xbe\xd2\xbe",
        b"\xd0\xbe\xd2\xbe",
        b"\xd1\xba\xd1\xba",
    ),
    *(b"KDUMP   ", b"DISKDUMP", b"AVML", b"HIBR", b"hibr"),
)
TRASH = (b"\1" + bytes(7), b"\2" + bytes(7), bytes(4), b"\2\0\0\0", b"\4\0\0\0", b"\5\0\0\0")
"""Both versions of a recycle bin's entry, and the versions of its index."""

_DATABASE = b"\xef\xcd\xab\x89"
_HASHED = (b"\x61\x15\x06\0", b"\0\x06\x15\x61")
_JOURNAL = (b"\2\0", b"\3\0", b"\4\0")
_DUMPED = (
    ".mem",
    ".raw",
    ".dmp",
    ".lime",
    ".vmem",
    ".vmss",
    ".vmsn",
    ".memory",
    ".ram",
    ".core",
    ".bin",
    ".img",
    ".dd",
)
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


def begun_by(marks: bytes) -> Callable[[Hint], Hint]:
    """Say of a hint that it is met only where one of these is the first byte that is no blank (`firsts`)."""

    def said(hint: Hint) -> Hint:
        _FIRSTS[hint] = marks
        return hint

    return said


_FIRSTS: dict[Hint, bytes] = {}


def firsts(hint: Hint) -> bytes | None:
    """Give the first bytes that a hint needs, so that it is not asked about other files; None where any will do."""
    return _FIRSTS.get(hint)


def first(marks: bytes) -> Hint:
    """Tell whether one of these is the first byte that is no blank."""
    return begun_by(marks)(lambda look: look.first in marks)


def holds(*words: bytes, within: int | None = None) -> Hint:
    """Tell whether one of the words stands in the head, or in so many bytes of it."""
    if within is not None:
        return lambda look: any(word in look.head[:within] for word in words)
    if len(words) == 1:
        return lambda look, word=words[0]: word in look.head  # type: ignore[misc]
    return lambda look: any(word in look.head for word in words)


def top(*words: bytes) -> Hint:
    """Tell whether one of the words stands in the first 200 lines."""
    return lambda look: any(word in look.top for word in words)


def called(*parts: str) -> Hint:
    """Tell whether one of these stands in the name or the path, in small letters."""
    return lambda look: any(part in look.lower for part in parts)


def either(one: Hint, other: Hint) -> Hint:
    """Tell whether one of two hints is met."""
    marks, more = firsts(one), firsts(other)
    hint: Hint = lambda look: one(look) or other(look)  # noqa: E731
    return hint if marks is None or more is None else begun_by(marks + more)(hint)


def both(one: Hint, other: Hint) -> Hint:
    """Tell whether two hints are met."""
    marks = firsts(one) or firsts(other)
    hint: Hint = lambda look: one(look) and other(look)  # noqa: E731
    return hint if marks is None else begun_by(marks)(hint)


_BEGINNINGS = {
    "go": rb"go \d",
    "jobs": rb"jobs:",
    "lockfileVersion": rb"lockfileVersion:",
    "module": rb"module",
    "package": rb"\[\[package",
    "require": rb"require ",
    "runs": rb"runs:",
    "section": rb">>>  ",
    "specs": rb"  specs:",
    "spdx": rb"[Ss][Pp][Dd][Xx]Version:",
    "unit": rb"\[(?:Unit|Service|Timer|Socket|Path|Mount|Automount|Swap|Slice|Scope|Target|Install)\]",
}
_BEGINS = re.compile(rb"\n(?:" + b"|".join(b"(?P<%s>%s)" % (n.encode(), p) for n, p in _BEGINNINGS.items()) + rb")")


def begins(name: str) -> Hint:
    """Tell whether a line begins with what goes by this name; all are looked for at one go."""
    return lambda look: name in _begun(look)


def _begun(look: Look) -> frozenset[str]:
    if look.begun is None:
        look.begun = frozenset(found.lastgroup or "" for found in _BEGINS.finditer(b"\n" + look.head))
    return look.begun


_DATED = re.compile(rb"\n\s?(?:\xef\xbb\xbf)?[\[<]?(?:\d|[A-Z][a-z]{2} [ \d])")


def dated(look: Look) -> bool:
    """Tell whether a line begins with a number, or a month and a day, in brackets or not."""
    if look.dated is None:
        look.dated = _DATED.search(b"\n" + look.head) is not None
    return look.dated


_TIMED = re.compile(rb"\n(?:\xef\xbb\xbf)?(?:\[?\d{4}-\d\d-\d\d|\[\d\d/\d\d/|[A-Z][a-z]{2} [ \d]\d )")


def timed(look: Look) -> bool:
    """Tell whether a line begins with a whole date, in brackets or not."""
    if look.timed is None:
        look.timed = dated(look) and _TIMED.search(b"\n" + look.head) is not None
    return look.timed


OBJECT = first(b"{")
VALUE = first(b"{[")


def keyed(*words: bytes) -> Hint:
    """Tell whether this is JSON in which one of the words stands."""
    return both(VALUE, holds(*words))


# --- what is no text


@begun_by(b"b<")
def plist(look: Look) -> bool:
    """Property lists, of either form."""
    return look.first in b"b<" and b"plist" in look.head


def database(look: Look) -> bool:
    """Extensible Storage Engine."""
    return look.head[4:8] == _DATABASE


def hashed(look: Look) -> bool:
    """Berkeley DB: a table of hashes."""
    return look.head[12:16] in _HASHED


def prefetched(look: Look) -> bool:
    """Prefetch, plain or compressed."""
    return look.head[4:8] == b"SCCA" or look.head[:3] == b"MAM"


def task(look: Look) -> bool:
    """Tasks of Windows before Vista: the version behind the product."""
    return look.head[2:4] == b"\1\0"


def journal(look: Look) -> bool:
    """A journal of changes: zeros, or the version of a record whose size is a multiple of eight."""
    return look.head[:1] == b"\0" or (look.head[4:6] in _JOURNAL and look.head[0] % 8 == 0)


def logins(look: Look) -> bool:
    """A row of logins: its type is a small number of two bytes, first (Linux) or behind the texts (macOS)."""
    return b"\0" in look.head[:2] or b"\0" in look.head[296:298] or look.head.startswith(b"utmpx")


def dumped(look: Look) -> bool:
    """Memory, by its name or as a core of Linux."""
    return look.head[16:18] in (b"\4\0", b"\0\4") or look.lower.endswith(_DUMPED)


@begun_by(b"<R\0\xff\xfe")
def marked(look: Look) -> bool:
    """Events as XML in one or two bytes a letter, with or without a mark of their order."""
    return look.head[:2] in _WIDE or (look.first in b"<R" and b"<Event" in look.head)


def bracketed(look: Look) -> bool:
    """XML, whatever blanks and zeros stand before it."""
    return b"<" in look.head[:64]


# --- what is text

_WORDS = (b"CEF:", b"LEEF:", b"dnsmasq", b"dhcpd", b"client")


def says(word: bytes) -> Hint:
    """Tell whether one of the words of messages that we know stands in the first 200 lines."""
    return lambda look: word in _said(look)


_STAMP = rb"(?:\d{4}-\d\d-\d\d[T ]|\d\d-[A-Z][a-z]{2}-\d{4} |[A-Z][a-z]{2} {1,2}\d{1,2} )"
_HEADED = re.compile(rb"\n(?:<\d|\s?(?:[1-9]\d? (?:-|\d{4}-)|" + _STAMP + rb"))")


def headed(look: Look) -> bool:
    """Syslog: a line with a head, or a message that we know."""
    return (dated(look) and _HEADED.search(look.top) is not None) or bool(_said(look))


def _said(look: Look) -> frozenset[bytes]:
    if look.said is None:
        look.said = frozenset(word for word in _WORDS if word in look.top)
    return look.said


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


def opened(mark: bytes) -> Hint:
    """Tell whether one of the first five lines begins so."""
    return lambda look: any(line.startswith(mark) for line in look.told[:5])


def requests(look: Look) -> bool:
    """Web servers' logs: what stands between time and request, in one of the first five lines."""
    return any(b'] "' in line for line in look.told[:5])


def rows(look: Look) -> bool:
    """A list of files: ten bars in a row; most of the first fifty are such."""
    return any(line.count(b"|") >= 10 for line in look.told[:50])


_PACKAGE = re.compile(rb"gpg-pubkey-|Installed Packages|[A-Za-z0-9]\S*\.(?:" + ARCH.encode() + rb"|\(none\))(?:\s|\Z)")


def packages(look: Look) -> bool:
    """RPM's lists: nine rows of ten are packages, so one of any twenty-one is."""
    return any(_PACKAGE.match(line) for line in look.told[:21])


_INSTALLED = re.compile(rb"[uirph][ncHUFWti][ R]? |[a-z0-9][a-z0-9+._-]{0,200}/\S* \S|[a-z0-9]\S{0,400}-r\d")


def installed(look: Look) -> bool:
    """Lists of Debian's and Alpine's packages: a state of two letters, a name with its archive, or with a release."""
    return any(_INSTALLED.match(line) for line in look.told)


_STEP = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:\[?\d{4}-\d\d-\d\dT|[^\t]+\t[^\t]+\t|\x1b\[|section_(?:start|end):"
    rb"|Running |Started |Branch indexing)"
)


def stamped(look: Look) -> bool:
    """Logs of CI: a time first, also in brackets or behind the job and the step; or a runner's first words."""
    return _STEP.match(look.opening) is not None


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


def flows(look: Look) -> bool:
    """Tables of flows: the columns of both ends, or a row of a cloud's log."""
    begin = b"\n".join(look.told[:20])
    if any(word in begin for word in (b"IP", b"sa,da", b" OK", b" NODATA", b" SKIPDATA")):
        return True
    return any(word in begin.lower() for word in (b"addr", b"ip"))


def module(look: Look) -> bool:
    """Go: by name, by a sum, or a module with its version of Go."""
    if "go." in look.lower or b" h1:" in look.opening:
        return True
    begun = _begun(look)
    return "module" in begun and ("go" in begun or "require" in begun)


def locked(look: Look) -> bool:
    """Bun: by name or by its mark."""
    if look.first not in b"{/":
        return b"bun-lockfile" in look.head[:64]
    return b"lockfileVersion" in look.head or "bun.lock" in look.lower


_CHANGES = (b"nstall", b"pgrade", b"pdate", b"rase", b"emove", b"owngrade", b"bsolet", b"leanup")


def changes(look: Look) -> bool:
    """Logs of package managers: a dated line, and a word for a change."""
    return timed(look) and any(word in look.head for word in _CHANGES)


_LINES = 30
_NEAR = 8192
_PRINTED = re.compile(rb"\d{4}-\d\d-\d\d ")


def printed(look: Look) -> bool:
    """A unified log as JSON (three of five keys, so one of these), or printed: dated lines."""
    if look.first in b"{[" and any(word in look.head[:8192] for word in (b"machTimestamp", b"ImagePath")):
        return True
    lines = _begin(look.head) if look.binary else look.told[:_LINES]
    return any(line[4:5] == b"-" and _PRINTED.match(line) is not None for line in lines)


def _begin(head: bytes) -> list[bytes]:
    """Give the first lines; what stands behind them is copied only where they are long."""
    lines = head[:_NEAR].split(b"\n", _LINES)
    return (lines if len(lines) > _LINES else head.split(b"\n", _LINES))[:_LINES]


_LEASED = re.compile(rb"(?:[0-9]{1,10} [0-9A-Fa-f]{2}[:-]|duid )")

_KEA = (b"address,hwaddr,", b"address,duid,")


def leased(look: Look) -> bool:
    """Lists of leases: a lease's opening, Kea's columns, a row of dnsmasq's."""
    opening = look.opening
    return bool(_LEASED.match(opening)) or b"lease " in look.head or opening.startswith(_KEA)


@begun_by(b"#")
def columns(look: Look) -> bool:
    """Logs with directives: one that names the columns."""
    return look.first == b"#" and b"#fields:" in look.head[:8192].lower()


def listed(look: Look) -> bool:
    """Winget: an export, or a list below a line of dashes."""
    return b'"Sources"' in look.head if look.first == b"{" else b"-" * 20 in look.head[:16384]


def history(look: Look) -> bool:
    """Histories of shells: a mark of the first command, or the name."""
    return look.head[:1] in (b"#", b":", b"-") or "hist" in look.lower


def described(look: Look) -> bool:
    """SPDX: as tags or YAML where a line begins so, else anywhere."""
    if look.first in b"{<":
        return b"SPDX" in look.head or b"spdx" in look.head
    return "spdx" in _begun(look)


def asked(look: Look) -> bool:
    """Windows DNS: its title, or a dated line with a packet."""
    return b"DNS Server log" in look.head[:4096] or (dated(look) and b" PACKET " in look.head)


def anything(_: Look) -> bool:
    """Ask in any case."""
    return True
