"""What happened when: every timed sighting, stored times, decisions; for people, spreadsheets and Timesketch."""

from __future__ import annotations

import csv
import io
import json

import pytest
from tests.test_demo import run

from nachsorge.cases.store import Entry
from nachsorge.cases.timeline import COLUMNS, as_csv, timeline, timesketch
from nachsorge.model.times import parse_instant


@pytest.fixture(scope="module")
def demo():
    return run()


def events(listed, asset):
    return [(e.what, e.time) for e in listed.events if e.asset == asset]


def test_the_story_of_the_host_that_the_antivirus_cleaned(demo):
    listed = timeline(demo, asset="gm-ws-15")
    assert list(dict.fromkeys(e.what for e in listed.events)) == [
        "Affected Version Present",
        "Antivirus Detection",
        "Contact",
        "Contact After Antivirus",
        "Clean Version Present",
    ]


def test_the_stored_time_stands_where_it_points_to(demo):
    found = dict(events(timeline(demo), "gm-ws-12"))
    assert found["Stored Time"] == parse_instant("2023-04-11T04:37:12Z")
    assert found["First Run Seen"] == parse_instant("2023-03-21T13:07:44Z")


def test_every_sighting_stands_in_it_or_is_counted_as_timeless(demo):
    listed = timeline(demo)
    timed = {(s.source, s.locator, s.indicator) for s in demo.sightings if s.time is not None}
    timed |= {(c.source, c.locator, c.exposure) for c in demo.clean_versions if c.time is not None}
    paths = {s.id: s.reading.path for s in demo.sources}
    assert {(e.source, e.locator, e.indicator) for e in listed.events} == {(paths[a], b, c) for a, b, c in timed}
    assert listed.timeless == sum(s.time is None for s in demo.sightings)
    assert [e.time for e in listed.events] == sorted(e.time for e in listed.events)


def entry(kind, **body):
    return Entry(1, "2023-06-02T00:00:00Z", "ada", kind, body, "", "")


def test_decisions_stand_at_their_own_time(demo):
    made = [
        entry("remediated", asset="gm-ws-07", at="2023-06-01T08:00:00Z", reason="rebuilt"),
        entry("notified", reason="the CERT, by mail"),
        entry("owner", asset="gm-ws-07", owner="bob"),
    ]
    ours = [(e.what, e.asset, e.time) for e in timeline(demo, made).events if e.what.startswith("Decision")]
    assert ours == [
        ("Decision: remediated", "gm-ws-07", parse_instant("2023-06-01T08:00:00Z")),
        ("Decision: notified", "", parse_instant("2023-06-02")),
    ]
    # Never affected; that it got the clean version all the same is told, and is no finding.
    assert {e.what for e in timeline(demo, made, "gm-ws-20").events} == {"Clean Version Present"}


def test_timesketch_gets_its_three_mandatory_fields_in_every_line(demo):
    lines = timesketch(timeline(demo)).splitlines()
    rows = [json.loads(line) for line in lines]
    assert len(rows) == len(timeline(demo).events)
    assert all(row["message"] and row["timestamp_desc"] and parse_instant(row["datetime"]) for row in rows)


def test_the_table_runs_no_formula(demo):
    listed = timeline(demo, [entry("waived", name="x", reason="=cmd()", asset="@x", subject="s")])
    rows = list(csv.DictReader(io.StringIO(as_csv(listed).decode())))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(listed.events)
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
