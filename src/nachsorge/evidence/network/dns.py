"""DNS messages on the wire, read as far as they can be read.

Format: RFC 1035, section 4; SRV RFC 2782, SVCB and HTTPS RFC 9460. mDNS (RFC 6762) and LLMNR (RFC 4795) use the same.
A message that breaks off in the middle still gives what stood before, and says that it broke.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from nachsorge.evidence.fields import is_address
from nachsorge.evidence.network.findings import Field, Finding
from nachsorge.evidence.network.layers import text_of
from nachsorge.evidence.text import lenient
from nachsorge.model.words import Kind, Telemetry

TYPES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 13: "HINFO", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV"} | {
    29: "LOC",
    35: "NAPTR",
    39: "DNAME",
    41: "OPT",
    43: "DS",
    44: "SSHFP",
    46: "RRSIG",
    47: "NSEC",
    48: "DNSKEY",
    50: "NSEC3",
    51: "NSEC3PARAM",
    64: "SVCB",
    65: "HTTPS",
    249: "TKEY",
    250: "TSIG",
    251: "IXFR",
    252: "AXFR",
    255: "ANY",
}
_RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
_NAME_AT = {2: 0, 5: 0, 6: 0, 12: 0, 15: 2, 33: 6, 39: 0, 64: 2, 65: 2}
"""Where the name stands in the data of a record, by type."""

MOST_RECORDS = 4096
_LONGEST_NAME = 255


@dataclass(slots=True)
class Message:
    """One message: what was asked, the names and addresses that its records hold, and where it broke, if it did."""

    id: int
    response: bool
    code: str
    queries: list[tuple[str, str]] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    fault: str = ""


def parse(data: bytes) -> Message | None:
    """Read a message; None where not even its header and first question are those of one."""
    if len(data) < 12:
        return None
    number, flags, *counts = struct.unpack_from(">6H", data)
    message = Message(number, bool(flags & 0x8000), _RCODES.get(flags & 15, str(flags & 15)))
    try:
        _sections(data, counts, message)
    except (struct.error, IndexError, ValueError) as error:
        message.fault = str(error) or "breaks off"
    plausible = message.queries or message.owners or not message.fault
    return message if plausible and (any(counts) or message.response) and (flags >> 11) & 15 < 7 else None


def _sections(data: bytes, counts: list[int], message: Message) -> None:
    at = 12
    for _ in range(min(counts[0], MOST_RECORDS)):
        name, at = _name(data, at)
        (kind,) = struct.unpack_from(">H", data, at)
        message.queries.append((name, TYPES.get(kind, f"TYPE{kind}")))
        at += 4
        if at > len(data):
            raise ValueError("breaks off in a question")
    total = sum(counts[1:])
    if total > MOST_RECORDS:
        message.fault = f"more than {MOST_RECORDS} records"
    for _ in range(min(total, MOST_RECORDS)):
        at = _record(data, at, message)


def _record(data: bytes, at: int, message: Message) -> int:
    name, at = _name(data, at)
    kind, _, _, size = struct.unpack_from(">HHIH", data, at)
    at += 10
    after = at + int(size)
    if kind == 41:
        return after
    if name and name not in message.owners:
        message.owners.append(name)
    if after > len(data):
        raise ValueError("breaks off in a record")
    _content(data, at, after - at, kind, message)
    return after


def _content(data: bytes, at: int, size: int, kind: int, message: Message) -> None:
    if (kind, size) in ((1, 4), (28, 16)):
        message.addresses.append(text_of(data[at : at + size]))
    elif kind == 16:
        message.texts.append(lenient(_strings(data[at : at + size])))
    elif kind in _NAME_AT:
        name, after = _name(data, at + _NAME_AT[kind])
        if name and name not in message.names:
            message.names.append(name)
        if kind in (64, 65):
            _hints(data[after : at + size], message)


def _strings(raw: bytes) -> bytes:
    """Join the character strings of a TXT record (RFC 1035, section 3.3.14)."""
    at, parts = 0, []
    while at < len(raw):
        parts.append(raw[at + 1 : at + 1 + raw[at]])
        at += 1 + raw[at]
    return b"".join(parts)


def _hints(raw: bytes, message: Message) -> None:
    """Take the addresses out of the parameters ipv4hint and ipv6hint (RFC 9460, section 7.3)."""
    at = 0
    while at + 4 <= len(raw):
        key, size = struct.unpack_from(">HH", raw, at)
        width = {4: 4, 6: 16}.get(key)
        body = raw[at + 4 : at + 4 + size]
        if width:
            whole = range(0, len(body) - width + 1, width)
            message.addresses += [text_of(body[i : i + width]) for i in whole]
        at += 4 + size


def _name(data: bytes, at: int) -> tuple[str, int]:
    """Read a name and give where the bytes after it begin; the root is empty."""
    labels: list[bytes] = []
    after, size = -1, 0
    while (length := data[at]) != 0:
        if length >= 0xC0:
            target = ((length & 0x3F) << 8) | data[at + 1]
            after = at + 2 if after < 0 else after
            # A pointer must point backwards, so none can run in a circle.
            if target >= at:
                raise ValueError("a name points forward")
            at = target
            continue
        if length > 63:
            raise ValueError("a label of a reserved kind")
        label = data[at + 1 : at + 1 + length]
        size += length + 1
        if len(label) < length or size > _LONGEST_NAME:
            raise ValueError("a name breaks off or is too long")
        labels.append(label)
        at += 1 + length
    return lenient(b".".join(labels)), at + 1 if after < 0 else after


def finding(data: bytes, service: str) -> Finding | None:
    """Make one finding of a message; None where it is none."""
    message = parse(data)
    if message is None:
        return None
    fields: list[Field] = [("type", "response" if message.response else "query", Kind.TEXT)]
    for name, kind in message.queries:
        fields += [("query", name, _kind(name)), ("qtype_name", kind, Kind.TEXT)] if name else []
    asked = {name for name, _ in message.queries}
    fields += [("rrname", name, _kind(name)) for name in message.owners if name not in asked]
    fields += [("answers", name, _kind(name)) for name in message.names]
    fields += [("answers", address, Kind.ADDRESS) for address in message.addresses]
    fields += [("txt", text, Kind.TEXT) for text in message.texts if text]
    if message.response:
        fields.append(("rcode_name", message.code, Kind.TEXT))
    return Finding(Telemetry.DNS_QUERY, service, tuple(fields), from_server=message.response, fault=message.fault)


def _kind(name: str) -> Kind:
    return Kind.ADDRESS if is_address(name) else Kind.HOST


class OverTcp:
    """Messages in a stream, each behind its length (RFC 1035, section 4.2.2)."""

    def __init__(self) -> None:
        """Begin before the first message."""
        self._raw = bytearray()
        self.lost = False

    @property
    def held(self) -> int:
        """Say how many bytes wait for others."""
        return len(self._raw)

    def hole(self, size: int) -> bool:
        """Lose the place: where the next message begins cannot be told."""
        self.lost = True
        self._raw.clear()
        return True

    def feed(self, data: bytes) -> list[Finding | None]:
        """Take the next bytes; None stands for a message that is none."""
        found: list[Finding | None] = []
        self._raw += data
        while len(self._raw) >= 2 and not self.lost:
            size = int.from_bytes(self._raw[:2], "big")
            if len(self._raw) < 2 + size:
                break
            found.append(finding(bytes(self._raw[2 : 2 + size]), "dns"))
            self.lost = found[-1] is None
            del self._raw[: 2 + size]
        return found
