"""Recognising a host's root, and its name."""

from __future__ import annotations

import io
import json
import plistlib
import struct

import evtx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence_kit import opened

from nachsorge.evidence.host_names import evtx_name, linux_name, mac_name
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.roots import find_roots
from nachsorge.evidence.seams import ReadError, Root
from nachsorge.evidence.trees import Entry
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Platform, Reason

PREFERENCES = "Library/Preferences/SystemConfiguration/preferences.plist"
WINDOWS = ["Windows/System32/ntdll.dll", "Users/anna/ntuser.dat"]
MACOS = ["System/Library/CoreServices/SystemVersion.plist", "etc/hosts", "usr/bin/x", "Users/anna/x"]
LINUX = ["etc/passwd", "var/log/syslog"]


def names(local: str = "", computer: str = "", host: str = "") -> bytes:
    system = {
        "System": {"ComputerName": computer, "HostName": host},
        "Network": {"HostNames": {"LocalHostName": local}},
    }
    return plistlib.dumps({"System": system}, fmt=plistlib.FMT_BINARY)


def found(paths: list[str], prefix: str = "", files: dict[str, bytes] | None = None) -> tuple[tuple[Root, ...], Ledger]:
    ledger = Ledger()
    bodies = {**dict.fromkeys(paths, b""), **(files or {})}
    entries = [Entry(path=prefix + path, size=len(body), source=opened(body, path)) for path, body in bodies.items()]
    return find_roots(entries, ledger), ledger


@pytest.mark.parametrize("prefix", ["", "a/", "a/b/c/d/e/f/"])
@pytest.mark.parametrize(
    ("paths", "platform"),
    [
        (WINDOWS, Platform.WINDOWS),
        (["windows/system32/config/SYSTEM"], Platform.WINDOWS),
        (MACOS, Platform.MACOS),
        (["Applications/x", "Users/x", "private/x"], Platform.MACOS),
        (LINUX, Platform.LINUX),
        (["etc/passwd", "usr/bin/sh"], Platform.LINUX),
    ],
)
def test_roots_at_any_depth(paths, platform, prefix):
    roots, ledger = found(paths, prefix)
    assert roots == (Root(platform=platform, prefix=prefix.rstrip("/")),)
    assert [gap.reason for gap in ledger.gaps] == [Reason.NOT_PROVIDED]


@pytest.mark.parametrize(
    "paths",
    [
        ["Windows/System32/ntdll.dll"],
        ["Users/x", "Library/x"],
        ["etc/passwd"],
        ["etc", "var/log"],
        ["a/b/c/d/e/f/g/etc/x", "a/b/c/d/e/f/g/var/log/x"],
        [],
    ],
)
def test_what_is_no_root(paths):
    roots, ledger = found(paths)
    assert not roots and not ledger.gaps


def test_a_drive_folder_needs_less():
    roots, _ = found(["C%3A/Windows/System32/winevt/Logs/System.evtx"])
    assert roots == (Root(platform=Platform.WINDOWS, prefix="C%3A"),)


def test_several_hosts_and_one_within_another():
    inner = ["srv/chroot/x/etc/hostname", "srv/chroot/x/usr/bin/sh"]
    paths = [f"one/{p}" for p in LINUX + inner] + [f"two/C/{p}" for p in WINDOWS]
    roots, ledger = found(paths)
    assert [root.prefix for root in roots] == ["one", "two/C"]
    assert "one/srv/chroot/x" in ledger.notes[0]


def test_the_linux_name():
    roots, ledger = found(LINUX, files={"etc/hostname": b"# set by hand\n\nweb-01\n"})
    assert [root.host for root in roots] == ["web-01"]
    assert not ledger.gaps


@pytest.mark.parametrize("body", [b"", b"localhost\n", b"a b\n", b"\xff\xff", b"#\n"])
def test_what_is_no_linux_name(body):
    assert linux_name(opened(body)) is None


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (names(local="Annas-Mac", computer="Anna's Mac"), "Annas-Mac"),
        (names(computer="Anna's Mac"), "Anna's Mac"),
        (names(local="Annas-Mac", host="anna.example.com"), "anna.example.com"),
        (names(), None),
        (plistlib.dumps([1]), None),
    ],
)
def test_the_mac_name(body, name):
    assert mac_name(opened(body)) == name
    roots, _ = found(MACOS, "img/", {PREFERENCES: body})
    assert roots[0].host == name


def test_a_broken_name_file_leaves_the_root_without_a_name_and_says_so():
    roots, ledger = found(MACOS, files={PREFERENCES: b"bplist00 broken"})
    assert roots[0].host is None
    assert ledger.gaps[0].reason is Reason.NOT_PROVIDED


def test_a_named_asset_needs_no_name_inside():
    ledger = Ledger()
    find_roots([Entry(path=path, size=0) for path in LINUX], ledger, named=True)
    assert not ledger.gaps


def test_the_windows_name_is_that_of_the_newest_records(shared_data):
    body = (shared_data / "evtx-plaso-benign" / "System.evtx").read_bytes()
    assert (evtx_name(opened(body)) or (0, ""))[1] == "DC1.internal.greendale.edu"
    # The first record was written by the setup under another name.
    first = body[:16] + struct.pack("<Q", 0) + body[24:]
    assert (evtx_name(opened(first)) or (0, ""))[1] == "37L4247F27-26"
    logs = "Windows/System32/winevt/Logs/"
    roots, ledger = found(
        WINDOWS, files={logs + "Security.evtx": first, logs + "System.evtx": body, logs + "x.evtx": b""}
    )
    assert roots[0].host == "DC1.internal.greendale.edu"
    assert not ledger.gaps


def test_the_windows_name_is_what_the_library_reads(shared_data):
    logs = sorted((shared_data / "evtx-attack-samples").rglob("*.evtx"))[:40]
    assert logs
    for log in logs:
        body = log.read_bytes()
        last = min(struct.unpack("<Q", body[16:24])[0], (len(body) - 4096) // 65536 - 1)
        chunk = body[4096 + last * 65536 :][:65536]
        record = next(iter(evtx.PyEvtxParser(io.BytesIO(body[:4096] + chunk), 1).records_json()))
        assert record is not None
        time = parse_instant(record["timestamp"].removesuffix(" UTC"))
        assert evtx_name(opened(body)) == (time, json.loads(record["data"])["Event"]["System"]["Computer"])


@given(st.binary(max_size=300), st.integers(0, 69_000))
def test_any_event_log_raises_nothing(noise, at):
    body = bytearray(b"ElfFile\0" + bytes(4088) + b"ElfChnk\0" + bytes(65_528))
    body[at : at + len(noise)] = noise
    evtx_name(opened(bytes(body)))


@given(st.binary(max_size=300))
def test_any_name_file_raises_only_read_errors(body):
    linux_name(opened(body))
    try:
        mac_name(opened(b"bplist00" + body))
    except ReadError as problem:
        assert problem.reason is Reason.CORRUPT
