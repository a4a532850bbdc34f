"""Hints of what is no text, or of text with two bytes a letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.hints.asking import begun_by

if TYPE_CHECKING:
    from nachsorge.evidence.looks import Look

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


def last_logins(look: Look) -> bool:
    """Last logins: by name, or where the first user has one."""
    return "lastlog" in look.lower or look.head[4:7] in (b"tty", b"pts")


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
