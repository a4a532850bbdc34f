"""Logs of yum, dnf, zypper and pacman; lists of packages."""

from __future__ import annotations

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence.reader_contract import holds_with_and_without_sieve, survives_anything
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.package_logs import YEAR_NOTE, ZONE_NOTE, PackageLogs
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Telemetry

READER = PackageLogs()
YUM = b"Mar 02 10:11:12 Installed: 1:xz-5.6.1-2.el7.x86_64\nMar 02 10:12:00 Erased: old-thing\n"
DNF = (
    b"2024-03-28T10:00:00+0100 INFO --- logging initialized ---\n"
    b"2024-03-28T10:00:01+0100 SUBDEBUG Upgrade: xz-libs-1:5.6.1-1.fc40.x86_64\n"
    b"2024-03-28T10:00:02+0100 SUBDEBUG Upgraded: xz-libs-5.4.6-1.fc40.x86_64\n"
)
ZYPP = (
    b"# 2024-03-28 10:00:00 xz installed ok\n2024-03-28 10:00:00|install|xz|5.6.1-1.1|x86_64|root@pc|repo|abc|\n"
    b"2024-03-28 10:00:05|command|root@pc|'zypper' 'install' 'xz'|\n"
    b"2024-03-28 10:00:09|remove |old|1-2|noarch|root@pc|\n"
)
PACMAN = (
    b"[2024-03-28T10:00:00+0000] [PACMAN] Running 'pacman -Syu'\n"
    b"[2024-03-28T10:00:01+0000] [ALPM] upgraded xz (5.4.6-1 -> 5.6.1-1)\n"
    b"[2024-03-28T10:00:02+0000] [ALPM] installed new (1-1)\n"
)
LOGS = {"yum.log": YUM, "dnf.rpm.log": DNF, "history": ZYPP, "pacman.log": PACMAN}


def software(records):
    return [(r.software.name, r.software.version) for r in records if r.software]


@pytest.mark.parametrize("name", LOGS)
def test_each_dialect_is_recognised(name: str):
    assert reader_for(LOGS[name], f"var/log/{name}").name == "package_logs"


def test_dnf():
    records, ledger = read_bytes(READER, DNF)
    assert software(records) == [("xz-libs", "5.6.1-1.fc40"), ("xz-libs", "5.4.6-1.fc40")]
    assert {r.telemetry for r in records} == {Telemetry.SOFTWARE_INSTALL} and ledger.records == 3
    assert "pkg:rpm/fedora/xz-libs@5.6.1-1.fc40" in {v.text for v in records[1].values if v.kind is Kind.PACKAGE}
    ((span),) = ledger.seen()[0].spans
    assert span.start == parse_instant("2024-03-28T09:00:00Z")
    assert ZONE_NOTE not in ledger.notes


def test_yum_takes_its_year_from_the_file():
    records, ledger = read_bytes(READER, YUM, modified=parse_instant("2024-04-01"))
    assert records[0].time == parse_instant("2024-03-02T10:11:12Z")
    assert software(records) == [("xz", "5.6.1-2.el7")] and {YEAR_NOTE, ZONE_NOTE} <= set(ledger.notes)
    assert records[1].event["package"] == "old-thing"
    assert all(seen.spans == () for seen in read_bytes(READER, YUM)[1].seen())  # no year, no coverage


def test_zypper_and_pacman():
    records, ledger = read_bytes(READER, ZYPP)
    assert software(records) == [("xz", "5.6.1-1.1"), ("old", "1-2")] and ledger.notes == [ZONE_NOTE]
    # The version that an upgrade takes away was there until then.
    assert sorted(software(read_bytes(READER, PACMAN)[0])) == [("new", "1-1"), ("xz", "5.4.6-1"), ("xz", "5.6.1-1")]


def test_a_log_without_any_change_is_not_claimed():
    assert READER.accepts(b"2024-03-28T10:00:00+0100 INFO starting\n" * 5, "app.log") == 0
    assert READER.accepts(b"2024-03-28 10:00:00|a|b|c|d|\n" * 5, "app.log") == 0


@pytest.mark.parametrize("body", [DNF, ZYPP, PACMAN])
def test_contract(body: bytes):
    holds_with_and_without_sieve(READER, body, b"5.6.1")
    survives_anything(READER, body) if body is not PACMAN else bears_damage(READER, body, 30)
    shows_plant(READER, body)


def test_lines_that_are_none_are_counted():
    _, reading = read_member(READER, DNF + b"Traceback http://evil.example/\n")
    assert (reading.records, reading.unreadable, reading.unreadable_at) == (4, 1, ("line 4",))
