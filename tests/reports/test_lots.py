"""Many small sources of one reader and asset stand in one line; whatever was not read whole stands by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.reports.samples import SAMPLE, sighting
from tests.reports.test_console import joined, text
from tests.reports.test_html import parsed

from nachsorge.model.assessment import Control, Source
from nachsorge.model.evidence import Gap, Reading
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Reason, Status
from nachsorge.reports import html
from nachsorge.reports.lots import MANY, SMALL, lots_of

UNREAD = [
    {"status": Status.UNREAD, "reason": Reason.PERMISSION},
    {"status": Status.PARTLY, "reason": Reason.TRUNCATED},
    {"status": Status.UNKNOWN_FORMAT},
    {"status": Status.SKIPPED},
    {"gaps": (Gap(reason=Reason.NO_TIME),)},
    {"note": "times without a zone were taken as UTC"},
    {"unreadable": 1, "unreadable_at": ("line 1",)},
    {"reader": ""},
]


def unit(number: int, asset: str = "srv-dora", **changes: object) -> Source:
    path = f"{asset}/etc/systemd/system/unit-{number}.service"
    values: dict[str, object] = {"path": path, "reader": "systemd_units", "records": 2, "sha256": f"{number:064}"}
    return Source(id=f"u{number}", reading=Reading(**(values | changes)), assets=(asset,))  # type: ignore[arg-type]


def assessed(*sources: Source, **changes: object):
    return replace(SAMPLE, sources=sources, sightings=(), controls=(), **changes)  # type: ignore[arg-type]


UNITS = tuple(unit(number) for number in range(MANY + 3))


def sizes(*sources: Source, **changes: object) -> list[int]:
    return [len(lot.sources) for lot in lots_of(assessed(*sources, **changes))]


def test_many_stand_in_one_line_with_what_they_hold_together():
    first, last = parse_instant("2023-03-01"), parse_instant("2023-03-09")
    units = [unit(1, first=last, last=last), unit(2, first=first, last=first), *UNITS[3:]]
    (lot,) = lots_of(assessed(*units))
    whole = lot.whole.reading
    assert lot.sources == tuple(units)
    assert (whole.path, whole.records, whole.first, whole.last, whole.sha256) == (
        "srv-dora/etc/systemd/system/*",
        2 * len(units),
        first,
        last,
        "",
    )


def test_few_stand_alone():
    assert sizes(*UNITS[: MANY - 1]) == [1] * (MANY - 1)
    assert sizes(*UNITS[:MANY]) == [MANY]


@pytest.mark.parametrize("trouble", UNREAD, ids=str)
def test_what_was_not_read_whole_is_never_folded_away(trouble):
    troubled = tuple(unit(100 + number, **trouble) for number in range(MANY + 1))
    assert sorted(sizes(*UNITS, *troubled)) == [1] * len(troubled) + [len(UNITS)]
    page = joined(assessed(*UNITS, *troubled), width=100)
    assert all(source.reading.path in page for source in troubled)


def test_other_assets_readers_and_large_sources_stand_apart():
    assert sorted(sizes(*UNITS, *(unit(n, "ws-anton") for n in range(50, 56)))) == [6, len(UNITS)]
    assert sorted(sizes(*UNITS, *(unit(n, reader="cron") for n in range(50, 56)))) == [6, len(UNITS)]
    assert sizes(*(unit(n, records=SMALL + 1) for n in range(9))) == [1] * 9
    shared = [replace(one, assets=("srv-dora", "ws-anton")) for one in UNITS]
    assert sizes(*shared, *(replace(one, assets=()) for one in shared)) == [1] * 2 * len(UNITS)


def test_a_source_with_a_sighting_or_a_failed_control_stands_apart():
    met = replace(assessed(*UNITS), sightings=(sighting(1, source="u3"),))
    failed = replace(assessed(*UNITS), controls=(Control(source="u3", reader="systemd_units", seen=False),))
    for assessment in (met, failed):
        assert [lot.sources for lot in lots_of(assessment) if len(lot.sources) == 1] == [(UNITS[3],)]
    seen = replace(assessed(*UNITS), controls=(Control(source="u3", reader="systemd_units", seen=True),))
    assert len(lots_of(seen)) == 1


@pytest.mark.parametrize("width", [80, 300])
def test_the_console_counts_them_and_verbose_names_all(width):
    short = joined(assessed(*UNITS), width=width)
    squeezed = "".join(short.split())
    assert f"srv-dora/etc/systemd/system/*({len(UNITS)}sources,srv-dora)" in squeezed
    assert "unit-3.service" not in squeezed
    whole = "".join(text(assessed(*UNITS), width=width, verbose=True).split())
    assert all(one.reading.path in whole for one in UNITS)


def test_what_is_left_out_is_counted_by_source_not_by_line():
    others = [unit(n, f"ws-{n}") for n in range(100, 119)]
    many = [unit(n, "ws-zuletzt") for n in range(200, 230)]
    page = joined(assessed(*others, *UNITS, *many), width=100)
    assert f"and {len(many)} more, {len(many)} read" in page


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_page_names_each_with_its_digest(lang):
    words = "".join(parsed(html.render(assessed(*UNITS), lang)).words)
    assert "srv-dora/etc/systemd/system/*" in words
    for one in UNITS:
        assert one.reading.path in words
        assert one.reading.sha256 in words


@pytest.mark.parametrize(
    ("paths", "folder"),
    [
        (["a/b/c", "a/b/d"], "a/b/*"),
        (["x.zip!a1", "x.zip!a2"], "x.zip!*"),
        (["a/ab/c", "a/ac/c"], "a/*"),
        (["a/b", "a/b"], "a/*"),
        (["one", "two"], "*"),
        (["a/b", "a/b/c"], "a/*"),
    ],
)
def test_the_folder_is_what_all_have_in_common(paths, folder):
    found = [unit(number, path=paths[number % 2]) for number in range(6)]
    (lot,) = lots_of(assessed(*found))
    assert lot.whole.reading.path == folder
