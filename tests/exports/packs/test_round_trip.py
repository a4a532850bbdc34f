"""Pack -> STIX or MISP -> pack, through the real importers: nothing is lost that the losses do not name."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from tests.exports.packs.kit import RULES, body, everything, exported, known, packs, row

from nachsorge.model.pack import Indicator, Pack, Rule
from nachsorge.model.words import IndicatorType, Polarity, Role, Tlp, Verification
from nachsorge.packs.adhoc import _EXPORTED, pack_of
from nachsorge.packs.importers import choose
from nachsorge.packs.importers.listing import listing_of
from nachsorge.packs.library import shipped
from nachsorge.packs.load import load_pack

if TYPE_CHECKING:
    from nachsorge.exports.packs.seams import Written
    from nachsorge.packs.importers import Listing

FORMATS = ("stix", "misp")
ENDINGS = {"stix": ".json", "misp": ".json"}
FOLDERS = {each.id: each.folder for each in shipped()}


def read(name: str, text: str) -> Listing:
    """Read as anybody's file: the importer is found by the content alone."""
    importer = choose(text.encode(), f"a{ENDINGS[name]}")
    assert importer is not None
    assert importer.name == name
    return listing_of(importer, text.encode())


def sent(name: str, incident: Pack) -> tuple[Written, Pack]:
    written = exported(name, incident, most=Tlp.RED)
    return written, pack_of(read(name, body(written)).found(), "back", "0" * 64)


def key(indicator: Indicator) -> tuple[Any, ...]:
    return indicator.type, indicator.value, indicator.trace, indicator.platform


def leaves(incident: Pack, indicator: Indicator) -> bool:
    if not indicator.drives:
        return False
    trace = incident.traces_by_id[indicator.trace]
    return trace.polarity is not Polarity.REFUTES and trace.digest_of is None


def unnamed(written: Written, before: Indicator | Rule, after: Any) -> list[str]:
    """Give the fields that differ without a loss that names row and field."""
    what = f"{before.type} {before.value}" if isinstance(before, Indicator) else f"{before.engine} rule {before.id}"
    whys = [loss.why for loss in written.losses if loss.what == what]
    out = []
    for each in fields(before):
        name, field = each.name.rstrip("s").replace("_", "-"), each.name
        same = getattr(before, field) == getattr(after, field)
        if not same and not any(why.startswith(name) or ("one moment" in why and "valid" in name) for why in whys):
            out.append(field)
    return out


def held_to(incident: Pack, written: Written, back: Pack) -> None:
    """Compare all that leaves: rows, the trace and stage of each, rules."""
    ours = {key(each): each for each in incident.indicators if leaves(incident, each)}
    theirs = {key(each): each for each in back.indicators}
    assert set(theirs) == set(ours)
    assert not [(each.value, wrong) for each in ours.values() if (wrong := unnamed(written, each, theirs[key(each)]))]
    used = {each.trace for each in ours.values()} | {rule.trace for rule in incident.rules}
    assert {trace.id for trace in back.traces} == used
    for trace in back.traces:
        before = incident.traces_by_id[trace.id]
        assert (trace.weight, trace.stage) == (before.weight, before.stage)
        assert back.stages_by_id[trace.stage].rung is incident.stages_by_id[before.stage].rung
    rules = {(each.engine, each.id): each for each in back.rules}
    assert set(rules) == {(each.engine, each.id) for each in incident.rules}
    for rule in incident.rules:
        # The place is that in the pack's folder; a file without folders has none.
        assert not unnamed(written, replace(rule, place=""), rules[rule.engine, rule.id])


@pytest.mark.parametrize("name", FORMATS)
@given(incident=packs())
def test_a_pack_comes_back_as_it_left(name: str, incident: Pack) -> None:
    held_to(incident, *sent(name, incident))


@pytest.mark.parametrize("name", FORMATS)
def test_every_type_and_both_engines_come_back(name: str) -> None:
    incident = everything()
    written, back = sent(name, incident)
    held_to(incident, written, back)
    assert len(back.rules) == len(RULES)
    assert {each.type for each in back.indicators} == set(IndicatorType)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("pack", sorted(FOLDERS))
def test_a_shipped_pack_comes_back_as_it_left(name: str, pack: str) -> None:
    incident = load_pack(FOLDERS[pack])
    written, back = sent(name, incident)
    held_to(incident, written, back)
    assert not [each for each in back.not_understood if "none (" in each or "cannot be" in each]


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_is_ruled_out_by_a_pack_that_lost_its_needs(name: str) -> None:
    # Needs, exposures and stored times stay behind (and are named), so no stage of that name may be ruled out.
    written, back = sent(name, known(row(IndicatorType.DOMAIN, "c2.example")))
    assert any("stages" in loss.what and "needs" in loss.what for loss in written.losses)
    assert [stage.never for stage in back.stages] == [_EXPORTED]


def changed(name: str, incident: Pack, old: str, new: str) -> tuple[Pack, Listing]:
    text = body(exported(name, incident, most=Tlp.RED))
    assert old in text
    listing = read(name, text.replace(old, new))
    return pack_of(listing.found(), "back", "0" * 64), listing


C2 = row(IndicatorType.DOMAIN, "c2.example", note="n", role=Role.ABUSED_LEGITIMATE)


def test_a_changed_pattern_is_told_and_our_word_taken() -> None:
    back, listing = changed(
        "stix", known(C2), "[domain-name:value = 'c2.example']", "[domain-name:value = 'o.example']"
    )
    assert [each.value for each in back.indicators] == ["c2.example"]
    assert any("while the pattern says" in each for each in listing.not_understood)


@pytest.mark.parametrize(
    ("old", "new"), [("abused-legitimate", "loved"), ('"contacted"', '"somewhere"'), ('"name"', '"\\u0000"')]
)
def test_words_that_are_none_of_ours_make_a_row_anybodys(old: str, new: str) -> None:
    text = body(exported("stix", known(C2), most=Tlp.RED))
    objects = json.loads(text)
    [made] = [each for each in objects["objects"] if each["type"] == "indicator"]
    wrong = {field: json.loads(json.dumps(value).replace(old, new)) for field, value in made.items()}
    listing = read("stix", json.dumps({**objects, "objects": [wrong]}))
    assert [(each.value, each.trace) for each in listing.items] == [("c2.example", "")]
    assert any("words of this program that are none" in each for each in listing.not_understood)


def test_what_was_revoked_since_is_not_looked_for() -> None:
    back, _ = changed("stix", known(C2), '"pattern_type": "stix"', '"revoked": true, "pattern_type": "stix"')
    assert [each.role for each in back.indicators] == [Role.WITHDRAWN]


def test_to_ids_that_was_taken_away_since_is_honoured() -> None:
    two = known(row(IndicatorType.DOMAIN, "c2.example"), C2)
    assert all(each.drives for each in sent("misp", two)[1].indicators)
    back, listing = changed("misp", known(row(IndicatorType.DOMAIN, "c2.example")), '"to_ids": true', '"to_ids": false')
    assert [each.verification for each in back.indicators] == [Verification.UNVERIFIED]
    assert any("to_ids was taken away" in each for each in listing.not_understood)


def test_rules_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nachsorge.packs.importers.collect.MOST_RULES", 1)
    listing = read("stix", body(exported("stix", everything(), most=Tlp.RED)))
    assert len(listing.rules) == 1
    assert listing.lost == 1


@pytest.mark.parametrize("name", FORMATS)
def test_a_rule_that_does_not_compile_is_told_and_not_taken(name: str) -> None:
    broken = replace(RULES[1], text="rule OWN_rule { condition: nonsense }")
    written = exported(name, known(C2, rules=(broken,)), most=Tlp.RED)
    listing = read(name, body(written))
    assert listing.rules == ()
    assert listing.lost >= 1
    assert any("YARA" in each for each in listing.not_understood)
