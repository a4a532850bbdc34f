"""Hashes of an attribute of the asset: by inventory, identity and lease, in every spelling, and never of files."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import pack, stage

from nachsorge.assets.inventory import Inventory, load_inventory
from nachsorge.assets.registry import Registry
from nachsorge.matching.tests import tests_of as compile_tests
from nachsorge.model.assessment import Asset, Sighting, Source
from nachsorge.model.evidence import Identity, Lease, Reading
from nachsorge.model.pack import DigestOf, Indicator, Pack, Trace
from nachsorge.model.times import Span, parse_instant
from nachsorge.model.words import IndicatorType, Role, Standing, Telemetry, Weight
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep
from nachsorge.sweep.digests import INVENTORY, digest_sightings, spelled
from nachsorge.sweep.indexing import IndexOptions, index
from nachsorge.sweep.recall import recall

if TYPE_CHECKING:
    from pathlib import Path

CARD = "02:00:5e:00:53:ab"
SPELLED = {
    "bytes": bytes.fromhex("02005e0053ab"),
    "text": b"02:00:5e:00:53:ab",
    "lower": b"02005e0053ab",
    "upper": b"02005E0053AB",
    "lower-colons": b"02:00:5e:00:53:ab",
    "upper-colons": b"02:00:5E:00:53:AB",
    "lower-hyphens": b"02-00-5e-00-53-ab",
    "upper-hyphens": b"02-00-5E-00-53-AB",
}
KINDS = {IndicatorType.MD5: hashlib.md5, IndicatorType.SHA1: hashlib.sha1, IndicatorType.SHA256: hashlib.sha256}


def incident(
    content: bytes,
    spelling: str = "bytes",
    attribute: str = "mac",
    kind: IndicatorType = IndicatorType.MD5,
    **row: object,
) -> Pack:
    chosen = Trace(
        id="card", stage="chosen", weight=Weight.PROOF, digest_of=DigestOf(attribute=attribute, spelling=spelling)
    )
    indicator = Indicator(type=kind, value=KINDS[kind](content).hexdigest(), trace="card", **row)  # type: ignore[arg-type]
    return pack(stage("chosen", never="no list is complete"), traces=(chosen,), indicators=(indicator,))


def found(of: Pack, inventory: Inventory = Inventory(), *readings: Reading) -> list[Sighting]:  # noqa: B008
    sources = [Source(id=f"e{number}", reading=each) for number, each in enumerate(readings, 1)]
    leases = [lease for each in readings for lease in each.leases]
    registry = Registry(inventory, leases, [one for each in readings for one in each.identities])
    return list(digest_sightings([of], sources, registry, 7))


def declared(card: str = CARD, column: str = "mac") -> Inventory:
    return Inventory((Asset(id="pc1", names=("pc1",), declared=True, attributes={column: card}),))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spelling", SPELLED)
def test_every_spelling_and_algorithm(spelling: str, kind: IndicatorType) -> None:
    [one] = found(incident(SPELLED[spelling], spelling, kind=kind), declared())
    assert (one.id, one.asset, one.source, one.stage, one.weight) == ("s7", "pc1", INVENTORY, "chosen", Weight.PROOF)
    assert one.fields == {"mac": CARD}
    others = {each for each in SPELLED if SPELLED[each] != SPELLED[spelling]}
    assert not any(found(incident(SPELLED[each], spelling, kind=kind), declared()) for each in others)


def test_any_of_several_cards_and_any_column() -> None:
    assert found(incident(SPELLED["bytes"]), declared(f"02:00:00:00:00:01;{CARD}"))
    [one] = found(incident(b"blue", "text", "badge"), declared("red; blue", "badge"))
    assert (one.locator, one.fields) == ("badge blue", {"badge": "blue"})
    assert not found(incident(SPELLED["bytes"], attribute="badge"), declared("not hexadecimal", "badge"))


def test_what_evidence_says_of_a_machine_names_its_source() -> None:
    stated = Reading(path="net.txt", identities=(Identity(names=("pc2",), marks=(f"card:{CARD.upper()}",)),))
    [one] = found(incident(SPELLED["bytes"]), Inventory(), Reading(path="other"), stated)
    assert (one.asset, one.source, one.locator) == ("pc2", "e2", f"card {CARD}")


@pytest.mark.parametrize(("name", "owner"), [("pc3", "pc3"), ("", f"network card {CARD}")])
def test_a_card_that_leased_an_address_is_somebodys_or_an_asset_of_its_own(name: str, owner: str) -> None:
    start = parse_instant("2018-09-01")
    lease = Lease(address="192.0.2.7", host=name, mac="02-00-5E-00-53-AB", span=Span(start, start + 1))
    [one] = found(incident(SPELLED["bytes"]), Inventory(), Reading(path="dhcp.log", leases=(lease, lease)))
    assert (one.asset, one.telemetry, one.time, one.locator) == (owner, Telemetry.DHCP, start, "lease of 192.0.2.7")


def test_the_same_card_of_the_inventory_and_of_a_lease_counts_once() -> None:
    lease = Lease(address="192.0.2.7", host="", mac=CARD)
    [one] = found(incident(SPELLED["bytes"]), declared(), Reading(path="dhcp.log", leases=(lease,)))
    assert one.asset == "pc1"


def test_rows_that_drive_nothing_are_not_looked_for() -> None:
    assert not found(incident(SPELLED["bytes"], role=Role.WITHDRAWN), declared())


def test_such_a_hash_is_never_looked_for_in_files() -> None:
    assert list(compile_tests([incident(SPELLED["bytes"])])) == []


@given(st.text(max_size=30), st.sampled_from(sorted(SPELLED)))
def test_any_text_has_a_spelling_or_none(text: str, spelling: str) -> None:
    content = spelled(text, spelling)
    assert content is None or isinstance(content, bytes)
    assert content is not None or spelling == "bytes"


def test_a_host_of_the_published_table_is_shown_as_targeted_and_not_as_compromised(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "dhcp.csv").write_text(
        "time,host,message\n2018-09-01T08:00:00Z,pc1,made\n", encoding="utf-8"
    )
    hosts = tmp_path / "hosts.csv"
    hosts.write_text(
        "asset,platform,mac\npc1,windows,00:50:56:C0:00:08\npc2,windows,02:00:00:00:00:01\n", encoding="utf-8"
    )
    judged = sweep([resolve("shadowhammer-2018")], [str(tmp_path / "evidence")], load_inventory(hosts), Options(jobs=1))
    standings = {row.asset.id: {cell.stage: cell.standing for cell in row.cells} for row in judged.assets}
    assert standings["pc1"]["targeted"] is Standing.SUSPECTED
    assert standings["pc2"]["targeted"] is Standing.OPEN
    assert [(each.source, each.trace) for each in judged.sightings] == [(INVENTORY, "shared-card")]
    index([str(tmp_path / "evidence")], tmp_path / "index", IndexOptions(jobs=1))
    kept = recall([resolve("shadowhammer-2018")], tmp_path / "index", load_inventory(hosts), Options(jobs=1))
    assert kept.sightings == judged.sightings
