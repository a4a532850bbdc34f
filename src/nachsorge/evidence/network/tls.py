"""TLS handshakes in one direction of a stream: the name asked for, and the certificates given.

Format: RFC 8446, sections 4 and 5; RFC 5246, section 7.4; server names RFC 6066, section 3. In TLS 1.3 the certificates
are encrypted.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from nachsorge.evidence.fields import is_address
from nachsorge.evidence.network import certificates
from nachsorge.evidence.network.findings import Field, Finding
from nachsorge.evidence.text import lenient
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_HANDSHAKE = 128 * 1024
"""Bytes of a handshake that are kept; chains of certificates are a tenth of it."""

_VERSIONS = {0x0300: "SSLv3", 0x0301: "TLSv10", 0x0302: "TLSv11", 0x0303: "TLSv12", 0x0304: "TLSv13"}
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
_HELLO, _SERVER_HELLO, _CERTIFICATE = 1, 2, 11


class Handshake:
    """Reads records until what follows is encrypted. `done` then; `hidden` where certificates are (TLS 1.3)."""

    def __init__(self) -> None:
        """Begin before the first record."""
        self._raw = bytearray()
        self._messages = bytearray()
        self._changed = False
        self.done = False
        self.hidden = False
        self.overlong = False

    @property
    def held(self) -> int:
        """Say how many bytes wait for others."""
        return len(self._raw) + len(self._messages)

    def feed(self, data: bytes) -> Iterator[Finding]:
        """Take the next bytes of the stream."""
        self._raw += data
        while not self.done and len(self._raw) >= 5:
            kind, major, size = self._raw[0], self._raw[1], int.from_bytes(self._raw[3:5], "big")
            if kind not in (20, 21, 22) or major != 3 or size > 18_432:
                self.done = True
            elif len(self._raw) < 5 + size:
                break
            else:
                body = bytes(self._raw[5 : 5 + size])
                del self._raw[: 5 + size]
                yield from self._record(kind, body)
        self._limit()

    def _limit(self) -> None:
        if self.held > LONGEST_HANDSHAKE:
            self.done = self.overlong = True
        if self.done:
            self._raw.clear()
            self._messages.clear()

    def _record(self, kind: int, body: bytes) -> Iterator[Finding]:
        if kind == 20:
            self._changed = True
        elif kind == 22:
            # After the change of the cipher only a repeated hello of TLS 1.3 is still in the clear.
            if self._changed and not _is_hello(body):
                self.done = True
                return
            self._messages += body
            yield from self._take()

    def _take(self) -> Iterator[Finding]:
        while len(self._messages) >= 4:
            size = int.from_bytes(self._messages[1:4], "big")
            if size > LONGEST_HANDSHAKE:
                self.done = True
                return
            if len(self._messages) < 4 + size:
                return
            kind, body = self._messages[0], bytes(self._messages[4 : 4 + size])
            del self._messages[: 4 + size]
            if kind == _HELLO:
                yield client_hello(body)
            elif kind == _SERVER_HELLO:
                self.hidden = self.hidden or _is_13(body)
            elif kind == _CERTIFICATE:
                yield from _chain(body)


def _is_hello(body: bytes) -> bool:
    return body[:1] in (b"\x01", b"\x02") and int.from_bytes(body[1:4], "big") == len(body) - 4


def client_hello(body: bytes, service: str = "tls") -> Finding:
    """Read the name asked for, the protocols offered and the highest version; also what QUIC carries."""
    fields: list[Field] = []
    fault = ""
    try:
        version = int.from_bytes(body[:2], "big")
        extensions = _extensions(body, _behind_suites(body))
        offered = extensions.get(43, b"")
        known = list(struct.unpack(f">{len(offered[1:]) // 2}H", offered[1 : len(offered[1:]) // 2 * 2 + 1]))
        version = max([v for v in known if v in _VERSIONS], default=version)
        fields.append(("version", _VERSIONS.get(version, f"{version:#06x}"), Kind.TEXT))
        fields += [("server_name", name, _host_kind(name)) for name in _server_names(extensions.get(0, b""))]
        fields += [("alpn", name, Kind.TEXT) for name in _protocols(extensions.get(16, b""))]
        if 65037 in extensions:
            fields.append(("ech", "true", Kind.TEXT))
    except (IndexError, struct.error):
        fault = "the client's hello breaks off"
    return Finding(Telemetry.TLS, service, tuple(fields), fault=fault)


def _host_kind(name: str) -> Kind:
    return Kind.ADDRESS if is_address(name) else Kind.HOST


def _behind_suites(body: bytes) -> int:
    """Skip version, random, session, cipher suites and compression methods."""
    at = 34
    at += 1 + body[at]
    at += 2 + int.from_bytes(body[at : at + 2], "big")
    return at + 1 + body[at]


def _extensions(body: bytes, at: int) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at += 2
    while at + 4 <= len(body):
        kind, size = struct.unpack_from(">HH", body, at)
        found.setdefault(kind, body[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def _server_names(raw: bytes) -> list[str]:
    found, at = [], 2
    while at + 3 <= len(raw):
        kind, size = raw[at], int.from_bytes(raw[at + 1 : at + 3], "big")
        if kind == 0 and size:
            found.append(lenient(raw[at + 3 : at + 3 + size]))
        at += 3 + size
    return found


def _protocols(raw: bytes) -> list[str]:
    found, at = [], 2
    while at < len(raw):
        found.append(lenient(raw[at + 1 : at + 1 + raw[at]]))
        at += 1 + raw[at]
    return found


def _is_13(body: bytes) -> bool:
    if body[2:34] == _RETRY:
        return True
    at = 34 + 1 + (body[34] if len(body) > 34 else 0) + 3
    chosen = _extensions(body, at).get(43, b"")
    # Drafts of TLS 1.3 are numbered 0x7fNN.
    return chosen[:2] == b"\x03\x04" or chosen[:1] == b"\x7f" or body[:1] == b"\x7f"


def _chain(body: bytes) -> Iterator[Finding]:
    """Read the certificates of a message of TLS 1.2 or before; one finding for all of them."""
    fields: list[Field] = []
    faults: list[str] = []
    at = 3
    while at + 3 <= len(body):
        size = int.from_bytes(body[at : at + 3], "big")
        certificate = certificates.parse(body[at + 3 : at + 3 + size])
        fields += _fields(certificate)
        faults += [certificate.fault] if certificate.fault else []
        at += 3 + size
    if fields:
        yield Finding(Telemetry.TLS, "x509", tuple(fields), from_server=True, fault="; ".join(faults))


def _fields(certificate: certificates.Certificate) -> Iterator[Field]:
    for name, text in (
        ("certificate.subject", certificate.subject),
        ("certificate.issuer", certificate.issuer),
        ("certificate.serial", certificate.serial),
    ):
        if text:
            yield name, text, Kind.CERTIFICATE
    if certificate.common_name:
        # A common name may be a person's or a company's as well; one with a dot and no blank is a host's.
        named = certificate.common_name
        is_host = "." in named and " " not in named and "@" not in named
        yield "certificate.cn", named, _host_kind(named) if is_host else Kind.CERTIFICATE
    yield from (("san.dns", host, _host_kind(host)) for host in certificate.hosts)
    yield from (("san.ip", address, Kind.ADDRESS) for address in certificate.addresses)
    yield from (("san.email", email, Kind.EMAIL) for email in certificate.emails)
    yield from (("san.uri", uri, Kind.URL) for uri in certificate.uris)
    yield "certificate.sha1", certificate.sha1, Kind.HASH
    yield "certificate.sha256", certificate.sha256, Kind.HASH
