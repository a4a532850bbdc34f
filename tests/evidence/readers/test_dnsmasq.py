from tests.evidence.reader_contract import holds_with_and_without_sieve, survives_anything, typed_values
from tests.evidence_kit import PLANT, read_bytes

from nachsorge.evidence.readers.dnsmasq import Dnsmasq
from nachsorge.model.times import Span, parse_instant
from nachsorge.model.words import Kind, Telemetry

READER = Dnsmasq()
MODIFIED = parse_instant("2023-04-01")
BODY = b"""\
Mar 29 10:11:12 dnsmasq[12]: query[A] evil.example from 10.0.0.5
Mar 29 10:11:12 dnsmasq[12]: forwarded evil.example to 192.0.2.53
Mar 29 10:11:12 dnsmasq[12]: reply evil.example is <CNAME>
Mar 29 10:11:13 dnsmasq[12]: cached good.example is 198.51.100.7
Mar 29 10:11:13 dnsmasq[12]: 17 10.0.0.6/5151 query[AAAA] good.example from 10.0.0.6
Mar 29 10:11:14 router dnsmasq-dhcp[12]: DHCPACK(eth0) 10.0.0.5 aa:bb:cc:dd:ee:01 pc5
Mar 29 10:11:15 dnsmasq[12]: started, version 2.90 cachesize 150
"""


def test_fields_are_typed_and_times_right():
    records, ledger = read_bytes(READER, BODY, modified=MODIFIED)
    assert [r.telemetry.value for r in records] == [*["dns_query"] * 5, "dhcp", "syslog"]
    assert records[0].time == parse_instant("2023-03-29T10:11:12Z")
    assert records[0].addresses == ("10.0.0.5",)
    assert records[4].addresses == ("10.0.0.6",)
    assert all((Kind.HOST, "evil.example") in typed_values([r]) for r in records[:3])
    assert (Kind.TEXT, "<CNAME>") in typed_values(records[2:3])
    assert (Kind.ADDRESS, "198.51.100.7") in typed_values(records[3:4])
    assert (ledger.unreadable, ledger.records) == (0, 7)


def test_acknowledged_addresses_are_leases_whatever_is_looked_for():
    for literals in ((), (b"nowhere",)):
        _, ledger = read_bytes(READER, BODY, *literals, modified=MODIFIED)
        (lease,) = ledger.leases
        time = parse_instant("2023-03-29T10:11:14Z")
        assert (lease.address, lease.host, lease.mac) == ("10.0.0.5", "pc5", "aa:bb:cc:dd:ee:01")
        assert lease.span == Span(time, time)


def test_unreadable_lines_are_counted_and_located():
    body = BODY + b"dnsmasq evil.example\n"
    _, ledger = read_bytes(READER, body, modified=MODIFIED)
    assert (ledger.unreadable, ledger.unreadable_at) == (1, ["line 8"])
    holds_with_and_without_sieve(READER, body, b"evil")


def test_contract():
    holds_with_and_without_sieve(READER, BODY, b"evil")
    survives_anything(READER, BODY)


def test_the_plant_is_seen():
    planted = READER.plant(BODY, PLANT)
    assert planted is not None
    assert READER.accepts(planted, "") == 85
    records, ledger = read_bytes(READER, planted, modified=MODIFIED)
    assert (Kind.HOST, PLANT.host) in typed_values(records)
    assert ledger.unreadable == 0
    assert records[0].telemetry is Telemetry.DNS_QUERY
