"""Safari's list of downloads."""

from __future__ import annotations

import plistlib
from datetime import datetime

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.safari_downloads import SafariDownloads
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry

LIST = {
    "DownloadHistory": [
        {
            "DownloadEntryIdentifier": "3F2504E0-4F89-41D3-9A0C-0305E82C3301",
            "DownloadEntryURL": "https://evil.example/x.dmg?token=secret",
            "DownloadEntryPath": "~/Downloads/x.dmg",
            "DownloadEntryDateAddedKey": datetime(2023, 3, 24, 10, 0, 0),  # noqa: DTZ001
            "DownloadEntryDateFinishedKey": datetime(2023, 3, 24, 10, 1, 0),  # noqa: DTZ001
            "DownloadEntryProgressTotalToLoad": 100,
        },
        {"DownloadEntryURL": "https://good.example/", "DownloadEntryPath": "/Users/a/y"},
    ]
}
NAME = "Users/anna/Library/Safari/Downloads.plist"


@pytest.mark.parametrize("form", [plistlib.FMT_XML, plistlib.FMT_BINARY])
def test_each_download_is_a_record(form):
    body = plistlib.dumps(LIST, fmt=form)
    found = reader_for(body, NAME)
    assert found is not None and found.name == "safari_downloads"
    assert reader_for(body, "renamed.bin").name == "safari_downloads"
    (one, two), reading = read_member(SafariDownloads(), body, NAME)
    assert (one.telemetry, one.time, two.time) == (
        Telemetry.BROWSER_HISTORY,
        parse_instant("2023-03-24T10:00:00Z"),
        None,
    )
    assert {(value.kind, value.text) for value in one.values} == {
        (Kind.URL, "https://evil.example/x.dmg?token=secret"),
        (Kind.PATH, "~/Downloads/x.dmg"),
    }
    assert "secret" not in str(one.event), "what a person may read is without the query"
    assert (reading.status, reading.records, reading.platform) == (Status.READ, 2, Platform.MACOS)
    assert [gap.reason for gap in reading.gaps] == [Reason.NO_TIME]
    assert all(not seen.spans for seen in reading.seen), "it clears nothing"


def test_an_empty_list_is_read_and_what_is_none_says_so():
    records, reading = read_member(SafariDownloads(), plistlib.dumps({"DownloadHistory": []}), NAME)
    assert (records, reading.status) == ([], Status.READ)
    for tree in ({"DownloadHistory": "x"}, ["DownloadHistory"], {"other": 1}):
        _, reading = read_member(SafariDownloads(), plistlib.dumps(tree), NAME)
        assert (reading.status, reading.reason) == (Status.UNREAD, Reason.CORRUPT)
    _, reading = read_member(SafariDownloads(), plistlib.dumps({"DownloadHistory": [3, {}]}), NAME)
    assert (reading.records, reading.unreadable) == (2, 2)


def test_other_lists_are_others():
    assert SafariDownloads().accepts(plistlib.dumps({"Label": "x", "Program": "/y"}), NAME) == 0
    assert SafariDownloads().accepts(b"DownloadHistory", NAME) == 0


@pytest.mark.parametrize("form", [plistlib.FMT_XML, plistlib.FMT_BINARY])
def test_damage_and_plant(form):
    body = plistlib.dumps(LIST, fmt=form)
    bears_damage(SafariDownloads(), body)
    shows_plant(SafariDownloads(), body)
