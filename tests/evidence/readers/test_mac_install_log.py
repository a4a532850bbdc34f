"""macOS' log of installations."""

from __future__ import annotations

from tests.evidence.artefact_kit import shows_plant
from tests.evidence.reader_contract import holds_with_and_without_sieve, survives_anything
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.mac_install_log import MacInstallLog
from nachsorge.model.evidence import Software
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Platform, Telemetry

READER = MacInstallLog()
BODY = (
    b"2023-03-20 09:15:00+01 mac1 Installer[900]: @(#)PROGRAM:Install  PROJECT:Install-1\n"
    b'2023-03-20 09:16:02+01 mac1 installd[456]: Installed "3CX Desktop App" (18.12.416)\n'
    b"2023-03-20 09:16:03+0100 mac1 softwareupdated[1]: checked evil.example\n"
    b"\tone more line\n"
)


def test_an_installation():
    assert reader_for(BODY, "install.log").name == "mac_install_log"
    records, ledger = read_bytes(READER, BODY)
    (installed,) = [r for r in records if r.software]
    assert installed.software == Software(name="3CX Desktop App", version="18.12.416", platform=Platform.MACOS)
    assert (installed.telemetry, installed.host) == (Telemetry.SOFTWARE_INSTALL, "mac1")
    assert installed.time == parse_instant("2023-03-20T08:16:02Z")
    assert records[2].time == parse_instant("2023-03-20T08:16:03Z")
    # Apps that are dragged leave no line: installations are not covered.
    assert {seen.telemetry for seen in ledger.seen()} == {Telemetry.SYSLOG}


def test_an_installation_is_never_sieved_out():
    assert [r.locator for r in read_bytes(READER, BODY, b"nothing of this")[0]] == ["line 2"]


def test_contract():
    holds_with_and_without_sieve(READER, BODY, b"evil.example")
    survives_anything(READER, BODY)
    shows_plant(READER, BODY)


def test_it_covers_nothing_for_other_messages_go_to_other_logs():
    line = b"2023-03-29 10:11:12+02 mac installd[9]: PackageKit: quiet\n"
    _, ledger = read_bytes(MacInstallLog(), line * 3)
    assert ledger.records == 3 and ledger.first is not None
    assert not any(seen.spans for seen in ledger.seen())
