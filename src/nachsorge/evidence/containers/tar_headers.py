"""The headers of a tar archive: ustar and pax (POSIX.1-2017, pax), and GNU tar's own.

The standard library's `tarfile` is not used: it ends without a word at a damaged header, and reads long names of any
length into memory. Here damage is said, and nothing is longer than it may be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.seams import ReadError
from nachsorge.model.times import SECOND, Instant, parse_duration
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK = 512
LONGEST = 1024 * 1024
"""Of a pax header or a long name; real ones have some hundred bytes."""
_MOST = 1 << 63
_LOW = bytes(range(128))
_BEGINS_NUMBER = frozenset(b"01234567 \t\n\r\x0b\x0c\0\x80\xff")
"""How a number in a header may begin: nearly all files are told from archives by that."""

LINKS = frozenset(b"12")
SPECIAL = frozenset(b"346")
FOLDER = ord("5")
_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL, _SPARSE = (ord(c) for c in "LKxgS")
NOT_FILES = frozenset(b"VDMN")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """One member: its kind (the type flag), where its data lies in the unpacked archive, and what it is a link to."""

    name: str
    kind: int
    at: int
    size: int
    modified: Instant | None = None
    target: str = ""
    sparse: bool = False

    @property
    def end(self) -> int:
        """Give the offset of the next header."""
        return self.at + -(-self.size // BLOCK) * BLOCK


def is_header(block: bytes) -> bool:
    """Tell whether a block's checksum fits, by either way of counting (signed in some old writers)."""
    if len(block) < BLOCK or block[148] not in _BEGINS_NUMBER:
        return False
    stated = _number(block[148:156])
    if stated is None:
        return False
    rest = block[:148] + b" " * 8 + block[156:512]
    unsigned = sum(rest)
    return stated == unsigned or stated == unsigned - 256 * len(rest.translate(None, _LOW))


def _number(field: bytes) -> int | None:
    """Read octal digits, or base 256 where the first bit is set (GNU tar); None where it is neither."""
    if field[:1] in (b"\x80", b"\xff"):
        value = int.from_bytes(field[1:], "big")
        return value - (1 << 8 * (len(field) - 1)) if field[:1] == b"\xff" else value
    text = field.split(b"\0", 1)[0].strip()
    if not text:
        return 0
    return int(text, 8) if all(digit in b"01234567" for digit in text) else None


class Headers:
    """Reads headers with what precedes them: long names and pax records, also those for all members to come."""

    def __init__(self, exact: Callable[[int], bytes], tell: Callable[[], int]) -> None:
        """Read through `exact`, which gives fewer bytes only at the end."""
        self._exact, self._tell = exact, tell
        self._always: dict[str, str] = {}

    def next(self, block: bytes) -> Header:
        """Give the member that a block begins, whose checksum fits; ReadError with CORRUPT, LIMIT or TRUNCATED."""
        own: dict[str, str] = {}
        while block[156] in (_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL):
            body = self._body(block)
            match block[156]:
                case 76:
                    own["path"] = _text(body.split(b"\0", 1)[0])
                case 75:
                    own["linkpath"] = _text(body.split(b"\0", 1)[0])
                case 120:
                    own.update(_records(body))
                case _:
                    self._always.update(_records(body))
            block = self._exact(BLOCK)
            if not is_header(block):
                raise ReadError(
                    Reason.TRUNCATED if len(block) < BLOCK else Reason.CORRUPT, "a header is missing or damaged"
                )
        return self._header(block, {**self._always, **own})

    def _body(self, block: bytes) -> bytes:
        size = _number(block[124:136])
        if size is None or size < 0:
            raise ReadError(Reason.CORRUPT, "a header states no usable size")
        if size > LONGEST:
            raise ReadError(Reason.LIMIT, f"a name or pax header of {size} bytes")
        body = self._exact(-(-size // BLOCK) * BLOCK)
        if len(body) < size:
            raise ReadError(Reason.TRUNCATED, "the archive ends within a header")
        return body[:size]

    def _header(self, block: bytes, pax: dict[str, str]) -> Header:
        size = (
            int(pax["size"])
            if pax.get("size", "").isascii() and pax.get("size", "").isdigit()
            else _number(block[124:136])
        )
        if size is None or not 0 <= size < _MOST:
            raise ReadError(Reason.CORRUPT, "a header states no usable size")
        kind, name = block[156], pax.get("path") or _name(block)
        if kind in LINKS or kind in SPECIAL or kind == FOLDER:
            size = 0
        if kind in b"\x007" and name.endswith("/"):
            kind = FOLDER
        return Header(
            name=pax.get("GNU.sparse.name", name),
            kind=kind,
            at=self._tell(),
            size=size,
            modified=_modified(pax.get("mtime"), _number(block[136:148])),
            target=pax.get("linkpath") or _text(block[157:257].split(b"\0", 1)[0]),
            sparse=kind == _SPARSE or any(key.startswith("GNU.sparse.") for key in pax),
        )


def _name(block: bytes) -> str:
    name = block[:100].split(b"\0", 1)[0]
    prefix = block[345:500].split(b"\0", 1)[0] if block[257:263] == b"ustar\0" else b""
    return _text(prefix + b"/" + name if prefix else name)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _records(body: bytes) -> dict[str, str]:
    """Read pax records: `<length> <key>=<value>` and a line feed."""
    out: dict[str, str] = {}
    at = 0
    while at < len(body):
        digits, space, _ = body[at : at + 20].partition(b" ")
        if not space or not digits.isdigit() or int(digits) <= len(digits) + 1 or at + int(digits) > len(body):
            raise ReadError(Reason.CORRUPT, "a pax header is damaged")
        key, _, value = body[at + len(digits) + 1 : at + int(digits) - 1].partition(b"=")
        out[_text(key)] = _text(value)
        at += int(digits)
    return out


def _modified(pax: str | None, seconds: int | None) -> Instant | None:
    try:
        return parse_duration(f"{pax}s") if pax else (seconds or 0) * SECOND or None
    except ValueError:
        return None
