"""An asset is present at a sensor only as the client of a record."""

from __future__ import annotations

import pytest
from tests.evidence_kit import read_bytes

from nachsorge.evidence.readers.suricata_eve import SuricataEve
from nachsorge.evidence.readers.zeek_tsv import ZeekTsv

HEAD = b"#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tid.resp_h\tquery\tanswers\n"


def zeek(client: str, server: str, answer: str, rows: int = 3) -> bytes:
    lines = (f"{1_680_000_000 + n * 60}.0\t{client}\t{server}\ta.example\t{answer}\n" for n in range(rows))
    return HEAD + "".join(lines).encode()


@pytest.mark.parametrize(
    ("client", "server", "answer", "present"),
    [
        ("10.0.0.9", "10.0.0.1", "192.0.2.1", True),
        ("10.0.0.5", "10.0.0.9", "192.0.2.1", False),
        ("10.0.0.5", "10.0.0.1", "10.0.0.9", False),
        ("10.0.0.5", "10.0.0.1", "10.0.0.5,10.0.0.9", False),
    ],
)
def test_only_the_client_is_present(client: str, server: str, answer: str, present: bool) -> None:
    body = zeek(client, server, answer)
    _, ledger = read_bytes(ZeekTsv(), body, addresses=frozenset({"10.0.0.9"}))
    assert [seen.address for seen in ledger.presence()] == (["10.0.0.9"] if present else [])


def test_a_busy_server_does_not_hide_that_it_was_a_client_early() -> None:
    body = zeek("10.0.0.9", "10.0.0.1", "-", 1) + zeek("10.0.0.5", "10.0.0.9", "-", 500)[len(HEAD) :]
    _, ledger = read_bytes(ZeekTsv(), body, addresses=frozenset({"10.0.0.9"}))
    (seen,) = ledger.presence()
    assert seen.spans[0].start == 1_680_000_000_000_000


def test_presence_is_of_the_telemetry_of_the_record_and_no_other() -> None:
    body = (
        b'{"timestamp":"2023-03-29T10:00:00Z","event_type":"dns","src_ip":"10.0.0.9","dest_ip":"10.0.0.1","dns":{"rrname":"a.example"}}\n'
        b'{"timestamp":"2023-03-29T10:01:00Z","event_type":"tls","src_ip":"10.0.0.5","dest_ip":"10.0.0.9","tls":{"sni":"a.example"}}\n'
    )
    _, ledger = read_bytes(SuricataEve(), body, addresses=frozenset({"10.0.0.9"}))
    assert [(seen.address, seen.telemetry.value) for seen in ledger.presence()] == [("10.0.0.9", "dns_query")]
