"""What the 3CX app and its trojanised libraries leave in files of their own, each alone on a host, through the line."""

from __future__ import annotations

import io
import plistlib
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest
from tests.evidence.readers.test_defender_quarantine import ONE as QUARANTINED
from tests.evidence.readers.test_electron_log import BODY as LOG
from tests.evidence.readers.test_nuspec import SPEC
from tests.evidence.windows.hive_kit import hive, text

from nachsorge.assets.inventory import Inventory, load_inventory
from nachsorge.evidence.windows.pe_made import program
from nachsorge.model.times import SECOND, parse_instant
from nachsorge.model.words import Standing, Status, Verdict
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.model.assessment import Assessment

HOME = "C/Users/kim/AppData"
APP = f"{HOME}/Local/Programs/3CXDesktopApp"
MAC = "Users/kim/Library/Application Support/3CX Desktop App"
WINDOWS_HOST = {"C/Windows/System32/config/SYSTEM": hive({"Select": {}}), "C/Windows/System32/x.dll": b"x"}
MAC_HOST = {"Library/Preferences/x.plist": plistlib.dumps({}), "System/Library/x": b"x", "Applications/x/y": b"x"}
EXE = program({"ProductName": "3CX Desktop App", "ProductVersion": "18.12.416", "CompanyName": "3CX Ltd"})
BUNDLE = plistlib.dumps({"CFBundleName": "3CX Desktop App", "CFBundleShortVersionString": "18.12.416"})
STATE = bytes(byte ^ 0x7A for byte in b"12345678-ABCD".ljust(56, b"\0"))


def package(**members: bytes) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return body.getvalue()


def due(moment: str) -> bytes:
    return struct.pack("<I", parse_instant(moment) // SECOND)


def uninstall() -> bytes:
    app = {"{1}": {"DisplayName": text("3CX Desktop App"), "DisplayVersion": text("18.12.416")}}
    return hive({"Software": {"Microsoft": {"Windows": {"CurrentVersion": {"Uninstall": app}}}}})


WINDOWS = {
    "due time": (f"{APP}/app/manifest", due("2023-03-20"), "loaded"),
    "program": (f"{APP}/app/3CXDesktopApp.exe", EXE, "installed"),
    "renamed program": (f"{APP}/app/old.bin", EXE, "installed"),
    "what a package states": (f"{APP}/packages/a-3CXDesktopApp.nupkg", package(**{"a.nuspec": SPEC}), "installed"),
    "program in a package": (f"{APP}/packages/b-3CXDesktopApp.nupkg", package(lib__a=EXE), "installed"),
    "list of packages": (
        f"{APP}/packages/RELEASES",
        b"0" * 40 + b" 3CXDesktopApp-18.12.416-full.nupkg 98568299\n",
        "installed",
    ),
    "log of the updater": (
        f"{APP}/SquirrelSetup.log",
        b"2023-03-22 10:11:14> ApplyReleasesImpl: Writing files to app directory: C:\\3CXDesktopApp\\app-18.12.416\n",
        "installed",
    ),
    "log of the app": (f"{HOME}/Roaming/3CXDesktopApp/logs/main.log", LOG, "installed"),
    "uninstall key of a user": ("C/Users/kim/NTUSER.DAT", uninstall(), "installed"),
    "quarantine": ("C/ProgramData/Microsoft/Windows Defender/Quarantine/Entries/{8}", QUARANTINED, "installed"),
}
# Only their names speak, which is strong and no proof.
NAMED = {
    "name of an update package": (f"{APP}/packages/3CXDesktopApp-18.12.416-full.nupkg", package(x=b"x"), "installed"),
    "lock": (f"{MAC}/.session-lock", b"", "loaded"),
}
MACOS = {
    "state": (f"{MAC}/.main_storage", STATE, "loaded"),
    "bundle": ("Applications/3CX Desktop App.app/Contents/Info.plist", BUNDLE, "installed"),
    "bundle in a package": (
        "Users/kim/Downloads/3CXDesktopApp-latest.zip",
        package(**{"3CX Desktop App.app/Contents/Info.plist": BUNDLE}),
        "installed",
    ),
    "history of installations": (
        "Library/Receipts/InstallHistory.plist",
        plistlib.dumps([{"displayName": "3CX Desktop App", "displayVersion": "18.12.416"}]),
        "installed",
    ),
    "log of the app": ("Users/kim/Library/Logs/3CX Desktop App/main.log", LOG, "installed"),
}


SERVED = "var/lib/3cxpbx/Instance1/Data/Http/electron/windows"
PBX_HOST = {
    "etc/os-release": b"ID=debian\n",
    "etc/passwd": b"root:x:0:0::/:/bin/sh\n",
    "usr/bin/x": b"x",
    f"{SERVED}/RELEASES": WINDOWS["list of packages"][1],
    f"{SERVED}/3CXDesktopApp-18.12.416-full.nupkg": package(**{"a.nuspec": SPEC}),
}


def look(folder: Path, files: dict[str, bytes], inventory: Inventory | None = None) -> Assessment:
    for name, body in files.items():
        place = folder / "pc1" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(body)
    root = str(folder / "pc1")
    options = Options(jobs=1, assets={root: "pc1"})
    return sweep([resolve("3cx-2023")], [root], inventory or Inventory(), options)


def test_the_sieve_does_not_hide_the_version_of_an_app_that_only_its_folder_names(tmp_path: Path) -> None:
    path, body, _ = WINDOWS["log of the app"]
    place = tmp_path / path
    place.parent.mkdir(parents=True)
    place.write_bytes(body)
    told = [
        {(s.indicator, s.locator) for s in sweep([resolve("3cx-2023")], [str(place)], Inventory(), options).sightings}
        for options in (Options(jobs=1), Options(jobs=1, sieve=False))
    ]
    assert told[0] == told[1] and ("3cx-desktop-app-windows", "line 2") in told[0]


def standing(assessment: Assessment, stage: str) -> Standing:
    (asset,) = assessment.assets
    return next(cell.standing for cell in asset.cells if cell.stage == stage)


@pytest.mark.parametrize(("path", "body", "stage"), WINDOWS.values(), ids=WINDOWS)
def test_on_windows_each_trace_alone_shows_its_stage(tmp_path: Path, path: str, body: bytes, stage: str) -> None:
    assessment = look(tmp_path, {**WINDOWS_HOST, path: body})
    assert standing(assessment, stage) is Standing.SHOWN


@pytest.mark.parametrize(("path", "body", "stage"), MACOS.values(), ids=MACOS)
def test_on_macos_each_trace_alone_shows_its_stage(tmp_path: Path, path: str, body: bytes, stage: str) -> None:
    assessment = look(tmp_path, {**MAC_HOST, path: body})
    assert standing(assessment, stage) is Standing.SHOWN


@pytest.mark.parametrize(("path", "body", "stage"), NAMED.values(), ids=NAMED)
def test_a_name_alone_makes_its_stage_suspected(tmp_path: Path, path: str, body: bytes, stage: str) -> None:
    host = MAC_HOST if path.startswith(MAC) else WINDOWS_HOST
    assert standing(look(tmp_path, {**host, path: body}), stage) is Standing.SUSPECTED


def test_on_a_telephone_server_they_show_what_it_served_and_not_that_it_was_infected(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("asset,platform,role\npc1,linux,pbx\n")
    assessment = look(tmp_path, PBX_HOST, load_inventory(tmp_path / "list.csv"))
    read = {source.reading.reader for source in assessment.sources}
    assert {"squirrel_releases", "nuspec"} <= read
    assert standing(assessment, "served") is Standing.SHOWN
    assert standing(assessment, "installed") is not Standing.SHOWN
    assert assessment.assets[0].verdict is not Verdict.COMPROMISED


def test_without_any_of_them_nothing_is_shown_and_nothing_is_ruled_out(tmp_path: Path) -> None:
    assessment = look(tmp_path, WINDOWS_HOST)
    assert not assessment.sightings and standing(assessment, "installed") is Standing.OPEN


def test_a_due_time_after_the_take_down_rules_out_the_first_contact(tmp_path: Path) -> None:
    late = look(tmp_path / "late", {**WINDOWS_HOST, f"{APP}/app/manifest": due("2023-04-09")})
    assert standing(late, "dead-drop") is Standing.RULED_OUT
    early = look(tmp_path / "early", {**WINDOWS_HOST, f"{APP}/app/manifest": due("2023-03-20")})
    assert standing(early, "dead-drop") is not Standing.RULED_OUT


@pytest.mark.parametrize("body", [b"garbage!!", bytes(8)])
def test_a_due_time_that_cannot_be_read_rules_out_nothing_and_is_a_gap(tmp_path: Path, body: bytes) -> None:
    assessment = look(tmp_path, {**WINDOWS_HOST, f"{APP}/app/manifest": body})
    assert standing(assessment, "dead-drop") is not Standing.RULED_OUT
    (reading,) = (s.reading for s in assessment.sources if s.reading.path.endswith("/manifest"))
    assert reading.status is Status.UNREAD and reading.note


def test_an_empty_due_time_shows_that_the_library_ran_and_rules_out_nothing(tmp_path: Path) -> None:
    assessment = look(tmp_path, {**WINDOWS_HOST, f"{APP}/app/manifest": b""})
    assert standing(assessment, "loaded") is Standing.SHOWN
    assert standing(assessment, "dead-drop") is not Standing.RULED_OUT


def test_settings_say_that_the_app_was_there_and_no_version(tmp_path: Path) -> None:
    settings = b'{"AccountName":"kim","url":"https://pbx.example/"}'
    assessment = look(tmp_path, {**WINDOWS_HOST, f"{HOME}/Roaming/3CXDesktopApp/config.json": settings})
    (reading,) = (s.reading for s in assessment.sources if s.reading.path.endswith("/config.json"))
    assert (reading.reader, reading.status, reading.records) == ("threecx", Status.READ, 1)
    assert standing(assessment, "installed") is not Standing.SHOWN
