"""The log of Windows' DHCP server: whose an address was when."""

from __future__ import annotations

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import names_machines, reader_for
from nachsorge.evidence.readers.dhcp_windows import DhcpWindows
from nachsorge.model.evidence import Lease
from nachsorge.model.times import Span, parse_instant
from nachsorge.model.words import Telemetry

READER = DhcpWindows()
LEGEND = "\t\tMicrosoft DHCP Service Activity Log\r\n\r\n\r\nEvent ID  Meaning\r\n00\tThe log was started.\r\n\r\n"
ENGLISH = "ID,Date,Time,Description,IP Address,Host Name,MAC Address,User Name, TransactionID, QResult\r\n"
GERMAN = "ID,Datum,Zeit,Beschreibung,IP-Adresse,Hostname,MAC-Adresse,Benutzername, Transaktions-ID, QResult\r\n"
ROWS = (
    "00,03/29/23,00:00:06,Started,,,,,0,6\r\n"
    "10,03/29/23,08:14:31,Assign,10.1.2.78,PC1.corp.example,001122334401,,3051012393,0\r\n"
    "11,03/29/23,12:14:31,Renew,10.1.2.78,PC1.corp.example,001122334401,,1051012393,0\r\n"
    "12,03/29/23,18:00:00,Release,10.1.2.78,PC1.corp.example,001122334401,,1051012394,0\r\n"
    "15,03/29/23,18:00:01,NACK,10.9.9.9,evil.example,,,0,6\r\n"
    "10,03/29/23,18:05:00,Assign,10.1.2.78,,0011223344FF,,5,0\r\n"
)
LOG = (LEGEND + ENGLISH + ROWS).encode()


def lease(time: str, host: str, mac: str) -> Lease:
    at = parse_instant(time)
    return Lease(address="10.1.2.78", host=host, span=Span(at, at), mac=mac)


def test_what_was_given_and_renewed_is_a_lease_and_what_was_refused_is_none():
    _, ledger = read_bytes(READER, LOG)
    assert ledger.leases == [
        lease("2023-03-29T08:14:31Z", "PC1.corp.example", "00:11:22:33:44:01"),
        lease("2023-03-29T12:14:31Z", "PC1.corp.example", "00:11:22:33:44:01"),
        lease("2023-03-29T18:05:00Z", "", "00:11:22:33:44:ff"),
    ]


def test_the_servers_language_does_not_matter():
    german = (LEGEND + GERMAN + ROWS).encode()
    assert reader_for(german, "DhcpSrvLog-Mi.log").name == "dhcp_windows"
    assert read_bytes(READER, german)[1].leases == read_bytes(READER, LOG)[1].leases


def test_ipv6():
    head = "ID,Date,Time,Description,IPv6 Address,Host Name,Error Code, Duid Length, Duid Bytes(Hex),User Name\r\n"
    body = (head + "11004,03/29/23,08:14:31,DHCPV6 Renew,2001:db8::78,pc6.corp.example,0,14,00010001,\r\n").encode()
    assert reader_for(body, "x").name == "dhcp_windows"
    (found,) = read_bytes(READER, body)[1].leases
    assert (found.address, found.host, found.mac) == ("2001:db8::78", "pc6.corp.example", "")


def test_leases_do_not_hang_on_what_is_looked_for():
    some, ledger = read_bytes(READER, LOG, b"evil.example")
    every, whole = read_bytes(READER, LOG)
    assert [record.event["host_name"] for record in some] == ["evil.example"] and len(some) < len(every)
    assert (ledger.leases, ledger.records, ledger.seen()) == (whole.leases, whole.records, whole.seen())


def test_rows_are_records_of_dhcp_that_cover_nothing_and_the_zone_is_told():
    records, reading = read_member(READER, LOG)
    given = next(record for record in records if record.event.get("action") == "Assign")
    assert (given.telemetry, given.addresses) == (Telemetry.DHCP, ("10.1.2.78",))
    assert given.time == parse_instant("2023-03-29T08:14:31Z")
    assert all(seen.spans == () for seen in reading.seen) and "taken as UTC" in reading.note
    assert len(records) == reading.records == 10, "the legend is searched as well"


def test_a_row_that_is_none_is_counted():
    records, ledger = read_bytes(READER, LOG + b"10,13/45/23,99:14:31,Assign,10.1.2.79,PC9,001122334409\r\nbroken\r\n")
    assert ledger.unreadable == 1 and len(ledger.leases) == 3
    assert records[-1].event["text"].strip() == "broken"


@pytest.mark.parametrize("body", [b"ID,Name\n1,x\n", b"ID,a,b,c,IP,d\n1,2,3,4,5,6\n", b"", b"10,03/29/23,08:14:31,x\n"])
def test_other_tables_are_not_taken_for_it(body: bytes):
    assert READER.accepts(body, "DhcpSrvLog-Mon.log") == 0


def test_it_is_read_before_the_logs_of_sensors():
    assert names_machines(LOG)


def test_damage_and_plant():
    bears_damage(READER, LOG)
    shows_plant(READER, LOG)
