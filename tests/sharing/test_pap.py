"""What may be done with it: the PAP of a pack, of its rows, and of what is made of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.cli.inside import run
from tests.exports.packs.kit import AT, RULES, known, row
from tests.sharing import planted
from tests.sharing.marking_check import PAP

from nachsorge.cert.desk.choose import choose
from nachsorge.exports.packs import exporter
from nachsorge.exports.packs.release import Terms, select
from nachsorge.model.labels import Label, Pap
from nachsorge.model.words import IndicatorType, Rung, Tlp
from nachsorge.packs.adhoc import load_indicator_file
from nachsorge.packs.load import load_pack
from nachsorge.sharing.inherit import of_pack
from nachsorge.sharing.terms import For, terms

if TYPE_CHECKING:
    from pathlib import Path

RANK = (Pap.CLEAR, Pap.GREEN, Pap.AMBER, Pap.RED)


@pytest.mark.parametrize("own", [*Pap, None])
@pytest.mark.parametrize("whole", Pap)
def test_rows_inherit_the_packs_and_may_say_their_own(tmp_path: Path, whole: Pap, own: Pap | None) -> None:
    found = load_pack(planted.pack(tmp_path / "planted", "GREEN", pap=whole, row_pap=own or ""))
    assert found.pap is whole
    assert {each.pap for each in found.indicators} == {own or whole}
    assert of_pack(found).pap is max(whole, own or whole, key=RANK.index)


def test_a_pack_that_says_none_is_green(tmp_path: Path) -> None:
    folder = planted.pack(tmp_path / "planted", "GREEN")
    text = (folder / "pack.yaml").read_text()
    (folder / "pack.yaml").write_text(text.replace("pap: GREEN\n", ""))
    assert load_pack(folder).pap is Pap.GREEN


@pytest.mark.parametrize("pap", Pap)
def test_every_object_of_an_export_carries_it(pap: Pap) -> None:
    incident = replace(known(row(IndicatorType.DOMAIN, "a.example", pap=pap), rules=RULES), pap=pap)
    chosen = select(incident, Terms(decide=terms(For.ME, incident.id), at=AT), blocks=False)
    assert (chosen.label, chosen.pap) == (Tlp.CLEAR, pap)
    made = {name: exporter(name).write(chosen).files[0].content for name in ("stix", "misp", "suricata")}
    bundle = json.loads(made["stix"])["objects"]
    for one in bundle:
        refs = [ref.partition("--")[2] for ref in one.get("object_marking_refs", ())]
        marked = [PAP[ref] for ref in refs if ref in PAP]
        assert one["type"] == "marking-definition" or marked == ([] if pap is Pap.GREEN else [pap.lower()])
    event = json.loads(made["misp"])["Event"]
    for one in (event, *event["Attribute"]):
        tags = [tag["name"] for tag in one["Tag"] if tag["name"].startswith("PAP:")]
        assert tags == ([] if pap is Pap.GREEN else [f"PAP:{pap}"])
    assert f"PAP:{pap}".encode() in made["suricata"]


def test_one_strict_row_does_not_make_the_others_strict_when_read_back(tmp_path: Path) -> None:
    rows = [row(IndicatorType.DOMAIN, f"{pap.lower()}.example", pap=pap) for pap in Pap]
    chosen = select(known(*rows), Terms(decide=terms(For.ME, "made-2026"), at=AT), blocks=False)
    place = tmp_path / "event.json"
    place.write_bytes(exporter("misp").write(chosen).files[0].content)
    back = load_indicator_file(place)
    assert {each.value.partition(".")[0].upper(): each.pap for each in back.indicators} == {p.value: p for p in Pap}
    assert back.pap is Pap.RED, "the whole has the strictest"


def test_what_an_event_says_holds_for_its_attributes(tmp_path: Path) -> None:
    attribute = {"type": "domain", "category": "Network activity", "value": "a.example", "to_ids": True}
    event = {"info": "x", "Tag": [{"name": "PAP:RED"}, {"name": "tlp:amber"}], "Attribute": [attribute]}
    (tmp_path / "event.json").write_text(json.dumps({"Event": event}))
    assert [each.pap for each in load_indicator_file(tmp_path / "event.json").indicators] == [Pap.RED]


@pytest.mark.parametrize("pap", Pap)
def test_the_desk_gives_nothing_as_freer_than_its_pack_says(pap: Pap) -> None:
    rows = [row(IndicatorType.DOMAIN, "a.example", "there", pap=pap), row(IndicatorType.DOMAIN, "b.example", "there")]
    chosen = choose(known(*rows), Rung.EXPOSED, lambda label: "", Pap.AMBER)
    kept = {each.value for each in chosen.indicators}
    assert ("a.example" in kept) == (pap is not Pap.RED), "above what the recipient may get"
    assert RANK.index(chosen.label.pap) >= (RANK.index(pap) if pap is Pap.AMBER else 0)


def test_a_report_carries_it(tmp_path: Path) -> None:
    pack, (log, hosts) = planted.pack(tmp_path / "p", "CLEAR", pap="RED"), planted.evidence(tmp_path)
    done = run("check", pack, log, "--inventory", hosts, "--html", tmp_path / "r.html", "--json", tmp_path / "a.json")
    assert done.stdout.rstrip().endswith(str(Label(Tlp.AMBER_STRICT, Pap.RED)))
    assert '<p class="pap">PAP:RED</p>' in (tmp_path / "r.html").read_text()
    document = json.loads((tmp_path / "a.json").read_text())
    assert document["pap"] == document["packs"][0]["pap"] == document["sightings"][0]["pap"] == "RED"
