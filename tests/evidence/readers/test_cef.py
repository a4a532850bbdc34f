from tests.evidence.reader_contract import (
    holds_with_and_without_sieve,
    shows_its_plant,
    survives_anything,
    typed_values,
)
from tests.evidence_kit import read_bytes

from nachsorge.evidence.readers.cef import Cef
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Telemetry

READER = Cef()
SHA = "ab" * 32
BODY = (
    r"CEF:0|Vendor|Web\|Gate|1.0|100|visited|3|rt=1680084672123 src=192.0.2.7 dst=198.51.100.9 suser=alice "
    r"request=http://evil.example/a?b\=c requestMethod=GET msg=two words" + "\n"
    "<13>Mar 29 2023 10:11:12 fw01 CEF:0|V|P|1|7|allow|3|src=192.0.2.8 dst=198.51.100.9 "
    "rt=Mar 29 2023 12:11:12 +02:00\n"
    "CEF:0|V|P|1|7|lookup|3|rt=1680084672 cat=DNS src=192.0.2.8 dhost=evil.example\n"
    f"CEF:0|V|AV|1|7|Malware found|9|rt=1680084672 dhost=pc7 fileHash={SHA} "
    "fname=C:\\\\x\\\\a.exe cs1Label=Hash cs1=x\n"
    "CEF:0|V|P|1|7|tunnel|3|rt=1680084672 app=HTTPS src=192.0.2.8 dhost=good.example\n"
    "CEF:0|V|P|1|7|started|3|rt=1680084672 dvchost=console msg=ready\n"
).encode()


def test_telemetry_is_told_by_what_an_event_holds():
    records, ledger = read_bytes(READER, BODY)
    kinds = ["proxy", "network_connection", "dns_query", "antivirus", "proxy", "syslog"]
    assert [r.telemetry.value for r in records] == kinds
    assert [r.host for r in records] == [None, None, None, "pc7", None, "console"]
    assert ledger.unreadable == 0


def test_a_firewall_that_calls_a_connection_dns_says_nothing_about_names():
    records, _ = read_bytes(READER, b"CEF:0|V|P|1|7|allow|3|rt=1680084672 app=dns src=192.0.2.8 dst=192.0.2.53\n")
    assert records[0].telemetry is Telemetry.NETWORK_CONNECTION


def test_fields_are_typed_and_escapes_undone():
    records, _ = read_bytes(READER, BODY)
    web, _, dns, virus, *_ = records
    assert web.event["deviceProduct"] == "Web|Gate"
    assert web.event["msg"] == "two words"
    assert web.addresses == ("192.0.2.7", "198.51.100.9")
    assert (Kind.URL, "http://evil.example/a?b=c") in typed_values([web])
    assert (Kind.ADDRESS, "198.51.100.9") in typed_values([web])
    assert (Kind.HOST, "evil.example") in typed_values([dns])
    assert {(Kind.HASH, SHA), (Kind.PATH, "C:\\x\\a.exe")} <= typed_values([virus])


def test_times_in_milliseconds_seconds_and_text_with_zone():
    records, _ = read_bytes(READER, BODY)
    second = parse_instant("2023-03-29T10:11:12Z")
    assert [r.time for r in records] == [second + 123_000, *[second] * 5]


def test_unreadable_lines_are_counted_and_located():
    body = BODY + b"CEF:0|Vendor|evil.example\n"
    _, ledger = read_bytes(READER, body)
    assert (ledger.unreadable, ledger.unreadable_at) == (1, ["line 7"])
    holds_with_and_without_sieve(READER, body, b"evil")


def test_contract():
    holds_with_and_without_sieve(READER, BODY, b"pc7")
    survives_anything(READER, BODY)
    shows_its_plant(READER, BODY)
