"""The firewall's log: connections that it let through or dropped."""

from __future__ import annotations

from tests.evidence.artefact_kit import bears_damage, read_member, read_place
from tests.evidence_kit import PLANT, read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.windows_firewall import WindowsFirewall
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Status, Telemetry

HEAD = (
    "#Version: 1.5\r\n#Software: Microsoft Windows Firewall\r\n#Time Format: {}\r\n#Fields: date time action protocol"
)
HEAD += " src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype icmpcode info path pid\r\n\r\n"
ROWS = (
    "2023-03-28 10:40:00 ALLOW TCP 10.0.0.5 192.0.2.7 50000 443 0 - 0 0 0 - - - SEND 4321\r\n"
    "2023-03-28 10:40:01 DROP UDP fe80::1 ff02::fb 5353 5353 80 - - - - - - - RECEIVE\r\n"
    "broken\r\n"
)
LOG = (HEAD.format("Local") + ROWS).encode()


def test_connections():
    records, reading = read_member(WindowsFirewall(), LOG)
    allowed, dropped = (record for record in records if record.telemetry is Telemetry.NETWORK_CONNECTION)
    assert allowed.addresses == ("10.0.0.5", "192.0.2.7")
    assert (Kind.ADDRESS, "192.0.2.7") in {(value.kind, value.text) for value in allowed.values}
    assert (allowed.event["action"], allowed.event["pid"]) == ("ALLOW", "4321")
    assert (allowed.time, dropped.addresses) == (parse_instant("2023-03-28T10:40:00Z"), ("fe80::1", "ff02::fb"))
    assert (reading.records, reading.unreadable, reading.status) == (3, 1, Status.PARTLY)


def test_it_never_clears_for_nobody_knows_what_it_leaves_out():
    _, reading = read_member(WindowsFirewall(), LOG)
    assert reading.seen[0].spans == () and "clears nothing" in reading.note


def test_the_clock_is_what_the_head_says():
    _, local = read_member(WindowsFirewall(), LOG)
    _, utc = read_member(WindowsFirewall(), LOG.replace(b"Local", b"UTC"))
    assert "local" in local.note and "local" not in utc.note


def test_the_sieve_gives_the_same_account():
    some, ledger = read_bytes(WindowsFirewall(), LOG, b"192.0.2.7")
    every, whole = read_bytes(WindowsFirewall(), LOG)
    assert [record for record in every if record in some] == some and len(some) < len(every)
    assert (ledger.seen(), ledger.unreadable) == (whole.seen(), whole.unreadable)


def test_who_accepts():
    assert reader_for(LOG, "pfirewall.log").name == "windows_firewall"
    web = b"#Fields: date time s-ip cs-method cs-uri-stem c-ip\n"
    assert WindowsFirewall().accepts(web, "x") == 0


def test_the_real_one(shared_data):
    records, reading = read_place(WindowsFirewall(), shared_data / "plaso-host-artefacts/windows_firewall.log")
    assert (len(records), reading.unreadable) == (15, 0)
    assert records[0].addresses == ("123.45.78.90", "123.156.78.255")


def test_damage_and_plant():
    bears_damage(WindowsFirewall(), LOG)
    planted = WindowsFirewall().plant(LOG, PLANT)
    assert planted is not None
    assert reader_for(planted, "x").name == "windows_firewall"
    (record,), _ = read_member(WindowsFirewall(), planted)
    assert (Kind.ADDRESS, PLANT.address) in {(value.kind, value.text) for value in record.values}
