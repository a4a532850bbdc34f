"""Histories of browsers, real and made; expected numbers were established with sqlite3 beforehand."""

from __future__ import annotations

import sqlite3
import zipfile
from collections import Counter
from contextlib import closing

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, read_place, shows_plant

from nachsorge.assets.inventory import Inventory
from nachsorge.evidence.databases import serialised
from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.browser_history import BrowserHistory
from nachsorge.evidence.web_addresses import file_path, without_query
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Reason, Status, Telemetry
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

URL = "https://user:pw@files.example/a/b.exe?token=secret#x"
CHROMIUM = (
    "CREATE TABLE urls (id INTEGER PRIMARY KEY, url TEXT, title TEXT, last_visit_time INTEGER)",
    "CREATE TABLE visits (id INTEGER PRIMARY KEY, url INTEGER, visit_time INTEGER)",
    "CREATE TABLE visit_source (id INTEGER PRIMARY KEY, source INTEGER)",
    "CREATE TABLE downloads (id INTEGER PRIMARY KEY, target_path TEXT, tab_url TEXT, start_time INTEGER, hash BLOB)",
    "CREATE TABLE downloads_url_chains (id INTEGER, chain_index INTEGER, url TEXT)",
    f"INSERT INTO urls VALUES (1, '{URL}', 'a private title', 13324550400000000), (2, 'http://old.example/', '', "
    "13324550400000000), (3, 'http://never.example/', '', 0)",
    "INSERT INTO visits VALUES (1, 1, 13324550400000000), (2, 1, 13324550460000000)",
    "INSERT INTO visit_source VALUES (2, 0)",
    "INSERT INTO downloads VALUES (1, 'C:\\Users\\x\\b.exe', 'http://page.example/', 13324550400000000, zeroblob(32))",
    "INSERT INTO downloads_url_chains VALUES (1, 0, 'http://first.example/b'), (1, 1, 'http://last.example/b')",
)

FIREFOX = (
    "CREATE TABLE moz_places (id INTEGER PRIMARY KEY, url TEXT, title TEXT, last_visit_date INTEGER)",
    "CREATE TABLE moz_historyvisits (id INTEGER PRIMARY KEY, place_id INTEGER, visit_date INTEGER)",
    "CREATE TABLE moz_anno_attributes (id INTEGER PRIMARY KEY, name TEXT)",
    "CREATE TABLE moz_annos (id INTEGER PRIMARY KEY, place_id INTEGER, anno_attribute_id INTEGER, content TEXT, "
    "dateAdded INTEGER)",
    "INSERT INTO moz_places VALUES (1, 'https://files.example/a?token=secret', 'private', 1680076800000000)",
    "INSERT INTO moz_historyvisits VALUES (1, 1, 1680076800000000)",
    "INSERT INTO moz_anno_attributes VALUES (1, 'downloads/destinationFileURI')",
    "INSERT INTO moz_annos VALUES (1, 1, 1, 'file:///home/kim/Downloads/b.bin', 1680076801000000)",
)


def test_visits_and_downloads_without_titles_and_queries():
    records, reading = read_member(BrowserHistory(), serialised(*CHROMIUM))
    visit, synced, old, download = records
    assert visit.telemetry is Telemetry.BROWSER_HISTORY and visit.time == parse_instant("2023-03-29T08:00")
    # All of it is compared; people see host and path.
    assert visit.values[0].text == URL and visit.event["url"] == "https://files.example/a/b.exe"
    assert not any("private" in text or "secret" in text for record in records for text in record.event.values())
    assert "origin" not in visit.event and synced.event["origin"] == "synced"
    assert old.values[0].text == "http://old.example/"
    assert {v.text for v in download.values if v.kind is Kind.URL} == {
        "http://first.example/b",
        "http://last.example/b",
        "http://page.example/",
    }
    assert (Kind.PATH, r"C:\Users\x\b.exe") in {(v.kind, v.text) for v in download.values}
    assert (Kind.HASH, "00" * 32) in {(v.kind, v.text) for v in download.values}
    assert "1 addresses that were never visited" in reading.note
    assert (reading.status, reading.records, reading.seen[0].spans) == (Status.READ, 4, ())


@pytest.mark.parametrize(
    ("place", "browser"),
    [
        ("AppData/Local/Google/Chrome/User Data/Default/History", "chrome"),
        ("AppData/Local/Microsoft/Edge/User Data/Default/History", "edge"),
        ("AppData/Local/BraveSoftware/Brave-Browser/User Data/Default/History", "brave"),
        ("History", "chromium"),
    ],
)
def test_browsers_of_one_family_are_told_apart_by_their_profiles_folder(place, browser):
    body = serialised(*CHROMIUM)
    found = reader_for(body, place)
    assert found is not None and found.name == "browser_history"
    records, _ = read_member(BrowserHistory(), body, place)
    assert {record.event["browser"] for record in records} == {browser}
    assert {record.event["kind"] for record in records} == {"visit", "download"}


def test_what_led_to_a_download_is_compared_and_shown_without_its_query():
    body = serialised(
        "CREATE TABLE urls (id, url)",
        "CREATE TABLE downloads (id, target_path, start_time, referrer, site_url, tab_url, tab_referrer_url)",
        "INSERT INTO downloads VALUES (1, '/x', 13324550400000000, 'http://a.example/?q=1', 'http://b.example/', "
        "'http://c.example/#t', 'http://d.example/?s=secret')",
    )
    (download,), _ = read_member(BrowserHistory(), body, "History")
    assert {v.text for v in download.values if v.kind is Kind.URL} == {
        *("http://a.example/?q=1", "http://b.example/", "http://c.example/#t", "http://d.example/?s=secret"),
    }
    assert download.event["url"].split("\n") == [f"http://{letter}.example/" for letter in "cbad"]


def test_firefox_and_its_downloads_read_together_with_its_write_ahead_log(tmp_path):
    place, taken = tmp_path / "live", tmp_path / "places.sqlite"
    with closing(sqlite3.connect(place)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        for statement in FIREFOX:
            database.execute(statement)
        database.commit()
        taken.write_bytes(place.read_bytes())
        (tmp_path / "places.sqlite-wal").write_bytes((tmp_path / "live-wal").read_bytes())
    visit, download = read_place(BrowserHistory(), taken)[0]
    assert (visit.event["url"], visit.event["kind"]) == ("https://files.example/a", "visit")
    assert visit.time == parse_instant("2023-03-29T08:00")
    assert (download.event["path"], download.event["browser"]) == ("/home/kim/Downloads/b.bin", "firefox")
    assert "secret" not in str((visit.event, download.event))


def test_safaris_visits_say_which_came_from_another_device():
    body = serialised(
        "CREATE TABLE history_items (id INTEGER PRIMARY KEY, url TEXT, domain_expansion TEXT)",
        "CREATE TABLE history_visits (id INTEGER PRIMARY KEY, history_item INTEGER, visit_time REAL, title TEXT, "
        "origin INTEGER)",
        "INSERT INTO history_items VALUES (1, 'https://files.example/a?token=secret', 'files')",
        "INSERT INTO history_visits VALUES (1, 1, 701769600.5, 'a private title', 0), (2, 1, 701769700.0, '', 1)",
    )
    here, there = read_member(BrowserHistory(), body, "Users/kim/Library/Safari/History.db")[0]
    assert here.time == parse_instant("2023-03-29T08:00:00.5Z") and "origin" not in here.event
    assert (here.event["browser"], there.event["origin"]) == ("safari", "synced")
    assert "secret" not in str(here.event) and "private" not in str(here.event)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        # 55 addresses, of which all have visits; the old form of downloads counts seconds and has one path.
        ("chrome/History", {"visits": 69, "downloads": 2}),
        ("chrome/History-57.0.2987.133", {"visits": 1, "downloads": 1}),
        ("chrome/History-58.0.3029.96", {"visits": 1, "downloads": 1}),
        ("chrome/History-59.0.3071.86", {"visits": 1, "downloads": 1}),
        ("chrome/History-59_added-fake-column", {"visits": 1, "downloads": 1}),
        # 92 places, of which one was visited; 91 are bookmarks, which the note says.
        ("firefox/places.sqlite", {"moz_historyvisits": 1}),
        ("firefox/downloads.sqlite", {"moz_downloads": 1}),
        ("safari/History.db", {"history_visits": 25}),
    ],
)
def test_real_histories(shared_data, name, rows):
    place = shared_data / "plaso-host-artefacts" / name
    assert BrowserHistory().accepts(place.read_bytes()[:65536], place.name) >= 50
    records, reading = read_place(BrowserHistory(), place)
    assert Counter(record.locator.split()[0] for record in records) == rows
    assert all(record.time is not None for record in records)
    assert (reading.status, reading.unreadable) == (Status.READ, 0)
    assert ("91 addresses" in reading.note) == (name == "firefox/places.sqlite")


def test_the_real_download_of_chrome(shared_data):
    place = shared_data / "plaso-host-artefacts/chrome/History-59.0.3071.86"
    visit, download = read_place(BrowserHistory(), place)[0]
    assert visit.event["url"].startswith("https://raw.githubusercontent.com/dfirlabs/")
    assert download.event["path"] == "/home/ubuntu/Downloads/plaso-20171231.1.win32.msi"


def test_deletions_that_safari_remembers_are_gaps(shared_data):
    _, reading = read_place(BrowserHistory(), shared_data / "plaso-host-artefacts/safari/History.db")
    assert {gap.reason for gap in reading.gaps} == {Reason.LOG_CLEARED}
    assert "write-ahead log was not beside it" in reading.note


@pytest.mark.parametrize("there", [True, False])
def test_what_only_stands_in_the_write_ahead_log_is_seen_or_its_absence_is_said(tmp_path, there):
    place, taken = tmp_path / "live", tmp_path / "History"
    with closing(sqlite3.connect(place)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        for statement in CHROMIUM[:5]:
            database.execute(statement)
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("INSERT INTO urls VALUES (1, 'http://new.example/', '', 13324550400000000)")
        database.execute("INSERT INTO visits VALUES (1, 1, 13324550400000000)")
        database.commit()
        taken.write_bytes(place.read_bytes())
        if there:
            (tmp_path / "History-wal").write_bytes((tmp_path / "live-wal").read_bytes())
    before = sorted(path.name for path in tmp_path.iterdir())
    records, reading = read_place(BrowserHistory(), taken)
    assert [record.event["url"] for record in records] == (["http://new.example/"] if there else [])
    assert ("read together with its -wal" if there else "was not beside it") in reading.note
    assert sorted(path.name for path in tmp_path.iterdir()) == before  # nothing was written beside the evidence


def test_a_write_ahead_log_in_the_same_archive_is_read(tmp_path):
    place = tmp_path / "live"
    with closing(sqlite3.connect(place)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        for statement in CHROMIUM:
            database.execute(statement)
        database.commit()
        with zipfile.ZipFile(tmp_path / "case.zip", "w") as archive:
            for name, end in (("History", ""), ("History-wal", "-wal")):
                archive.writestr(f"C/Users/kim/{name}", (tmp_path / f"live{end}").read_bytes())
    found = look(tmp_path, tmp_path / "case.zip", "files.example")
    (reading,) = [s.reading for s in found.sources if s.reading.reader == "browser_history"]
    assert "read together with its -wal" in reading.note and reading.records == 4
    assert {sighting.locator for sighting in found.sightings} == {"visits 1", "visits 2"}


def test_an_unfinished_change_is_rolled_back_as_the_browser_would(tmp_path):
    place, taken = tmp_path / "live", tmp_path / "History"
    with closing(sqlite3.connect(place, isolation_level=None)) as database:
        for statement in CHROMIUM:
            database.execute(statement)
        database.execute("PRAGMA cache_size = 2")
        database.execute("BEGIN")
        rows = [(n, f"http://half.example/{n}/{'x' * 900}") for n in range(10, 300)]
        database.executemany("INSERT INTO urls VALUES (?, ?, '', 1)", rows)
        taken.write_bytes(place.read_bytes())
        journal = (tmp_path / "live-journal").read_bytes()
        database.execute("ROLLBACK")
    (tmp_path / "History-journal").write_bytes(journal)
    records, reading = read_place(BrowserHistory(), taken)
    assert "read together with its -journal" in reading.note
    assert len(records) == 4 and not any("half.example" in record.event["url"] for record in records)


def test_no_private_part_of_an_address_leaves_in_a_result(tmp_path):
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / "History").write_bytes(serialised(*CHROMIUM))
    found = look(tmp_path, folder, "files.example")
    assert {sighting.locator for sighting in found.sightings} == {"visits 1", "visits 2"}
    told = repr(found)
    assert "https://files.example/a/b.exe" in told
    assert not any(part in told for part in ("secret", "user:pw", "private title", "old.example", "page.example"))


def look(tmp_path, evidence, domain):
    """Look for one domain, as `check` does."""
    indicators = tmp_path / "list.csv"
    indicators.write_text(f"type,value\ndomain,{domain}\n")
    return sweep([resolve(str(indicators))], [str(evidence)], Inventory(), Options(jobs=1))


def test_another_database_is_none():
    body = serialised("CREATE TABLE other (a)")
    assert BrowserHistory().accepts(body, "x.db") == 0
    _, reading = read_member(BrowserHistory(), body, "History")
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.NOT_SUPPORTED)


def test_a_view_in_a_tables_place_is_not_asked():
    body = serialised("CREATE TABLE a (b)", "CREATE VIEW urls AS SELECT 1 AS id, 'http://x.example/' AS url")
    _, reading = read_member(BrowserHistory(), body, "History")
    assert reading.reason is Reason.NOT_SUPPORTED


def test_damaged_pages_are_a_gap():
    rows = [
        f"INSERT INTO urls VALUES ({n}, 'http://{n}.example/{'x' * 900}', '', 13324550400000000)" for n in range(4, 99)
    ]
    body = bytearray(serialised(*CHROMIUM, *rows))
    body[20_000:30_000] = bytes(10_000)
    _, reading = read_member(BrowserHistory(), bytes(body), "History")
    assert reading.status is not Status.READ and reading.reason is Reason.CORRUPT


def test_addresses_for_people():
    assert without_query("http://a.example:8080/p?q#f") == "http://a.example:8080/p"
    assert without_query("file:///C:/x?y") == "file:///C:/x"
    assert without_query("data:text/plain,secret") == "data:"
    assert without_query("http://[bad") == "http:"
    assert file_path("file:///C:/a%20b.zip") == r"C:\a b.zip"
    assert file_path("file:///home/a") == "/home/a"
    assert file_path("C:\\x") == "C:\\x"


def test_damage_and_plants():
    bears_damage(BrowserHistory(), serialised(*CHROMIUM), 30)
    for head in (b"", b"history_items", b"moz_places", b"moz_downloads"):
        shows_plant(BrowserHistory(), head)
