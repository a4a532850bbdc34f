from __future__ import annotations

from dataclasses import replace

from tests.reports.samples import LATE_DNS, PACK, SAMPLE, sighting

from nachsorge.reports.localise import localised

GERMAN = {
    PACK.title: "Beispielprogramm",
    LATE_DNS.settle: "Den Nameserver fragen.",
    "Only very few users were hit.": "Nur wenige waren betroffen.",
    "name of the attacker's server": "Name des Servers des Angreifers",
}
GIVEN = replace(
    SAMPLE,
    packs=(replace(PACK, german=GERMAN),),
    sightings=(sighting(1, title="name of the attacker's server"), sighting(2, title="another")),
)


def test_english_stays_as_it_is():
    assert localised(GIVEN, "en") is GIVEN


def test_what_a_pack_has_in_german_is_said_in_german_and_nothing_else_changes():
    german = localised(GIVEN, "de")
    assert german.packs[0].title == "Beispielprogramm"
    assert german.claims[0].says == "Nur wenige waren betroffen."
    assert [one.title for one in german.sightings] == ["Name des Servers des Angreifers", "another"]
    settles = {unmet.settle for judged in german.assets for cell in judged.cells for unmet in cell.unmet}
    assert "Den Nameserver fragen." in settles
    assert LATE_DNS.settle not in settles
    assert (
        replace(german, packs=GIVEN.packs, claims=GIVEN.claims, sightings=GIVEN.sightings, assets=GIVEN.assets) == GIVEN
    )
