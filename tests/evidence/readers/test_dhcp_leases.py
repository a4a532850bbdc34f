"""Lease files of DHCP servers: whose an address was, from when to when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.builders import domain_pack, t
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence_kit import Everything, opened, read_bytes

from nachsorge.assets.inventory import Inventory
from nachsorge.evidence.identify import names_machines, reader_for
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.readers.dhcp_leases import DhcpLeases
from nachsorge.model.evidence import Lease
from nachsorge.model.times import Span, parse_instant
from nachsorge.model.words import Reason, Weight
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from pathlib import Path

READER = DhcpLeases()
ISC = b"""# The format of this file is documented in the dhcpd.leases(5) manual page.
authoring-byte-order little-endian;

lease 10.2.0.78 {
  starts 3 2023/03/29 08:00:00;
  ends 3 2023/03/29 20:00:00;
  cltt 3 2023/03/29 08:00:00;
  binding state active;
  next binding state free;
  hardware ethernet 00:11:22:33:44:02;
  uid "\\001\\000\\021\\"3D\\002";
  client-hostname "PC2";
}
lease 10.2.0.78 {
  starts epoch 1680130800; # Wed Mar 29 23:00:00 2023
  ends never;
  binding state active;
  hardware ethernet 00:11:22:33:44:03;
  set ddns-fwd-name = "pc3.corp.example";
}
lease 10.2.0.79 {
  starts 3 2023/03/29 08:00:00;
  ends 3 2023/03/29 20:00:00;
  binding state abandoned;
  client-hostname "nobody";
}
"""
ISC_6 = b"""# All times in this file are in UTC (GMT).
server-duid "\\000\\001\\000\\001+\\352";

ia-na "\\001\\000\\000\\000\\000\\001\\000\\001\\001\\002\\003\\004\\000\\021\"3D\\006" {
  cltt 3 2023/03/29 08:00:00;
  iaaddr 2001:db8::78 {
    binding state active;
    preferred-life 27000;
    max-life 43200;
    ends 3 2023/03/29 20:00:00;
    set ddns-fwd-name = "pc6.corp.example";
  }
  iaaddr 2001:db8::79 {
    binding state abandoned;
    ends 3 2023/03/29 20:00:00;
    set ddns-fwd-name = "pc6.corp.example";
  }
}

ia-na "\\002\\000\\000\\000\\000\\003\\000\\001\\000\\021\"3D\\007" {
  cltt 3 2023/03/29 09:00:00;
  iaaddr 2001:db8::80 {
    binding state active;
    ends 3 2023/03/29 21:00:00;
  }
}

ia-pd "\\003\\000\\000\\000\\000\\003\\000\\001\\000\\021\"3D\\010" {
  cltt 3 2023/03/29 09:00:00;
  iaprefix 2001:db8:1::/64 {
    binding state active;
    ends 3 2023/03/29 21:00:00;
  }
}
"""
KEA = (
    b"address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n"
    b"10.3.0.78,00:11:22:33:44:03,01:00,43200,1680120000,1,0,0,pc3.corp.example.,0,,0\n"
    b"10.3.0.79,00:11:22:33:44:04,,43200,1680120000,1,0,0,declined,1,,0\n"
    b"10.3.0.80,00:11:22:33:44:05,,0,1680120000,1,0,0,released,0,,0\n"
)
KEA_6 = (
    b"address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,"
    b"hwaddr,state\n"
    b"2001:db8::78,00:01,4000,1680120000,1,3000,0,1,128,0,0,pc6,00:11:22:33:44:06,0\n"
    b"2001:db8:1::,00:02,4000,1680120000,1,3000,2,1,64,0,0,router,00:11:22:33:44:07,0\n"
)
DNSMASQ = (
    b"1680120000 00:11:22:33:44:04 10.4.0.78 pc4 01:00:11:22:33:44:04\n"
    b"0 00:11:22:33:44:05 10.4.0.79 * *\n"
    b"duid 00:01:00:01\n"
)
SAMPLES = {"isc": ISC, "isc 6": ISC_6, "kea": KEA, "kea 6": KEA_6, "dnsmasq": DNSMASQ}


def span(start: str, end: str) -> Span:
    return Span(parse_instant(start), parse_instant(end))


def leases(body: bytes) -> list[Lease]:
    return read_bytes(READER, body)[1].leases


@pytest.mark.parametrize("kind", SAMPLES)
def test_each_is_known_by_its_layout(kind: str):
    assert reader_for(SAMPLES[kind], "x").name == "dhcp_leases"


def test_isc_says_from_when_to_when():
    assert leases(ISC) == [
        Lease(
            address="10.2.0.78",
            host="PC2",
            span=span("2023-03-29T08:00:00Z", "2023-03-29T20:00:00Z"),
            mac="00:11:22:33:44:02",
        ),
        Lease(
            address="10.2.0.78",
            host="pc3.corp.example",
            span=span("2023-03-29T23:00:00Z", "2100-01-01T00:00:00Z"),
            mac="00:11:22:33:44:03",
        ),
    ]


def test_isc_names_a_client_of_ipv6_only_where_its_server_did():
    found = span("2023-03-29T08:00:00Z", "2023-03-29T20:00:00Z")
    assert leases(ISC_6) == [Lease(address="2001:db8::78", host="pc6.corp.example", span=found)]
    reading = read_bytes(READER, ISC_6)[1]
    assert "3 leases are of no machine, or of no time that the file tells" in reading.notes


@pytest.mark.parametrize("cut", [b"    max-life", b"  iaaddr 2001:db8::79", b"}\n\nia-na"])
def test_a_list_of_ipv6_that_ends_within_a_client_says_so(cut: bytes):
    found = read_bytes(READER, ISC_6[: ISC_6.index(cut)])[1]
    assert [gap.reason for gap in found.gaps] == [Reason.TRUNCATED]


def test_kea_says_when_it_ends_and_how_long_it_was():
    found = Lease(
        address="10.3.0.78",
        host="pc3.corp.example",
        span=span("2023-03-29T08:00:00Z", "2023-03-29T20:00:00Z"),
        mac="00:11:22:33:44:03",
    )
    assert leases(KEA) == [found]
    (six,) = leases(KEA_6)
    assert (six.address, six.host) == ("2001:db8::78", "pc6"), (
        "a prefix that a router was given is no machine's address"
    )


def test_dnsmasq_is_true_for_the_moment_at_which_the_file_was_written():
    def at(modified: str | None) -> list[tuple[str, str, Span | None]]:
        ledger = Ledger()
        written = None if modified is None else parse_instant(modified)
        list(READER.read(opened(DNSMASQ, "dnsmasq.leases", written), Everything(), ledger))
        return [(lease.address, lease.host, lease.span) for lease in ledger.leases]

    noon, late = "2023-03-29T12:00:00Z", "2023-03-30T12:00:00Z"
    assert at(noon) == [("10.4.0.78", "pc4", span(noon, noon)), ("10.4.0.79", "", span(noon, noon))]
    assert at(late) == [("10.4.0.79", "", span(late, late))], "the first had ended by then"
    assert at(None) == []


@pytest.mark.parametrize("kind", SAMPLES)
def test_leases_do_not_hang_on_what_is_looked_for_and_nothing_is_lost(kind: str):
    every, whole = read_bytes(READER, SAMPLES[kind])
    some, ledger = read_bytes(READER, SAMPLES[kind], b"pc")
    assert len(every) == whole.records and 0 < len(some) <= len(every)
    assert (ledger.leases, ledger.records, ledger.seen()) == (whole.leases, whole.records, whole.seen())
    assert all(seen.spans == () for seen in read_member(READER, SAMPLES[kind])[1].seen)


def test_a_lease_that_is_cut_off_is_text():
    cut = ISC[: ISC.index(b"client-hostname")]
    records, ledger = read_bytes(READER, cut)
    assert not ledger.leases and "hardware ethernet" in "".join(record.event.get("text", "") for record in records)


def test_a_quote_that_is_never_closed_loses_nothing():
    records, ledger = read_bytes(READER, KEA + b'"' + b"x" * 200_000 + b"\n10.3.0.99,evil.example,1\n")
    assert len(ledger.leases) == 1 or ledger.gaps
    assert ledger.gaps or "evil.example" in records[-1].event["message"]


@pytest.mark.parametrize("kind", SAMPLES)
def test_damage_and_plant(kind: str):
    bears_damage(READER, SAMPLES[kind], rounds=20)
    shows_plant(READER, SAMPLES[kind])


def test_what_is_none():
    for body in (b"", b"lease of life { }\n", b"address,hwaddr,x\n", b"168012000 words\n", b"<lease 1 {\n", b"ia-na x"):
        assert READER.accepts(body, "dhcpd.leases") == 0, body
    program = b'# reads leases\nfrom parser import Word\nsample = """\n' + ISC + b'"""\n'
    assert READER.accepts(program, "dhcpd_leases_parser.py") == 0


def test_those_that_say_it_at_once_are_read_before_the_logs_of_sensors():
    assert names_machines(ISC) and names_machines(KEA) and names_machines(ISC_6)


@pytest.mark.parametrize("name", ["dhcpd.leases", "z/dhcpd.leases"])
def test_a_query_is_the_machines_that_had_the_address_then(tmp_path: Path, name: str):
    """The lease file may lie before or behind the name server's log."""
    place = tmp_path / name
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(ISC)
    (tmp_path / "named.log").write_text(
        "29-Mar-2023 09:00:00.000 client @0x1 10.2.0.78#5 (evil.example): query: evil.example IN A + (10.0.0.1)\n"
        "29-Mar-2023 23:30:00.000 client @0x1 10.2.0.78#5 (evil.example): query: evil.example IN A + (10.0.0.1)\n"
    )
    options = Options(jobs=1, now=t("2023-06-01"))
    found = sweep([domain_pack(window=None, weight=Weight.HINT)], [str(tmp_path)], Inventory(), options)
    assert sorted(s.asset for s in found.sightings) == ["PC2", "pc3.corp.example"]


def test_a_file_that_ends_within_a_lease_says_so():
    whole = b"lease 10.0.0.1 {\n  starts 3 2023/03/29 10:00:00;\n  ends 3 2023/03/29 11:00:00;\n}\n"
    cut = whole + b"lease 10.0.0.2 {\n  starts 3 2023/03/29 10:00:00;\n  en"
    assert not read_bytes(DhcpLeases(), whole)[1].gaps
    assert [gap.reason for gap in read_bytes(DhcpLeases(), cut)[1].gaps] == [Reason.TRUNCATED]
