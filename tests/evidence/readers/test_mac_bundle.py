"""Bundles and installation histories of macOS."""

from __future__ import annotations

import plistlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence_kit import PLANT, read_bytes

from nachsorge.evidence.readers.mac_bundle import MacBundle
from nachsorge.evidence.seams import ReadError
from nachsorge.model.evidence import Software, Value
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

PLACE = "img/Applications/3CX Desktop App.app/Contents/Info.plist"
BUNDLE = {
    "CFBundleName": "3CX Desktop App",
    "CFBundleShortVersionString": "18.12.416",
    "CFBundleIdentifier": "com.3cx.x",
}
WHEN = datetime(2023, 3, 29, 8, 0, tzinfo=UTC).replace(tzinfo=None)
HISTORY = [{"date": WHEN, "displayName": "App", "displayVersion": "1.2", "packageIdentifiers": ["a.b", "c.d"]}]
FORMS = [plistlib.FMT_XML, plistlib.FMT_BINARY]


@pytest.mark.parametrize("form", FORMS)
def test_a_bundle(form):
    body = plistlib.dumps(BUNDLE, fmt=form)
    assert MacBundle().accepts(body, "Info.plist") == 90
    (record,), ledger = read_bytes(MacBundle(), body, name=PLACE, modified=7)
    assert record.telemetry is Telemetry.INSTALLED_SOFTWARE
    assert record.software == Software(
        name="3CX Desktop App", version="18.12.416", platform=Platform.MACOS, aliases=("com.3cx.x",)
    )
    assert record.values[:2] == (
        Value(Kind.PATH, "path", "img/Applications/3CX Desktop App.app"),
        Value(Kind.TEXT, "CFBundleIdentifier", "com.3cx.x"),
    )
    assert (record.time, ledger.platform) == (7, Platform.MACOS)


def test_a_bundle_without_a_name_is_called_as_its_folder_and_without_a_version_is_counted():
    (record,), ledger = read_bytes(MacBundle(), plistlib.dumps({}), name=PLACE)
    assert record.software == Software(name="3CX Desktop App", version="", platform=Platform.MACOS)
    assert ledger.unreadable == 1


def test_a_bundle_is_known_by_all_its_names_and_by_its_folder():
    tree = {"CFBundleDisplayName": "Shown", "CFBundleIdentifier": "com.x", "CFBundleExecutable": "run"}
    (record,), _ = read_bytes(MacBundle(), plistlib.dumps({**tree, "CFBundleVersion": "7"}), name=PLACE)
    assert record.software == Software(
        name="3CX Desktop App", version="7", platform=Platform.MACOS, aliases=("Shown", "com.x", "run")
    )


@pytest.mark.parametrize("form", FORMS)
def test_nothing_of_a_bundle_goes_unsearched(form):
    more = {"SUFeedURL": "http://evil.example/x", "LSEnvironment": {"DYLD_INSERT_LIBRARIES": "/tmp/.x/evil.dylib"}}
    (record,), _ = read_bytes(MacBundle(), plistlib.dumps({**BUNDLE, **more}, fmt=form), name=PLACE)
    texts = {value.text for value in record.values if value.kind is Kind.TEXT}
    assert {"http://evil.example/x", "/tmp/.x/evil.dylib", "DYLD_INSERT_LIBRARIES"} <= texts
    assert "SUFeedURL" not in record.event, "searched, not shown"


@pytest.mark.parametrize("form", FORMS)
def test_a_history(form):
    body = plistlib.dumps([*HISTORY, {"displayName": 7}, "x"], fmt=form)
    assert MacBundle().accepts(body, "InstallHistory.plist") == 90
    (record,), ledger = read_bytes(MacBundle(), body, name="InstallHistory.plist")
    assert record.telemetry is Telemetry.SOFTWARE_INSTALL
    assert record.software == Software(name="App", version="1.2", platform=Platform.MACOS, aliases=("a.b", "c.d"))
    assert record.time == parse_instant("2023-03-29T08:00")
    assert record.event["packageIdentifiers"] == "a.b\nc.d"
    assert (ledger.records, ledger.unreadable, ledger.unreadable_at) == (3, 2, ["item 1", "item 2"])


def test_a_history_without_end_is_a_limit(monkeypatch):
    monkeypatch.setattr("nachsorge.evidence.readers.mac_bundle.MOST", 1)
    with pytest.raises(ReadError) as caught:
        read_bytes(MacBundle(), plistlib.dumps(HISTORY * 2), name="InstallHistory.plist")
    assert caught.value.reason is Reason.LIMIT


def test_a_real_history(shared_data):
    body = (shared_data / "plaso-host-artefacts/plist/InstallHistory.plist").read_bytes()
    records, ledger = read_bytes(MacBundle(), body, name="InstallHistory.plist")
    assert len(records) == len(plistlib.loads(body)) == ledger.records
    assert records[0].software is not None
    assert (records[0].software.name, records[0].software.version) == ("OS X", "10.9 (13A603)")
    assert ledger.first == parse_instant("2013-11-12T02:59:35")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<plist",
        b"bplist00",
        plistlib.dumps("text"),
        b"<?xml version='1.0'?><!DOCTYPE plist [<!ENTITY a 'b'>]><plist><string>&a;</string></plist>",
    ],
)
def test_what_is_none_of_both(body):
    with pytest.raises(ReadError) as caught:
        read_bytes(MacBundle(), body, name="Info.plist")
    assert caught.value.reason is Reason.CORRUPT


def test_who_accepts():
    reader = MacBundle()
    assert reader.accepts(b"CFBundleName", "Info.plist") == 0
    assert reader.accepts(plistlib.dumps({"a": 1}), "other.plist") == 0
    assert reader.accepts(plistlib.dumps({"a": 1}), "Info.plist") == 70
    assert reader.accepts(plistlib.dumps(BUNDLE), "other.plist") == 60


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("tree", [BUNDLE, HISTORY])
def test_the_planted_value_comes_back(tree, form):
    planted = MacBundle().plant(plistlib.dumps(tree, fmt=form), PLANT)
    assert planted is not None
    (record,), _ = read_bytes(MacBundle(), planted, name="Info.plist")
    assert PLANT.host in [value.text for value in record.values]
    assert record.telemetry is (Telemetry.INSTALLED_SOFTWARE if tree is BUNDLE else Telemetry.SOFTWARE_INSTALL)


@given(st.binary(max_size=300), st.integers(0, 400), st.sampled_from(FORMS), st.booleans())
def test_any_damage_is_a_read_error(noise, at, form, history):
    body = bytearray(plistlib.dumps(HISTORY if history else BUNDLE, fmt=form))
    body[at : at + len(noise)] = noise
    try:
        read_bytes(MacBundle(), bytes(body), name="Info.plist")
    except ReadError as problem:
        assert problem.reason is Reason.CORRUPT


@given(st.binary(max_size=400))
def test_any_binary_property_list_is_a_read_error(body):
    try:
        read_bytes(MacBundle(), b"bplist00" + body, name="Info.plist")
    except ReadError as problem:
        assert problem.reason is Reason.CORRUPT


def test_deep_nesting_is_a_read_error():
    body = b"<?xml version='1.0'?><plist>" + b"<array>" * 100_000 + b"</array>" * 100_000 + b"</plist>"
    try:
        read_bytes(MacBundle(), body, name="Info.plist")
    except ReadError as problem:
        assert problem.reason is Reason.CORRUPT
