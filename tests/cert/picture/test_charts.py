from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cert.picture.made import told

from nachsorge.cert.picture.charts import PLACES, WIDTH, Bar, Part, Span, Tile, bars, columns, shade, spans, tiles
from nachsorge.cert.picture.figures import figures
from nachsorge.cert.picture.told import Outcome, units

SVG = "{http://www.w3.org/2000/svg}"
NAMES = st.text(min_size=1, max_size=12).filter(lambda text: all(" " <= sign < "\ud800" for sign in text))
BARS = st.lists(
    st.builds(
        Bar,
        NAMES,
        st.tuples(st.builds(Part, st.just("verified"), st.integers(0, 10**6))),
        NAMES,
        st.integers(0, 10**6),
    ),
    max_size=8,
)


@given(BARS)
def test_bars_are_to_one_scale_and_within_the_drawing(found):
    drawn = ET.fromstring(bars("t", found))
    wide = [float(each.attrib["width"]) for each in drawn.iter(f"{SVG}rect") if each.get("class") == "verified"]
    numbers = [bar.parts[0].number for bar in found if bar.parts[0].number]
    assert len(wide) == len(numbers)
    assert all(one <= WIDTH for one in wide)
    most = max((max(bar.parts[0].number, bar.outside) for bar in found), default=1)
    for one, number in zip(wide, numbers, strict=True):
        assert one == pytest.approx(number / most * (WIDTH - 56), abs=0.01)


@given(BARS)
def test_columns_stand_on_the_ground(found):
    drawn = ET.fromstring(columns("t", found))
    for each in drawn.iter(f"{SVG}rect"):
        assert float(each.attrib["y"]) + float(each.attrib["height"]) == pytest.approx(142, abs=0.02)


@given(NAMES)
def test_what_people_wrote_stays_text(name):
    for drawn in (
        bars(name, [Bar(name, (Part("verified", 1),), name)]),
        spans(name, [Span(name, name, 0.5)]),
        tiles(name, [Tile("AT-9", name, name, 1)]),
        columns(name, [Bar(name, (), name)]),
    ):
        root = ET.fromstring(drawn)
        assert name in [text for each in root.iter() for text in ([each.text] if each.text else [])]
        assert root.get("aria-label") == name


def test_no_tile_covers_another():
    places = list(PLACES.values())
    for place, (x, y) in enumerate(places):
        assert all(abs(x - a) >= 1 or abs(y - b) >= 1 for a, b in places[place + 1 :])


def test_no_style_stands_in_a_drawing():
    drawn = tiles("t", [Tile(code, code, "1", 2) for code in PLACES])
    assert "style" not in drawn


@pytest.mark.parametrize(("number", "most", "dark"), [(0, 9, 0), (1, 1, 1), (1, 8, 1), (3, 8, 2), (8, 8, 4), (0, 0, 0)])
def test_shades_go_by_quarters(number, most, dark):
    assert shade(number, most) == dark


@given(st.integers(0, 10_000), st.integers(0, 80))
def test_every_figure_counts_the_same_organisations(seed, number):
    from nachsorge.cert.registry.places import SECTORS

    found = units(told(seed, number))
    made = figures(found, (*(word for word, _ in SECTORS), "several"))
    affected = sum(unit.outcome is Outcome.AFFECTED for unit in found)
    assert made.total.both == len(found) == sum(line.both for line in made.outcomes)
    for lines in (made.rungs, made.regions, made.sectors):
        assert sum(line.both for line in lines) == affected
    assert made.share.assessed == sum(unit.outcome in (Outcome.AFFECTED, Outcome.RULED_OUT) for unit in found)
    assert made.weekless + sum(line.both for line in made.weeks) == affected


def test_partners_numbers_are_never_added():
    found = units(told(1, 40))
    made = figures(found, ("energy",), [("exposed", "", "", 14), ("exposed", "", "", 9), ("exposed", "AT-9", "", 5)])
    assert made.rungs[0].partners == 14
    assert next(line for line in made.regions if line.name == "AT-9").partners == 5
    assert made.total.both == len(found)
