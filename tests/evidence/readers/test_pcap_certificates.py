"""Certificates that a server sends in the clear (TLS up to 1.2), in one segment or several; against another parser."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from tests.evidence.capture_kit import CLIENT, SERVER, ethernet, hello, ipv4, pcap, tcp
from tests.evidence.readers.test_captures_real import SETS, read
from tests.evidence_kit import read_bytes

from nachsorge.evidence.network import certificates
from nachsorge.evidence.readers.pcap import Pcap
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from pathlib import Path


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    return bytes([tag]) + (bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")) + body


def named(common: str) -> bytes:
    return der(0x30, der(0x31, der(0x30, der(6, b"\x55\x04\x03"), der(12, common.encode()))))


NAMES = der(0x30, der(0x82, b"evil.example"), der(0x82, b"*.evil.example"), der(0x87, bytes((192, 0, 2, 9))))
SIGNED = der(
    0x30,
    der(0xA0, der(2, b"\2")),
    der(2, b"\x0a\xbc"),
    der(0x30, der(6, b"\x2a\x03")),
    named("Control CA"),
    der(0x30, der(23, b"230301000000Z"), der(23, b"240301000000Z")),
    named("evil.example"),
    der(0x30, der(0x30, der(6, b"\x2a\x03")), der(3, b"\0\1\2")),
    der(0xA3, der(0x30, der(0x30, der(6, b"\x55\x1d\x11"), der(4, NAMES)))),
)
CERTIFICATE = der(0x30, SIGNED, der(0x30, der(6, b"\x2a\x03")), der(3, b"\0" * 200))


def answer(*chain: bytes) -> bytes:
    """A server's hello of TLS 1.2 and its chain, in one record."""
    listed = b"".join(len(one).to_bytes(3, "big") + one for one in chain)
    body = len(listed).to_bytes(3, "big") + listed
    first = b"\x03\x03" + bytes(32) + b"\0" + b"\x00\x2f" + b"\0"
    messages = b"\x02" + len(first).to_bytes(3, "big") + first + b"\x0b" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x03" + len(messages).to_bytes(2, "big") + messages


@pytest.mark.parametrize("step", [7, 100, 1400])
def test_a_chain_in_pieces_gives_names_addresses_serial_and_digests(step: int) -> None:
    raw = answer(CERTIFICATE, CERTIFICATE)
    pieces = [tcp(443, 40_001, 1 + at, raw[at : at + step]) for at in range(0, len(raw), step)]
    asked = ethernet(ipv4(6, tcp(40_001, 443, 9, hello("evil.example"))))
    records, ledger = read_bytes(Pcap(), pcap(asked, *(ethernet(ipv4(6, p, SERVER, CLIENT)) for p in pieces)))
    (chain,) = [record for record in records if record.service == "x509"]
    values = {(value.kind, value.text) for value in chain.values}
    assert (chain.telemetry, chain.addresses) == (Telemetry.TLS, (CLIENT, SERVER))
    assert {(Kind.HOST, "evil.example"), (Kind.HOST, "*.evil.example"), (Kind.ADDRESS, "192.0.2.9")} <= values
    assert {(Kind.CERTIFICATE, "0ABC"), (Kind.CERTIFICATE, "CN=Control CA")} <= values
    assert (Kind.HASH, hashlib.sha256(CERTIFICATE).hexdigest()) in values
    assert (Kind.HASH, hashlib.sha1(CERTIFICATE, usedforsecurity=False).hexdigest()) in values
    assert ledger.unreadable == 0


def test_a_certificate_that_breaks_off_keeps_its_digest_and_is_counted() -> None:
    cut = CERTIFICATE[:60]
    records, ledger = read_bytes(Pcap(), pcap(ethernet(ipv4(6, tcp(443, 40_001, 1, answer(cut)), SERVER, CLIENT))))
    assert any(value.text == hashlib.sha256(cut).hexdigest() for record in records for value in record.values)
    assert ledger.unreadable == 1


def test_every_real_certificate_says_what_another_parser_says(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one is the package `cryptography`; it refuses some of these, which are malformed on purpose."""
    x509 = pytest.importorskip("cryptography.x509")
    parse, met = certificates.parse, dict[bytes, certificates.Certificate]()

    def noted(raw: bytes) -> certificates.Certificate:
        return met.setdefault(raw, parse(raw))

    monkeypatch.setattr(certificates, "parse", noted)
    for path in sorted(p for name in SETS for p in (shared_data / name).glob("*.pcap*")):
        read(path)
    compared = 0
    for raw, ours in met.items():
        try:
            theirs = x509.load_der_x509_certificate(raw)
            common = theirs.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
            names = theirs.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (ValueError, UserWarning, x509.ExtensionNotFound):
            continue
        compared += 1
        assert int(ours.serial, 16) == theirs.serial_number
        assert ours.common_name == (common[-1].value if common else "")
        assert ours.hosts == names.get_values_for_type(x509.DNSName)
    assert (len(met), compared) == (59, 25)
