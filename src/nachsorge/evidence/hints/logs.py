"""Hints of logs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.hints.asking import anywhere, begun_by, holds
from nachsorge.evidence.hints.beginnings import dated, timed
from nachsorge.evidence.hints.marks import shape

if TYPE_CHECKING:
    from nachsorge.evidence.hints.asking import Hint
    from nachsorge.evidence.looks import Look

_WORDS = (b"CEF:", b"LEEF:", b"dnsmasq", b"dhcpd", b"client")
_any_word = anywhere(*_WORDS)


def says(word: bytes) -> Hint:
    """Tell whether one of the words of messages that we know stands in the first 200 lines."""
    return lambda look: word in _said(look)


_STAMP = rb"(?:\d{4}-\d\d-\d\d[T ]|\d\d-[A-Z][a-z]{2}-\d{4} |[A-Z][a-z]{2} {1,2}\d{1,2} )"
_AHEAD = rb"(?:<\d|\s?(?:[1-9]\d? (?:-|\d{4}-)|" + _STAMP + rb"))"
_HEADED = re.compile(rb"\n" + _AHEAD)
_HEADED_SHAPE = frozenset({shape(rb"\n[\xef\xbb\xbf \t\r\n\x0b\x0c]*" + _AHEAD)})


def headed(look: Look) -> bool:
    """Syslog: a line with a head, or a message that we know."""
    return (dated(look) and look.may_hold(_HEADED_SHAPE) and _HEADED.search(look.top) is not None) or bool(_said(look))


def _said(look: Look) -> frozenset[bytes]:
    if look.said is None:
        look.said = frozenset(word for word in _WORDS if word in look.top) if _any_word(look) else frozenset()
    return look.said


def opened(mark: bytes) -> Hint:
    """Tell whether one of the first five lines begins so."""
    return lambda look: any(line.startswith(mark) for line in look.told[:5])


def requests(look: Look) -> bool:
    """Web servers' logs: what stands between time and request, in one of the first five lines."""
    return any(b'] "' in line for line in look.told[:5])


_STEP = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:\[?\d{4}-\d\d-\d\dT|[^\t]+\t[^\t]+\t|\x1b\[|section_(?:start|end):"
    rb"|Running |Started |Branch indexing)"
)


def stamped(look: Look) -> bool:
    """Logs of CI: a time first, also in brackets or behind the job and the step; or a runner's first words."""
    return _STEP.match(look.opening) is not None


def flows(look: Look) -> bool:
    """Tables of flows: the columns of both ends, or a row of a cloud's log."""
    begin = b"\n".join(look.told[:20])
    if any(word in begin for word in (b"IP", b"sa,da", b" OK", b" NODATA", b" SKIPDATA")):
        return True
    return any(word in begin.lower() for word in (b"addr", b"ip"))


_changed = holds(b"nstall", b"pgrade", b"pdate", b"rase", b"emove", b"owngrade", b"bsolet", b"leanup")


def changes(look: Look) -> bool:
    """Logs of package managers: a dated line, and a word for a change."""
    return timed(look) and _changed(look)


_LINES = 30
_PRINTED = re.compile(rb"\d{4}-\d\d-\d\d ")


def printed(look: Look) -> bool:
    """A unified log as JSON (three of five keys, so one of these), or printed: dated lines."""
    if look.first in b"{[" and any(word in look.head[:8192] for word in (b"machTimestamp", b"ImagePath")):
        return True
    if look.binary:
        return _has_dated_line(look.head)
    return any(line[4:5] == b"-" and _PRINTED.match(line) is not None for line in look.told[:_LINES])


def _has_dated_line(head: bytes) -> bool:
    """Tell whether one of the first lines begins with a date; nothing is copied, since most of this is no text."""
    at = 0
    for _ in range(_LINES):
        if head[at + 4 : at + 5] == b"-" and _PRINTED.match(head, at):
            return True
        at = head.find(b"\n", at) + 1
        if not at:
            break
    return False


_LEASED = re.compile(rb"(?:[0-9]{1,10} [0-9A-Fa-f]{2}[:-]|duid )")

_KEA = (b"address,hwaddr,", b"address,duid,")
_lent = holds(b"lease ", b"ia-na ", b"ia-ta ", b"ia-pd ")


def leased(look: Look) -> bool:
    """Lists of leases: a lease's opening, Kea's columns, a row of dnsmasq's."""
    opening = look.opening
    return _lent(look) or bool(_LEASED.match(opening)) or opening.startswith(_KEA)


@begun_by(b"#")
def columns(look: Look) -> bool:
    """Logs with directives: one that names the columns."""
    return look.first == b"#" and b"#fields:" in look.head[:8192].lower()


def history(look: Look) -> bool:
    """Histories of shells: a mark of the first command, or the name."""
    return look.head[:1] in (b"#", b":", b"-") or "hist" in look.lower


_titled = holds(b"DNS Server log", within=4096)
_sent = holds(b" PACKET ")


def asked(look: Look) -> bool:
    """Windows DNS: its title, or a dated line with a packet."""
    return _titled(look) or (dated(look) and _sent(look))
