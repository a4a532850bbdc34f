import gzip

from tests.evidence.reader_contract import (
    holds_with_and_without_sieve,
    shows_its_plant,
    survives_anything,
    typed_values,
)
from tests.evidence_kit import read_bytes

from nachsorge.evidence.readers.zeek_tsv import ZeekTsv
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Reason, Telemetry

DNS = (
    b"#separator \\x09\n#set_separator\t,\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tquery\n"
    b"1521911721.255387\tC1\t10.0.0.5\t10.0.0.1\tevil.example\n"
    b"1521911722.000000\tC2\t10.0.0.6\t10.0.0.1\tgood.example\n"
)
DHCP = (
    b"#separator \\x09\n#path\tdhcp\n#fields\tts\tmac\thost_name\tassigned_addr\tlease_time\n"
    b"1521911721.000000\taa:bb\tpc9\t10.0.0.9\t60.000000\n"
)
READER = ZeekTsv()


def test_fields_are_typed_and_times_right():
    (first, _), _ = read_bytes(READER, DNS)
    assert first.telemetry is Telemetry.DNS_QUERY
    assert first.time == parse_instant("2018-03-24T17:15:21.255387Z")
    assert first.addresses == ("10.0.0.5", "10.0.0.1")
    assert {(Kind.HOST, "evil.example"), (Kind.ADDRESS, "10.0.0.5")} <= typed_values([first])


def test_header_may_change_in_the_middle():
    records, ledger = read_bytes(READER, DNS + DHCP)
    assert [r.telemetry for r in records] == [Telemetry.DNS_QUERY, Telemetry.DNS_QUERY, Telemetry.DHCP]
    assert records[2].locator == "line 10"
    assert ledger.unreadable == 0


def test_leases_do_not_depend_on_the_sieve():
    _, everything = read_bytes(READER, DHCP)
    _, sieved = read_bytes(READER, DHCP, b"nothing-of-this")
    assert [(x.address, x.host) for x in everything.leases] == [("10.0.0.9", "pc9")]
    assert sieved.leases == everything.leases


def test_unusable_lease_time_does_not_raise():
    _, ledger = read_bytes(READER, DHCP.replace(b"60.000000", b"soon"))
    assert ledger.leases[0].span is not None


def test_wrong_number_of_columns_is_counted_located_and_searched_as_text():
    body = DNS + b"1521911723.0\tC3\tevil.example\n"
    records, ledger = read_bytes(READER, body)
    assert (ledger.unreadable, ledger.unreadable_at) == (1, ["line 7"])
    assert records[-1].telemetry is Telemetry.TEXT
    holds_with_and_without_sieve(READER, body, b"C2")


def test_two_rows_that_make_up_for_each_other_are_both_counted():
    body = DNS + b"1521911723.0\tC3\tx\ty\n" + b"1521911724.0\tC4\t10.0.0.5\t10.0.0.1\tgood.example\tz\n"
    _, ledger = read_bytes(READER, body)
    assert (ledger.unreadable, ledger.unreadable_at) == (2, ["line 7", "line 8"])
    holds_with_and_without_sieve(READER, body, b"C2")


def test_escapes_are_undone_and_never_sieved_out():
    body = DNS + b"1521911723.000000\tC3\t10.0.0.5\t10.0.0.1\t\\x65vil.example\n"
    records, _ = read_bytes(READER, body, b"C1")
    assert [r.event["query"] for r in records] == ["evil.example", "evil.example"]


def test_another_separator():
    body = DNS.replace(b"\\x09", b"||").replace(b"\t", b"||")
    assert [r.values for r in read_bytes(READER, body)[0]] == [r.values for r in read_bytes(READER, DNS)[0]]
    shows_its_plant(READER, body)


def test_contract():
    holds_with_and_without_sieve(READER, DNS, b"evil")
    survives_anything(READER, DNS)
    shows_its_plant(READER, DNS)


def test_every_baseline_of_zeek_is_recognised_and_read(shared_data):
    files = sorted((shared_data / "zeek-btest-logs").glob("*.log"))
    assert len(files) == 86
    for path in files:
        body = path.read_bytes()
        assert READER.accepts(body[:65536], path.name) > 0, path.name
        records, ledger = read_bytes(READER, body)
        rows = [line for line in body.split(b"\n") if line.strip() and not line.startswith(b"#")]
        assert len(records) == ledger.records == len(rows), path.name
        assert ledger.unreadable == 0, path.name
        if any(row.startswith(b"XXXXXXXXXX") for row in rows):
            assert Reason.NO_TIME in {gap.reason for gap in ledger.gaps}, path.name


def test_real_dns_log(shared_data):
    body = gzip.decompress((shared_data / "zeek-logs-wrccdc2018" / "dns.log.gz").read_bytes())
    records, ledger = read_bytes(READER, body, b"ise.wrccdc.org")
    assert (ledger.records, ledger.unreadable) == (53_477, 0)
    assert sum(r.event.get("query") == "ise.wrccdc.org" for r in records) == 22_160
