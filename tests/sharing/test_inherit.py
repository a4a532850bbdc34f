"""What is made of labelled things is as restricted as the most restricted of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.test_demo import run

from nachsorge.model.columns import packed
from nachsorge.model.labels import Label, Pap
from nachsorge.model.words import Tlp
from nachsorge.packs.library import resolve
from nachsorge.sharing.inherit import least, marked, of_assessment, of_pack, of_source
from nachsorge.sharing.labels import at_most

if TYPE_CHECKING:
    from nachsorge.model.assessment import Assessment
    from nachsorge.model.pack import Pack
    from nachsorge.sharing.inherit import Given

RED, GREEN, STRICT = Label(Tlp.RED, Pap.RED), Label(Tlp.GREEN), Label(Tlp.AMBER_STRICT)


@pytest.fixture(scope="module")
def demo() -> Assessment:
    found: Assessment = run()
    return found


def test_a_source_has_its_own_label_or_its_folders_or_the_careful_one() -> None:
    given = {"logs": GREEN, "logs/dns": RED, "": RED}
    assert of_source("logs/proxy.log", given) == GREEN
    assert of_source("logs/dns/a.log", given).tlp is Tlp.RED
    assert of_source("logs-of-others/x", given) == STRICT, "a name that begins alike is not in the folder"
    assert of_source("x", {}) == STRICT


def test_a_sighting_is_as_restricted_as_indicator_and_source(demo: Assessment) -> None:
    pack = resolve("3cx-2023")
    paths = {source.id: source.reading.path for source in demo.sources}
    one = next(each for each in demo.sightings if each.type == "domain")
    where = paths[one.source]

    def label(packs: list[Pack], given: Given) -> Label:
        return next(each.label for each in marked(demo, packs, given).sightings if each.id == one.id)

    assert label([pack], {where: Label(Tlp.CLEAR, Pap.CLEAR)}).tlp is Tlp.CLEAR
    assert label([pack], {where: RED}) == RED
    assert label([pack], {}).tlp is Tlp.AMBER_STRICT
    rows = tuple(replace(each, tlp=Tlp.RED) if each.value == one.indicator else each for each in pack.indicators)
    red = replace(pack, indicators=rows)
    assert label([red], {where: GREEN}).tlp is Tlp.RED
    assert label([replace(red, indicators=packed(rows, 0))], {where: GREEN}).tlp is Tlp.RED, "a long list as well"
    assert label([], {where: GREEN}).tlp is Tlp.AMBER_STRICT, "nobody knows the pack's label"
    assert marked(demo, [red], {}).label.tlp is Tlp.RED, "the whole inherits it"


def test_a_pack_is_as_restricted_as_any_of_its_rows() -> None:
    pack = resolve("3cx-2023")
    assert of_pack(pack).tlp is Tlp.CLEAR
    rows = (*pack.indicators, replace(pack.indicators[0], tlp=Tlp.RED, pap=Pap.AMBER))
    assert of_pack(replace(pack, indicators=rows)) == Label(Tlp.RED, Pap.AMBER)
    assert of_pack(replace(pack, indicators=packed(rows, 0))) == Label(Tlp.RED, Pap.AMBER)
    assert of_pack(replace(pack, pap=Pap.RED)).pap is Pap.RED


def test_what_a_source_once_was_keeps_its_label() -> None:
    assert of_source("logs/dns.log (as it was when read at 2023-04-01T00:00:00Z)", {"logs/dns.log": RED}) == RED


def test_an_assessment_is_as_restricted_as_all_of_it(demo: Assessment) -> None:
    assert of_assessment(demo, {}).tlp is Tlp.AMBER_STRICT
    for source in demo.sources:
        assert of_assessment(demo, {source.reading.path: RED}) == RED
    assert of_assessment(demo, {"": RED}).tlp is Tlp.RED
    red = replace(demo, packs=(replace(demo.packs[0], tlp="something"),))
    assert of_assessment(red, {}).tlp is Tlp.RED, "what nobody understands is kept closest"


def test_what_people_demand_is_the_least(demo: Assessment) -> None:
    path = demo.sources[0].reading.path
    assert least(demo, {}) is None
    assert least(demo, {path: GREEN}) == GREEN
    assert least(demo, {path: GREEN, "": RED}) == RED
    assert least(demo, {"not/in/it": RED}) is None
    found = least(demo, {path: GREEN})
    assert found is not None and at_most(found.tlp, of_assessment(demo, {path: GREEN}).tlp)
