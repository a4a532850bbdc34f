"""Browsers' lists as thieves read them: real ones, and made ones that are longer than what is taken."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from io import BytesIO

import pytest
from tests.builders import t

from nachsorge.evidence.databases import serialised
from nachsorge.evidence.history_rows import browser_of, listed
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.model.times import SECOND, Span
from nachsorge.verdicts.stolen import stolen

WEBKIT = 11_644_473_600 * SECOND
CHROME = "C/Users/x/AppData/Local/Google/Chrome/User Data/Default/History"


def opened(body: bytes, path: str = CHROME) -> Opened:
    return Opened(path=path, name="History", open=lambda: BytesIO(body), size=len(body))


def profile(*statements: str, auto: bool = True) -> bytes:
    growing = " AUTOINCREMENT" if auto else ""
    return serialised(
        f"CREATE TABLE urls(id INTEGER PRIMARY KEY{growing}, url LONGVARCHAR, title TEXT, last_visit_time INTEGER)",
        "CREATE TABLE visits(id INTEGER PRIMARY KEY, url INTEGER NOT NULL, visit_time INTEGER NOT NULL)",
        "CREATE TABLE visit_source(id INTEGER PRIMARY KEY, source INTEGER)",
        *statements,
    )


def visit(number: int, moment: int, url: str = "") -> tuple[str, str]:
    stamp = moment + WEBKIT
    address = url or f"https://site{number}.example/page?secret={number}"
    return (
        f"INSERT INTO urls VALUES ({number}, '{address}', 'private title', {stamp})",
        f"INSERT INTO visits VALUES ({number}, {number}, {stamp})",
    )


def days(count: int) -> list[str]:
    begin = t("2023-01-01")
    return [part for n in range(1, count + 1) for part in visit(n, begin + n * 3600 * SECOND)]


@pytest.mark.parametrize(
    ("path", "table", "count", "unique"),
    [
        ("chrome/History", "urls", 55, False),
        ("chrome/History-57.0.2987.133", "urls", 1, False),
        ("chrome/History-59.0.3071.86", "urls", 1, True),
        ("firefox/places.sqlite", "moz_places", 92, False),
    ],
)
def test_real_lists_rows_and_order(shared_data, path, table, count, unique):
    place = shared_data / "plaso-host-artefacts" / path
    source = Opened(path=str(place), name=place.name, open=lambda: place.open("rb"), size=place.stat().st_size)
    found = listed(source, Ledger())
    assert found is not None and (len(found.rows), found.unique) == (count, unique)
    with closing(sqlite3.connect(f"file:{place}?mode=ro&immutable=1", uri=True)) as database:
        query = f"SELECT id, url FROM {table} ORDER BY id DESC LIMIT 500"  # what the stealer asks
        truth = database.execute(query).fetchall()
    taken = stolen(found.rows, 500, None)
    assert [row.number for row in taken.rows] == [number for number, _ in truth]
    for row, (_, url) in zip(taken.rows, truth, strict=True):
        assert url.startswith(row.address.split("#")[0]) and "?" not in row.address


def test_a_real_list_at_a_time_holds_what_had_been_met_by_then(shared_data):
    place = shared_data / "plaso-host-artefacts" / "chrome" / "History"
    source = Opened(path=str(place), name="History", open=lambda: place.open("rb"), size=place.stat().st_size)
    found = listed(source, Ledger())
    assert found is not None
    times = sorted(row.first for row in found.rows if row.first is not None)
    middle = times[len(times) // 2]
    taken = stolen(found.rows, 500, Span(middle, middle))
    greatest = max(row.number for row in found.rows if row.first is not None and row.first <= middle)
    assert 0 < len(taken.rows) < 55
    assert [row.number for row in taken.rows] == list(range(greatest, 0, -1))


def test_of_a_long_profile_the_newest_five_hundred_of_the_time_are_taken():
    found = listed(opened(profile(*days(1300))), Ledger())
    assert found is not None and found.browser == "chrome" and len(found.rows) == 1300
    theft = t("2023-01-01") + 900 * 3600 * SECOND
    taken = stolen(found.rows, 500, Span(theft, theft), unique=found.unique)
    assert [row.number for row in taken.rows] == list(range(900, 400, -1))
    assert all(row.certain for row in taken.rows) and taken.missing == 0
    assert taken.rows[0].address == "https://site900.example/page"


def test_rows_that_the_user_deleted_later_leave_numbers_behind():
    gone = "DELETE FROM urls WHERE id BETWEEN 600 AND 649"
    found = listed(opened(profile(*days(1300), gone)), Ledger())
    assert found is not None
    theft = t("2023-01-01") + 900 * 3600 * SECOND
    taken = stolen(found.rows, 500, Span(theft, theft))
    assert taken.missing == 50
    assert [row.number for row in taken.rows if row.certain] == [*range(900, 649, -1), *range(599, 400, -1)]
    assert [row.number for row in taken.rows if not row.certain] == list(range(400, 350, -1))


def test_a_visit_that_came_by_synchronisation_dates_nothing():
    early, late = t("2023-01-01") + WEBKIT, t("2023-03-01") + WEBKIT
    body = profile(
        f"INSERT INTO urls VALUES (1, 'https://a.example/', '', {late})",
        f"INSERT INTO visits VALUES (1, 1, {early}), (2, 1, {late})",
        "INSERT INTO visit_source VALUES (1, 0)",
    )
    found = listed(opened(body), Ledger())
    assert found is not None and found.rows[0].first == t("2023-03-01")


def test_firefox_counts_bookmarks_as_well():
    body = serialised(
        "CREATE TABLE moz_places (id INTEGER PRIMARY KEY, url TEXT, last_visit_date INTEGER)",
        "CREATE TABLE moz_historyvisits (id INTEGER PRIMARY KEY, place_id INTEGER, visit_date INTEGER)",
        "CREATE TABLE moz_bookmarks (id INTEGER PRIMARY KEY, fk INTEGER, dateAdded INTEGER)",
        "INSERT INTO moz_places VALUES (1, 'https://marked.example/', NULL), (2, 'https://seen.example/', 5)",
        f"INSERT INTO moz_bookmarks VALUES (1, 1, {t('2023-01-01')})",
        f"INSERT INTO moz_historyvisits VALUES (1, 2, {t('2023-02-01')})",
    )
    found = listed(opened(body, "Profiles/x/places.sqlite"), Ledger())
    assert found is not None and found.browser == "firefox"
    assert [row.first for row in found.rows] == [t("2023-01-01"), t("2023-02-01")]


@pytest.mark.parametrize(
    ("path", "browser"),
    [
        (CHROME, "chrome"),
        ("C\\Users\\x\\AppData\\Local\\Microsoft\\Edge\\User Data\\Default\\History", "edge"),
        ("home/x/.config/BraveSoftware/Brave-Browser/Default/History", "brave"),
        ("C/Users/x/AppData/Roaming/Opera Software/Opera Stable/History", "opera"),
        ("somewhere/History", "chromium"),
    ],
)
def test_the_browser_is_known_by_its_place(path, browser):
    assert browser_of(path, "urls") == browser
    assert browser_of(path, "moz_places") == "firefox"


def test_other_databases_are_no_such_list():
    assert listed(opened(serialised("CREATE TABLE history_items (id INTEGER)")), Ledger()) is None


def test_what_is_no_database_is_a_gap_with_a_reason():
    with pytest.raises(ReadError):
        listed(opened(b"SQLite format 3\0" + b"\xff" * 4000), Ledger())
