"""The few fields of an X.509 certificate that indicators name. DER is walked, nothing is verified.

Format: RFC 5280, section 4.1; DER as in ITU-T X.690.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from nachsorge.evidence.network.layers import text_of
from nachsorge.evidence.text import lenient

_ATTRIBUTES = {
    b"\x55\x04\x03": "CN",
    b"\x55\x04\x05": "serialNumber",
    b"\x55\x04\x06": "C",
    b"\x55\x04\x07": "L",
    b"\x55\x04\x08": "ST",
    b"\x55\x04\x09": "street",
    b"\x55\x04\x0a": "O",
    b"\x55\x04\x0b": "OU",
    bytes.fromhex("2a864886f70d010901"): "emailAddress",
    bytes.fromhex("0992268993f22c640119"): "DC",
}
_SAN = b"\x55\x1d\x11"


@dataclass(slots=True)
class Certificate:
    """One certificate. `fault` says where reading it ended early; its digests are right all the same."""

    sha1: str
    sha256: str
    serial: str = ""
    subject: str = ""
    issuer: str = ""
    common_name: str = ""
    hosts: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    uris: list[str] = field(default_factory=list)
    fault: str = ""


def parse(der: bytes) -> Certificate:
    """Read a certificate as far as it goes."""
    sha1 = hashlib.sha1(der, usedforsecurity=False).hexdigest()
    certificate = Certificate(sha1, hashlib.sha256(der).hexdigest())
    try:
        _to_be_signed(_content(_content(der)), certificate)
    except (IndexError, ValueError) as error:
        certificate.fault = str(error) or "breaks off"
    return certificate


def _to_be_signed(body: bytes, certificate: Certificate) -> None:
    fields = _each(body)
    if fields and fields[0][0] == 0xA0:
        fields = fields[1:]
    (_, serial), _, (_, issuer), _, (_, subject) = fields[:5]
    certificate.serial = serial.hex().lstrip("0").rjust(1, "0").upper()
    certificate.serial = "0" * (len(certificate.serial) % 2) + certificate.serial
    certificate.issuer = ", ".join(f"{name}={text}" for name, text in _names(issuer))
    named = _names(subject)
    certificate.subject = ", ".join(f"{name}={text}" for name, text in named)
    certificate.common_name = next((text for name, text in reversed(named) if name == "CN"), "")
    for tag, content in fields[6:]:
        if tag == 0xA3:
            _extensions(_content(content), certificate)


def _names(raw: bytes) -> list[tuple[str, str]]:
    found = []
    for _, group in _each(raw):
        for _, pair in _each(group):
            (_, kind), (tag, value) = _each(pair)[:2]
            # BMPString is UTF-16, UniversalString UTF-32 (X.690, section 8.23).
            wide = {0x1E: "utf-16-be", 0x1C: "utf-32-be"}.get(tag)
            text = value.decode(wide, "replace") if wide else lenient(value)
            found.append((_ATTRIBUTES.get(kind, kind.hex()), text))
    return found


def _extensions(raw: bytes, certificate: Certificate) -> None:
    for _, extension in _each(raw):
        parts = _each(extension)
        if parts and parts[0][1] == _SAN:
            for tag, value in _each(_content(parts[-1][1])):
                _alternative(tag, value, certificate)


def _alternative(tag: int, value: bytes, certificate: Certificate) -> None:
    match tag:
        case 0x81:
            certificate.emails.append(lenient(value))
        case 0x82:
            certificate.hosts.append(lenient(value))
        case 0x86:
            certificate.uris.append(lenient(value))
        case 0x87 if len(value) in (4, 16):
            certificate.addresses.append(text_of(value))


def _each(raw: bytes) -> list[tuple[int, bytes]]:
    """Give tag and content of each element in a row."""
    found, at = [], 0
    while at < len(raw):
        tag, start, end = _header(raw, at)
        found.append((tag, raw[start:end]))
        at = end
    return found


def _content(raw: bytes) -> bytes:
    _, start, end = _header(raw, 0)
    return raw[start:end]


def _header(raw: bytes, at: int) -> tuple[int, int, int]:
    """Give an element's tag and where its content begins and ends; long tags do not occur in certificates."""
    tag, size = raw[at], raw[at + 1]
    start = at + 2
    if size & 0x80:
        width = size & 0x7F
        if not 1 <= width <= 4:
            raise ValueError("a length of no known kind")
        size = int.from_bytes(raw[start : start + width], "big")
        start += width
    if start + size > len(raw):
        raise ValueError("an element is longer than what holds it")
    return tag, start, start + size
