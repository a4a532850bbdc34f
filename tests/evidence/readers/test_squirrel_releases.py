"""Lists of update packages: their hashes and versions."""

from __future__ import annotations

from tests.evidence.artefact_kit import read_member
from tests.evidence.reader_contract import survives_anything
from tests.evidence_kit import PLANT, read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.squirrel_releases import SquirrelReleases
from nachsorge.model.evidence import Software, Value
from nachsorge.model.words import Kind, Platform, Status, Telemetry

SHA1 = "AB" * 20
LIST = (
    f"\ufeff{SHA1} 3CXDesktopApp-18.12.416-full.nupkg 98765432\r\n"
    f"{'cd' * 20} http://pbx.example/e/My-App-1.0.0-beta-delta.nupkg 12 # 10%\r\n"
    "no package\r\n"
).encode()


def test_packages_offered():
    records, reading = read_member(SquirrelReleases(), LIST, "electron/windows/RELEASES")
    first, second, rest = records
    assert first.values == (
        Value(Kind.HASH, "sha1", SHA1),
        Value(Kind.PATH, "package", "3CXDesktopApp-18.12.416-full.nupkg"),
    )
    assert first.software == Software(name="3CXDesktopApp", version="18.12.416", platform=Platform.WINDOWS)
    assert (second.software.name, second.software.version) == ("My-App", "1.0.0-beta")
    assert first.telemetry is Telemetry.FILESYSTEM and rest.telemetry is Telemetry.TEXT
    assert (reading.records, reading.unreadable, reading.status) == (3, 1, Status.PARTLY)
    assert reading.seen[0].spans == ()


def test_in_a_clients_folder_they_were_fetched():
    records, _ = read_member(SquirrelReleases(), LIST, "x/3CXDesktopApp/packages/RELEASES")
    assert records[0].telemetry is Telemetry.INSTALLED_SOFTWARE


def test_the_sieve_gives_the_same_account():
    some, ledger = read_bytes(SquirrelReleases(), LIST, b"18.12.416")
    _, whole = read_bytes(SquirrelReleases(), LIST)
    assert len(some) == 2  # the package, and the line that is none
    assert ledger.seen() == whole.seen()


def test_who_accepts():
    assert reader_for(LIST, "RELEASES").name == "squirrel_releases"
    assert SquirrelReleases().accepts(b"ab" * 20 + b" file.txt 1\n", "RELEASES") == 0


def test_damage():
    survives_anything(SquirrelReleases(), LIST)
    assert SquirrelReleases().plant(LIST, PLANT) is None
