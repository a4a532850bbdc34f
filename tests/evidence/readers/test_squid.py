from tests.evidence.reader_contract import (
    holds_with_and_without_sieve,
    shows_its_plant,
    survives_anything,
    typed_values,
)
from tests.evidence_kit import read_bytes

from nachsorge.evidence.readers.squid import Squid
from nachsorge.model.words import Kind, Telemetry

BODY = b"""\
1680000000.123    921 192.0.2.68 TCP_MISS/200 507 GET http://evil.example:8080/a?b - HIER_DIRECT/198.51.100.7 text/html
1680000001.004     10 192.0.2.69 TCP_TUNNEL/200 1 CONNECT good.example:443 alice HIER_DIRECT/good.example -
1680000002.5        0 2001:db8::1 NONE/400 1 NONE error:invalid-request - HIER_NONE/- text/html
1680000003.000      0 192.0.2.69 TCP_TUNNEL/200 1 CONNECT [2001:db8::2]:443 - HIER_DIRECT/2001:db8::2 -
"""
READER = Squid()


def test_fields_are_typed_and_times_right():
    records, ledger = read_bytes(READER, BODY)
    get, connect, error, six = records
    assert {r.telemetry for r in records} == {Telemetry.PROXY}
    assert get.time == 1_680_000_000_123_000
    assert error.time == 1_680_000_002_500_000
    assert get.addresses == ("192.0.2.68", "198.51.100.7")
    assert typed_values([get]) >= {
        (Kind.URL, "http://evil.example:8080/a?b"),
        (Kind.HOST, "evil.example"),
        (Kind.ADDRESS, "192.0.2.68"),
        (Kind.ADDRESS, "198.51.100.7"),
    }
    assert (Kind.HOST, "good.example") in typed_values([connect])
    assert "host" not in error.event
    assert (Kind.ADDRESS, "2001:db8::2") in typed_values([six])
    assert ledger.unreadable == 0


def test_unreadable_lines_are_counted_and_located():
    body = BODY + b"1680000003.123 broken evil.example\n"
    records, ledger = read_bytes(READER, body)
    assert (ledger.unreadable, ledger.unreadable_at) == (1, ["line 5"])
    assert records[-1].telemetry is Telemetry.TEXT
    holds_with_and_without_sieve(READER, body, b"evil")


def test_contract():
    holds_with_and_without_sieve(READER, BODY, b"evil")
    survives_anything(READER, BODY)
    shows_its_plant(READER, BODY)
