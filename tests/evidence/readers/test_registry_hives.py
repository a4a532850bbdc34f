"""Registry hives: programs, autostarts, execution, everything else; logs and users beside them."""

from __future__ import annotations

import struct
import zipfile

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, read_place, shows_control
from tests.evidence.windows.hive_kit import TICKS, entry, hive, log, number, pages, text
from tests.evidence_kit import read_bytes

from nachsorge.assets.inventory import Inventory
from nachsorge.evidence.readers.registry_hives import RegistryHives
from nachsorge.model.evidence import Software
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

WHEN = parse_instant("2023-03-29T08:00")
APP = {"DisplayName": text("3CX Desktop App"), "DisplayVersion": text("18.12.416"), "Publisher": text("3CX Ltd")}
RUN = {"evil": text(r"C:\Users\x\evil.exe -q"), "other": text("rundll32 x.dll,Start")}
CURRENT = {"Uninstall": {"{1}": APP}, "Run": RUN}


def profile(path: str = r"C:\Users\kim") -> dict:
    return {"S-1-5-21-1-2-3-1001": {"ProfileImagePath": text(path, 2)}, "S-1-5-18": {"ProfileImagePath": text("x")}}


def software(profiles: dict, version: str = "18.12.416") -> dict:
    app = {**APP, "DisplayVersion": text(version)}
    return {
        "Classes": {},
        "Microsoft": {
            "Windows": {"CurrentVersion": {"Uninstall": {"{1}": app}, "Run": RUN}},
            "Windows NT": {
                "CurrentVersion": {
                    "ProfileList": profiles,
                    "Winlogon": {"Shell": text("explorer.exe"), "Other": text("x")},
                    "Image File Execution Options": {"sethc.exe": {"Debugger": text("cmd.exe")}},
                    "Schedule": {
                        "TaskCache": {
                            "Tasks": {"{2}": {"Path": text(r"\Bad"), "Actions": (3, b"\3\0" + text("bad.exe /x")[1])}}
                        }
                    },
                }
            },
        },
        "Wow6432Node": {
            "Microsoft": {"Windows": {"CurrentVersion": {"Uninstall": {"Old": {"DisplayName": text("Old")}}}}}
        },
    }


def shim(path: str) -> bytes:
    raw = path.encode("utf-16-le")
    body = struct.pack("<H", len(raw)) + raw + struct.pack("<QI", TICKS, 0)
    return struct.pack("<I", 0x34).ljust(0x34, b"\0") + b"10ts" + struct.pack("<II", 0, len(body)) + body


SYSTEM = {
    "Select": {"Current": number(2)},
    "ControlSet002": {
        "Control": {
            "ComputerName": {"ComputerName": {"ComputerName": text("PC-42")}},
            "Session Manager": {"AppCompatCache": {"AppCompatCache": (3, shim(r"C:\Users\x\shim.exe"))}},
        },
        "Services": {
            "Evil": {"ImagePath": text(r"C:\evil.sys", 2), "Parameters": {"ServiceDll": text(r"C:\evil.dll", 2)}},
            "Group": {"Start": number(1)},
            "bam": {
                "State": {
                    "UserSettings": {
                        "S-1-5-21-1": {r"\Device\HarddiskVolume3\x\bam.exe": (3, struct.pack("<QQQ", TICKS, 0, 0))}
                    }
                }
            },
        },
    },
}
ASSIST = struct.pack("<II52xQI", 0, 9, TICKS, 0)
USER = {
    "Environment": {},
    "Software": {
        "Odd": {"Key": {"Value": text("needle.example")}},
        "Microsoft": {
            "Windows": {
                "CurrentVersion": {
                    **CURRENT,
                    "Explorer": {
                        "UserAssist": {
                            "{CEBFF5CD}": {
                                "Count": {
                                    r"{1NP14R77-02R7-4R5Q-O744-2RO1NR5198O7}\pnyp.rkr": (3, ASSIST),
                                    "UEME_CTLSESSION": (3, ASSIST),
                                }
                            }
                        }
                    },
                }
            }
        },
    },
}


def of(records, telemetry):
    return [record for record in records if record.telemetry is telemetry]


def test_installed_programs():
    records, reading = read_member(RegistryHives(), hive(software({})), "SOFTWARE")
    new, old = of(records, Telemetry.INSTALLED_SOFTWARE)
    assert new.software == Software(
        name="3CX Desktop App", version="18.12.416", platform=Platform.WINDOWS, publisher="3CX Ltd"
    )
    assert new.locator == r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\{1}" and new.time == WHEN
    assert old.software == Software(name="Old", version="", platform=Platform.WINDOWS)
    assert reading.platform is Platform.WINDOWS


def test_what_starts_by_itself():
    records, _ = read_member(RegistryHives(), hive(software({})), "SOFTWARE")
    found = {record.locator.rpartition("\\")[2]: record for record in of(records, Telemetry.PERSISTENCE)}
    assert set(found) == {"evil", "other", "Shell", "Debugger", "{2}"}
    assert (Kind.TEXT, r"C:\Users\x\evil.exe -q") in {(v.kind, v.text) for v in found["evil"].values}
    assert found["{2}"].event["path"] == r"\Bad" and "bad.exe /x" in found["{2}"].event["actions"]


def test_the_system_hive():
    records, reading = read_member(RegistryHives(), hive(SYSTEM), "SYSTEM")
    (service,) = of(records, Telemetry.PERSISTENCE)
    assert {v.text for v in service.values if v.kind is Kind.PATH} == {r"C:\evil.sys", r"C:\evil.dll"}
    bam, cache = of(records, Telemetry.PROGRAM_EXECUTION)
    assert (bam.event["artefact"], bam.event["proves"], bam.time) == ("BAM", "execution", WHEN)
    assert bam.values[0].text == r"\Device\HarddiskVolume3\x\bam.exe"
    # The time in the cache is the file's, not a run's.
    assert (cache.event["artefact"], cache.event["proves"], cache.time) == ("ShimCache", "presence", None)
    assert cache.event["file_modified"] == "2023-03-29T08:00:00Z" and cache.values[0].text == r"C:\Users\x\shim.exe"
    assert (reading.asset, reading.status) == ("PC-42", Status.READ)
    assert all(record.host == "PC-42" for record in records)


def test_what_a_user_installed_from_a_package_stands_in_the_machines_hive_too():
    app = {**APP, "LocalPackage": text(r"C:\Windows\Installer\1.msi"), "InstallSource": text(r"C:\Users\kim\Downloads")}
    products = {"0A1B": {"InstallProperties": app}, "nameless": {"InstallProperties": {}}, "bare": {}}
    tree = {"Installer": {"UserData": {"S-1-5-21-1-2-3-1001": {"Products": products}, "S-1-5-18": {}}}}
    software = {"Classes": {}, "Microsoft": {"Windows": {"CurrentVersion": tree}}}
    records, _ = read_member(RegistryHives(), hive(software), "SOFTWARE")
    (record,) = of(records, Telemetry.INSTALLED_SOFTWARE)
    assert record.software is not None and record.software.version == "18.12.416"
    assert (record.event["account"], record.time) == ("S-1-5-21-1-2-3-1001", WHEN)
    assert (Kind.PATH, r"C:\Users\kim\Downloads") in {(value.kind, value.text) for value in record.values}


BAM_VALUE = {r"\Device\HarddiskVolume3\m.exe": (3, struct.pack("<QQQ", TICKS, 0, 0)), "SequenceNumber": number(1)}


@pytest.mark.parametrize(
    "services",
    [
        {"bam": {"State": {"UserSettings": {"S-1-5-21-1": BAM_VALUE}}}},
        {"bam": {"UserSettings": {"S-1-5-21-1": BAM_VALUE}}},
        {"dam": {"UserSettings": {"S-1-5-21-1": BAM_VALUE}}},
    ],
)
def test_the_moderators_at_every_place(services):
    records, _ = read_member(RegistryHives(), hive({**SYSTEM, "ControlSet002": {"Services": services}}), "SYSTEM")
    (ran,) = of(records, Telemetry.PROGRAM_EXECUTION)
    assert (ran.event["account"], ran.time) == ("S-1-5-21-1", WHEN)
    assert ran.values[0].text == r"\Device\HarddiskVolume3\m.exe"


@pytest.mark.parametrize("node", [(), ("Wow6432Node",)])
@pytest.mark.parametrize(
    "place",
    ["Run", "RunOnce", "RunOnceEx", "RunServices", "RunServicesOnce", r"Policies\Explorer\Run", r"RunOnceEx\0001"],
)
def test_every_run_key(node, place):
    tree: dict = {"x": text("x.exe")}
    for name in reversed((*node, "Microsoft", "Windows", "CurrentVersion", *place.split("\\"))):
        tree = {name: tree}
    top = {"Classes": {}, "Microsoft": {}, **tree}
    for body, file in ((hive(top), "SOFTWARE"), (hive({"Software": tree}), "NTUSER.DAT")):
        found, _ = read_member(RegistryHives(), body, file)
        (start,) = of(found, Telemetry.PERSISTENCE)
        assert start.event["command"] == "x.exe" and place in start.locator


def test_a_users_hive():
    records, reading = read_member(RegistryHives(), hive(USER), "NTUSER.DAT")
    (run,) = of(records, Telemetry.PROGRAM_EXECUTION)
    assert (run.values[0].text, run.event["runs"], run.time) == (r"?:\Windows\System32\calc.exe", "9", WHEN)
    assert len(of(records, Telemetry.INSTALLED_SOFTWARE)) == 1 and len(of(records, Telemetry.PERSISTENCE)) == 2
    assert all(seen.spans == () for seen in reading.seen)  # one user's list clears nothing


def test_every_other_key_is_there_for_whoever_looks_for_it():
    records, _ = read_bytes(RegistryHives(), hive(USER), b"needle.example", name="NTUSER.DAT")
    (odd,) = of(records, Telemetry.REGISTRY_SET)
    assert [value.text for value in odd.values] == [
        r"HKCU\Software\Odd\Key",
        r"HKCU\Software\Odd\Key\Value",
        "needle.example",
    ]
    every, ledger = read_bytes(RegistryHives(), hive(USER), name="NTUSER.DAT")
    assert len(every) == ledger.records


def windows(tmp_path, profiles: dict, user: bytes | None):
    config = tmp_path / "C/Windows/System32/config"
    config.mkdir(parents=True)
    (config / "SOFTWARE").write_bytes(hive(software(profiles)))
    if user is not None:
        (tmp_path / "C/Users/kim").mkdir(parents=True)
        (tmp_path / "C/Users/kim/NTUSER.DAT").write_bytes(user)
    return config / "SOFTWARE"


def installed(reading):
    return next(seen.spans for seen in reading.seen if seen.telemetry is Telemetry.INSTALLED_SOFTWARE)


def test_the_list_is_a_snapshot_where_all_users_hives_can_be_read(tmp_path):
    _, reading = read_place(RegistryHives(), windows(tmp_path, profile(), hive(USER)))
    ((span),) = installed(reading)
    assert (span.start, span.end) == (WHEN, WHEN) and reading.status is Status.READ


@pytest.mark.parametrize("user", [None, b"", hive(USER)[:5000], hive(USER, first=6, second=5), hive({})])
def test_a_user_whose_hive_is_not_there_or_not_whole_makes_it_cover_nothing(tmp_path, user):
    _, reading = read_place(RegistryHives(), windows(tmp_path, profile(), user))
    assert installed(reading) == ()
    (gap,) = reading.gaps
    assert (gap.reason, gap.telemetry) == (Reason.NOT_PROVIDED, Telemetry.INSTALLED_SOFTWARE) and "kim" in gap.note


def test_a_dirty_hive_with_its_logs(tmp_path):
    old, new = hive(software({}, "18.12.400"), first=6, second=5), hive(software({}))
    (tmp_path / "SOFTWARE").write_bytes(old)
    (tmp_path / "SOFTWARE.LOG1").write_bytes(log(old, [entry(5, len(new) - 4096, pages(old, new))], 5))
    (tmp_path / "software.log2").write_bytes(b"")
    records, reading = read_place(RegistryHives(), tmp_path / "SOFTWARE")
    first = of(records, Telemetry.INSTALLED_SOFTWARE)[0]
    assert first.software is not None and first.software.version == "18.12.416"
    assert reading.status is Status.READ and "1 entries of its transaction logs were applied" in reading.note
    _, beside = read_place(RegistryHives(), tmp_path / "SOFTWARE.LOG1")
    assert beside.status is Status.READ and "read together with its hive" in beside.note


def test_logs_and_users_are_found_within_an_archive(tmp_path):
    place = "C/Windows/System32/config/SOFTWARE"
    old, new = hive(software(profile(), "18.12.400"), first=6, second=5), hive(software(profile()))
    with zipfile.ZipFile(tmp_path / "triage.zip", "w") as archive:
        archive.writestr(place, old)
        archive.writestr(place + ".LOG1", log(old, [entry(5, len(new) - 4096, pages(old, new))], 5))
        archive.writestr("C/Users/kim/NTUSER.DAT", hive(USER))
    (tmp_path / "list.csv").write_text("type,value\ndomain,absent.example\n")
    options = Options(jobs=1)
    result = sweep([resolve(str(tmp_path / "list.csv"))], [str(tmp_path / "triage.zip")], Inventory(), options)
    (reading,) = (s.reading for s in result.sources if s.reading.path.endswith("/SOFTWARE"))
    assert (reading.reader, reading.status) == ("registry_hives", Status.READ)
    assert "1 entries of its transaction logs were applied" in reading.note
    assert len(installed(reading)) == 1


def test_a_dirty_hive_without_its_logs_is_a_gap(tmp_path):
    body = hive(software({}), first=6, second=5)
    (tmp_path / "SOFTWARE").write_bytes(body)
    _, reading = read_place(RegistryHives(), tmp_path / "SOFTWARE")
    assert (reading.status, reading.reason) == (Status.PARTLY, Reason.MISSING) and installed(reading) == ()
    _, reading = read_member(RegistryHives(), body, "SOFTWARE")
    assert (reading.status, reading.reason) == (Status.PARTLY, Reason.NOT_SUPPORTED) and "archive" in reading.note


def test_a_log_alone_is_not_read():
    _, reading = read_member(RegistryHives(), log(hive({}), [], 5), "SYSTEM.LOG1")
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.NOT_SUPPORTED)


def test_a_damaged_key_makes_it_partly_read():
    body = hive(USER)
    at = body.index(b"Odd") - 76
    _, reading = read_member(RegistryHives(), body[:at] + b"XX" + body[at + 2 :], "NTUSER.DAT")
    assert (reading.status, reading.reason, reading.unreadable) == (Status.PARTLY, Reason.CORRUPT, 1)


def test_a_real_hive_of_windows_xp(shared_data):
    records, reading = read_place(RegistryHives(), shared_data / "plaso-host-artefacts/NTUSER.DAT")
    (start,) = of(records, Telemetry.PERSISTENCE)
    assert start.event["command"] == r"C:\WINDOWS\system32\ctfmon.exe"
    # UserAssist holds 14 values, four of which are counters of no program.
    assert len(of(records, Telemetry.PROGRAM_EXECUTION)) == 10
    assert len(of(records, Telemetry.REGISTRY_SET)) == 1127
    assert (reading.status, reading.unreadable) == (Status.READ, 0)


def test_damage_and_control():
    for tree in (SYSTEM, USER):
        bears_damage(RegistryHives(), hive(tree))
    shows_control(RegistryHives())
