"""Amcache, both forms; expected numbers were established with regipy beforehand."""

from __future__ import annotations

from tests.evidence.artefact_kit import bears_damage, read_member, read_place, shows_control
from tests.evidence.windows.hive_kit import entry, hive, log, pages, text

from nachsorge.evidence.readers.amcache import Amcache
from nachsorge.model.evidence import Software
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry

SHA1 = "6c7ea8bbd435163ae3945cbef30ef6b9872a4591"
FILE = {
    "FileId": text("0000" + SHA1),
    "LowerCaseLongPath": text(r"c:\program files\app\app.exe"),
    "ProductName": text("app"),
    "ProductVersion": text("18.12.416"),
    "Publisher": text("3cx"),
}
NEW = {"Root": {"InventoryApplicationFile": {"app.exe|1": FILE, "bare|2": {}}}}
OLD = {"Root": {"File": {"vol": {"1": {"15": text(r"C:\x.exe"), "101": text("0000" + SHA1), "0": text("app")}}}}}


def test_a_file_of_the_new_form():
    body = hive(NEW, name=r"\AppCompat\Programs\Amcache.hve")
    assert Amcache().accepts(body, "x") == 97
    (record, bare), reading = read_member(Amcache(), body)
    assert record.telemetry is Telemetry.PROGRAM_EXECUTION and record.event["proves"] == "presence"
    assert (Kind.HASH, SHA1) in {(value.kind, value.text) for value in record.values}
    assert record.values[0].text == r"c:\program files\app\app.exe"
    assert record.software == Software(name="app", version="18.12.416", platform=Platform.WINDOWS, publisher="3cx")
    assert bare.values == () and bare.software is None
    assert reading.records == 2 and reading.seen[0].spans == ()


def test_a_file_of_the_old_form():
    (record,), _ = read_member(Amcache(), hive(OLD), "Amcache.hve")
    assert (record.event["path"], record.event["sha1"], record.software) == (r"C:\x.exe", SHA1, None)


def test_programs_of_both_forms():
    new = {"Name": text("3CX Desktop App"), "Version": text("18.12.416"), "RootDirPath": text(r"C:\app")}
    old = {"0": text("Old"), "1": text("1.0"), "2": text("Maker")}
    driver = {"DriverId": text("0000" + SHA1), "DriverName": text(r"C:\x.sys")}
    places = {"InventoryApplication": {"0000": new}, "Programs": {"0001": old}, "InventoryDriverBinary": {"x": driver}}
    records, reading = read_member(Amcache(), hive({"Root": places}), "Amcache.hve")
    listed = [record for record in records if record.telemetry is Telemetry.INSTALLED_SOFTWARE]
    assert [(r.software.name, r.software.version, r.software.publisher) for r in listed if r.software] == [
        ("Old", "1.0", "Maker"),
        ("3CX Desktop App", "18.12.416", ""),
    ]
    assert listed[1].values[0].text == r"C:\app"
    (sys,) = (record for record in records if record.telemetry is Telemetry.PROGRAM_EXECUTION)
    assert (sys.event["path"], sys.event["sha1"]) == (r"C:\x.sys", SHA1)
    assert all(seen.spans == () for seen in reading.seen)


def test_a_dirty_one_is_renewed_from_the_log_beside_it(tmp_path):
    old = hive({"Root": {"InventoryApplicationFile": {"app.exe|1": {**FILE, "ProductVersion": text("18.12.400")}}}})
    new = hive({"Root": {"InventoryApplicationFile": {"app.exe|1": FILE}}})
    dirty = hive(
        {"Root": {"InventoryApplicationFile": {"app.exe|1": {**FILE, "ProductVersion": text("18.12.400")}}}},
        first=6,
        second=5,
    )
    (tmp_path / "Amcache.hve").write_bytes(dirty)
    (tmp_path / "Amcache.hve.LOG1").write_bytes(log(old, [entry(5, len(new) - 4096, pages(old, new))], 5))
    (record,), reading = read_place(Amcache(), tmp_path / "Amcache.hve")
    assert (record.event["version"], reading.status) == ("18.12.416", Status.READ)


def test_another_hive_is_none():
    assert Amcache().accepts(hive({}), "SYSTEM") == 0
    _, reading = read_member(Amcache(), hive({}))
    assert reading.reason is Reason.NOT_SUPPORTED


def test_a_real_one_with_both_forms(shared_data):
    """1,120 old and 247 new entries with 1,102 different SHA-1 values; the hive is dirty and has no logs beside it."""
    records, reading = read_place(Amcache(), shared_data / "plaso-host-artefacts/winreg/Amcache.hve")
    files = [r for r in records if "InventoryApplicationFile" in r.locator]
    assert (sum("\\File\\" in r.locator for r in records), len(files)) == (1120, 247)
    hashed = [r for r in records if "Driver" not in r.locator and "sha1" in r.event]
    assert (len(hashed), len({r.event["sha1"] for r in hashed})) == (1120 + 247, 1102)
    assert (reading.status, reading.reason) == (Status.PARTLY, Reason.MISSING)
    assert reading.unreadable == 0


def test_a_real_one_of_windows_10(shared_data):
    records, reading = read_place(Amcache(), shared_data / "plaso-host-artefacts/winreg/win10-Amcache.hve")
    by_hash = {r.event["sha1"]: r for r in records if "sha1" in r.event}
    assert (sum("sha1" in r.event for r in records), len(by_hash), reading.status) == (30, 29, Status.READ)
    assert by_hash[SHA1].event["path"] == r"c:\program files\7-zip\7z.exe"
    assert by_hash[SHA1].software == Software(
        name="7-zip", version="19.00", platform=Platform.WINDOWS, publisher="igor pavlov"
    )
    other = by_hash["9fa11a63b43f83980e0b48dc9ba2cb59d545a4e8"]
    assert other.event["path"] == r"c:\users\john doe\downloads\7z1900-x64.exe"


def test_damage_and_control():
    bears_damage(Amcache(), hive(NEW, name="Amcache.hve"))
    shows_control(Amcache())
