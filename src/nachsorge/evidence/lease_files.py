"""The files in which DHCP servers keep their leases: ISC's `dhcpd.leases`, Kea's CSV, dnsmasq's `dnsmasq.leases`.

Layouts: dhcpd.leases(5); Kea's Administrator Reference Manual, "The Memfile Backend"; dnsmasq(8), `--dhcp-leasefile`.
In `dhcpd6.leases` addresses stand within the client's identity (DUID), with a name only where the server wrote it to
the DNS. That identity is no mark of a machine here, although a card's number mostly stands in it: it must not be taken
apart (RFC 8415, section 11), and installations that were copied share it.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from nachsorge.evidence.stamps import at, plausible
from nachsorge.evidence.stated_leases import Stated
from nachsorge.model.times import SECOND, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.model.times import Instant

KEA = ("address,hwaddr,", "address,duid,")
ISC = re.compile(r"^(?:lease \S+|ia-(?:na|ta|pd) .{1,600}) \{\s*$", re.MULTILINE)
DNSMASQ = re.compile(
    r"(\d{1,10}) ((?:[0-9a-f]{2}-)?(?:[0-9a-f]{2}:){5}[0-9a-f]{2}) (\S+) (\S+) (\S+)\s*\Z", re.IGNORECASE
)

_FIRST = re.compile(
    r"lease |ia-(?:na|ta|pd) |server-duid|default-duid|authoring-byte-order|failover |host |group|subclass |\s|\}"
)
_BEGINS = re.compile(r"\s*lease\s+(\S+)\s*\{\s*\Z")
_BEGINS_6 = re.compile(r"ia-(?:na|ta|pd) .{1,600} \{\s*\Z")
_ANY_6 = re.compile(r"^ia-(?:na|ta|pd) ", re.MULTILINE)
_ADDRESS_6 = re.compile(r"\s*iaaddr\s+(\S+)\s*\{\s*\Z")
_CARD = re.compile(r"hardware\s+ethernet\s+([0-9a-f:]{17})\s*;", re.IGNORECASE)
_NAMED = re.compile(r'(client-hostname|set ddns-fwd-name =)\s+"((?:[^"\\]|\\.)*)"')
_STATE = re.compile(r"(?<!next )(?<!rewind )binding state (\w+)")
_MOMENT = re.compile(
    r"\b(starts|ends|cltt)\s+(?:(never)|epoch\s+(\d{1,11})|[0-6]\s+(\d{4})/(\d\d)/(\d\d)\s+(\d\d):(\d\d):(\d\d))"
)
_LAST = 4_102_444_800
"""The end of 2099, in seconds: the end of what never ends."""
_HELD = frozenset({"", "active", "free", "expired", "released", "backup"})
"""States of an address that a machine has or had; `abandoned` and `reset` are of none."""
_DECLINED = "1"
_PREFIX = "2"


def is_isc(text: str) -> bool:
    """Tell whether the first line that is no comment is one of such a file: programs that read them quote some."""
    said = (line for line in text.split("\n") if line.strip() and not line.startswith("#"))
    return _FIRST.match(next(said, "")) is not None


def isc(text: str) -> Iterator[Stated | tuple[int, str]]:
    """Give the leases of ISC's files, and every other line with its number."""
    begun: list[str] = []
    first = depth = 0
    inner = False
    for number, line in enumerate(text.split("\n"), start=1):
        if begun:
            begun.append(line)
            depth += inner and line.rstrip().endswith("{")
            if line.strip() == "}":
                depth -= 1
                if not depth:
                    yield from _isc_6(begun, first) if inner else [_isc(begun, first)]
                    begun = []
        elif _BEGINS.match(line) or _BEGINS_6.match(line):
            begun, first, depth, inner = [line], number, 1, _BEGINS_6.match(line) is not None
        elif line.strip():
            yield number, line
    yield from ((first + offset, line) for offset, line in enumerate(begun) if line.strip())


def breaks_off(text: str) -> bool:
    """Tell whether ISC's file ends within a lease; what is inside of one ends with blanks before it."""
    nested = _ANY_6.search(text) is not None
    for line in reversed(text.split("\n")):
        if (line.rstrip() if nested else line.strip()) == "}":
            return False
        if _BEGINS.match(line) or _BEGINS_6.match(line):
            return True
    return False


def _isc(lines: list[str], first: int) -> Stated:
    text = " ".join(line.strip() for line in lines)
    found = _BEGINS.match(lines[0])
    moments = {each[1]: _moment(each) for each in _MOMENT.finditer(text)}
    names = {each[1]: _plain(each[2]) for each in _NAMED.finditer(text)}
    card, state = _CARD.search(text), _STATE.search(text)
    start, end = moments.get("starts"), moments.get("ends")
    had = (state[1] if state else "") in _HELD
    return Stated(
        line=first,
        text=text,
        address=found[1] if found else "",
        mac=card[1].lower() if card else "",
        host=(names.get("client-hostname") or names.get("set ddns-fwd-name =", "")).rstrip("."),
        action=state[1] if state else "",
        time=start,
        span=_span(start, end) if had else None,
    )


def _isc_6(lines: list[str], first: int) -> Iterator[Stated]:
    """Give the addresses of one client; where it has none (a prefix, say), all of it as one entry without a lease."""
    head, within = [lines[0]], list[tuple[int, list[str]]]()
    for number, line in enumerate(lines[1:], start=first + 1):
        if _ADDRESS_6.match(line):
            within.append((number, [line]))
        elif within and within[-1][1][-1].strip() != "}":
            within[-1][1].append(line)
        else:
            head.append(line)
    outer = " ".join(line.strip() for line in head)
    for number, inner in within:
        yield _address_6(outer, " ".join(line.strip() for line in inner), inner[0], number)
    if not within:
        yield Stated(line=first, text=outer)


def _address_6(outer: str, inner: str, begin: str, number: int) -> Stated:
    found, state = _ADDRESS_6.match(begin), _STATE.search(inner)
    moments = {each[1]: _moment(each) for each in _MOMENT.finditer(f"{outer} {inner}")}
    names = {each[1]: _plain(each[2]) for each in _NAMED.finditer(inner)}
    start, host = moments.get("cltt"), names.get("set ddns-fwd-name =", "").rstrip(".")
    had = host and (state[1] if state else "") in _HELD
    return Stated(
        line=number,
        text=f"{outer} {inner}",
        address=found[1] if found else "",
        host=host,
        action=state[1] if state else "",
        time=start,
        span=_span(start, moments.get("ends")) if had else None,
    )


def _moment(found: re.Match[str]) -> Instant | None:
    if found[2]:
        return _LAST * SECOND
    if found[3]:
        return plausible(int(found[3]) * SECOND)
    year, month, day, hour, minute, second = (int(found[part]) for part in range(4, 10))
    made = at(year, month, day, hour, minute, second)
    return plausible(made) if made is not None else None


def _plain(text: str) -> str:
    return re.sub(r"\\(?:([0-7]{3})|(.))", lambda found: chr(int(found[1], 8) & 0xFF) if found[1] else found[2], text)


def kea(text: str) -> Iterator[Stated]:
    """Give the rows of Kea's file, as written: a later row of an address is a renewal. Raises csv.Error."""
    rows = csv.DictReader(io.StringIO(text, newline=""))
    for row in rows:
        cells = {str(name): str(cell or "") for name, cell in row.items() if name is not None}
        yield _kea(cells, rows.line_num)


def _kea(cells: Mapping[str, str], line: int) -> Stated:
    expire, lifetime = cells.get("expire", ""), cells.get("valid_lifetime", "")
    end = plausible(int(expire) * SECOND) if expire.isdecimal() and len(expire) < 12 else None
    seconds = int(lifetime) if lifetime.isdecimal() and len(lifetime) < 11 else 0
    start = end - seconds * SECOND if end is not None and seconds else None
    had = cells.get("state") != _DECLINED and cells.get("lease_type") != _PREFIX
    return Stated(
        line=line,
        text=",".join(cells.values()),
        address=cells.get("address", ""),
        mac=cells.get("hwaddr", "").lower(),
        host=cells.get("hostname", "").rstrip("."),
        time=start,
        span=_span(start, end) if had else None,
    )


def dnsmasq(text: str, written: Instant | None) -> Iterator[Stated | tuple[int, str]]:
    """Give the leases of dnsmasq's file, and every other line with its number.

    A line says when a lease ends and not when it began; so it is true for the moment at which the file was `written`.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        found = DNSMASQ.match(line.strip("\r"))
        if found is None:
            if line.strip():
                yield number, line
            continue
        end = int(found[1]) * SECOND or _LAST * SECOND
        span = Span(written, written) if written is not None and written <= end else None
        host = "" if found[4] == "*" else found[4].rstrip(".")
        card = found[2].lower()[-17:]
        yield Stated(line=number, text=line.strip(), address=found[3], mac=card, host=host, span=span)


def _span(start: Instant | None, end: Instant | None) -> Span | None:
    return Span(start, end) if start is not None and end is not None and start <= end else None
