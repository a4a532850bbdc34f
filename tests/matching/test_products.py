"""Products at versions, and times stored in artefacts."""

from __future__ import annotations

import pytest
from tests.matching.kit import exposure_test, record, stored_test, value_test

from nachsorge.matching.match import Matcher
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.pack import Exposure
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Telemetry

WINDOWS, MACOS = Platform.WINDOWS, Platform.MACOS
AFFECTED = Exposure(
    id="e", names=("3CX Desktop*",), affected=("18.12.416", "18.11.*"), clean=("18.12.422",), platform=WINDOWS
)


def met(exposure: Exposure, name: str, version: str, platform: Platform | None = None) -> bool:
    software = Software(name=name, version=version, platform=platform)
    return bool(Matcher([exposure_test(exposure)]).match(record(software=software)))


@pytest.mark.parametrize(
    ("name", "version", "platform", "expected"),
    [
        ("3CX Desktop App", "18.12.416", WINDOWS, True),
        ("3cx desktopapp", "18.12.416", None, True),
        (" 3CX Desktop App ", "18.12.416.0", WINDOWS, True),
        ("3CX Desktop App", "v18.12.416", WINDOWS, True),
        ("3CX Desktop App", "18.12.416.0.0", WINDOWS, True),
        ("3CX Desktop App", "18.12.4160", WINDOWS, False),
        ("3CX Desktop App", "18.12.416.1", WINDOWS, False),
        ("3CX Desktop App", "18.12.41", WINDOWS, False),
        ("3CX Desktop App", "18.12.422", WINDOWS, False),
        ("3CX Desktop App", "18.11.1213", WINDOWS, True),
        ("3CX Desktop App", "18.12.416", MACOS, False),
        ("3CX Desktop App", "", WINDOWS, False),
        ("3CX Phone", "18.12.416", WINDOWS, False),
        ("My 3CX Desktop App", "18.12.416", WINDOWS, False),
    ],
)
def test_a_product_is_met_at_its_versions_on_its_platform(name, version, platform, expected):
    assert met(AFFECTED, name, version, platform) is expected


@pytest.mark.parametrize(("name", "version", "expected"), [("X", "", True), ("x", "9.9", True), ("XY", "1", False)])
def test_any_version_is_any(name, version, expected):
    assert met(Exposure(id="e", names=("X",), any_version=True), name, version) is expected


def test_brackets_in_names_are_no_pattern():
    exposure = Exposure(id="e", names=("App [x64]",), any_version=True)
    assert met(exposure, "App [x64]", "1")
    assert not met(exposure, "App x", "1")


def test_a_record_without_software_meets_no_product():
    assert Matcher([exposure_test(AFFECTED)]).match(record(("text", "3CX Desktop App 18.12.416"))) == []


AFTER = parse_instant("2023-03-29T12:00:00Z")


@pytest.mark.parametrize(
    ("kind", "field", "text", "expected"),
    [
        (Kind.INSTANT, "due", "2023-03-29T12:00:01Z", True),
        (Kind.INSTANT, "due", "2023-03-29T12:00:00Z", False),
        (Kind.INSTANT, "due", "2023-03-29T13:59:59+02:00", False),
        (Kind.INSTANT, "due", "2023-03-29T14:00:01+02:00", True),
        (Kind.INSTANT, "other", "2023-04-01T00:00:00Z", False),
        (Kind.TEXT, "due", "2023-04-01T00:00:00Z", False),
    ],
)
def test_a_stored_time_meets_its_trace_when_it_is_later(kind, field, text, expected):
    stored = Record(telemetry=Telemetry.FILESYSTEM, locator="x", values=(Value(kind, field, text),))
    assert [hit.matched for hit in Matcher([stored_test("due", AFTER)]).match(stored)] == (
        [("due",)] if expected else []
    )


def test_one_hit_a_test_names_all_the_fields_and_whether_it_was_text_only():
    matcher = Matcher([value_test("domain", "evil.com"), value_test("ip", "192.0.2.1")])
    both, text = matcher.match(record(("host", "evil.com"), ("text", "x evil.com 192.0.2.1")))
    assert (both.test, both.matched, both.as_text) == (0, ("f0", "f1"), False)
    assert (text.test, text.matched, text.as_text) == (1, ("f1",), True)
    assert both.fields == {"f0": "evil.com", "f1": "x evil.com 192.0.2.1"}
