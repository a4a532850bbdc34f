"""Who signed a Windows program: the certificates in its Authenticode signature. Nothing is verified.

Layout: Microsoft, "Windows Authenticode Portable Executable Signature Format"; the signature is a PKCS #7 SignedData
(RFC 2315, section 9). What can be read is a name and a serial number that an indicator may state; whether the signature
is valid, and of this very file, is not checked.
"""

from __future__ import annotations

from dataclasses import dataclass

from nachsorge.evidence.network.certificates import Certificate, parse

LARGEST = 1024 * 1024
_HEAD = 8
_PKCS = 2
_CERTIFICATES = 0xA0
_MOST = 32


@dataclass(frozen=True, slots=True)
class Signature:
    """All certificates that the signature carries; `signer` is the one that it names as its own."""

    certificates: tuple[Certificate, ...] = ()
    signer: Certificate | None = None


def signature_of(table: bytes) -> Signature:
    """Read a certificate table (its first entry); an empty signature where it holds none that can be followed."""
    size, kind = int.from_bytes(table[:4], "little"), int.from_bytes(table[6:8], "little")
    if kind != _PKCS:
        return Signature()
    try:
        ((_, info),) = _each(table[_HEAD:size])[:1]
        signed = _each(_each(_each(info)[1][1])[0][1])
        found = [raw for tag, raw in signed if tag == _CERTIFICATES]
        certificates = tuple(parse(der) for der in _whole(found[0])[:_MOST]) if found else ()
        serial = _each(_each(_each(signed[-1][1])[0][1])[1][1])[1][1]
    except (IndexError, ValueError):
        return Signature()
    wanted = serial.hex().lstrip("0").upper()
    return Signature(certificates, next((c for c in certificates if c.serial.lstrip("0") == wanted), None))


def _each(raw: bytes) -> list[tuple[int, bytes]]:
    """Give tag and content of each DER element in a row; signatures are padded with zeroes behind the last."""
    return [(tag, raw[start:end]) for tag, _, start, end in _elements(raw)]


def _whole(raw: bytes) -> list[bytes]:
    return [raw[begin:end] for _, begin, _, end in _elements(raw)]


def _elements(raw: bytes) -> list[tuple[int, int, int, int]]:
    found, at = [], 0
    while at + 2 <= len(raw) and raw[at]:
        size, start = raw[at + 1], at + 2
        if size & 0x80:
            width = size & 0x7F
            if not 1 <= width <= 4:
                raise ValueError("a length of no known kind")
            size, start = int.from_bytes(raw[start : start + width], "big"), start + width
        if start + size > len(raw):
            raise ValueError("an element is longer than what holds it")
        found.append((raw[at], at, start, start + size))
        at = start + size
    return found
