"""A MISP feed in a folder, and rules, where a pack stands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.packs.importers.samples import MISP, SHA256

from nachsorge.errors import PackError
from nachsorge.packs.library import resolve

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def feed(folder: Path, **events: bytes) -> Path:
    (folder / "manifest.json").write_text(json.dumps({ONE: {}, TWO: {}}), encoding="utf-8")
    for name, content in events.items():
        (folder / f"{name.removeprefix('e')}.json").write_bytes(content)
    return folder


def test_a_feed_is_one_pack_with_places_in_its_events(tmp_path: Path) -> None:
    event = {"Event": {"info": "x", "Attribute": [{"type": "domain", "value": "other.example", "to_ids": True}]}}
    pack = resolve(str(feed(tmp_path, **{f"e{ONE}": MISP, f"e{TWO}": json.dumps(event).encode()})))
    assert {each.value for each in pack.indicators if each.drives} >= {"c2.example", "other.example", SHA256}
    assert any(line.startswith(f"{ONE}.json: line ") for line in pack.not_understood)


def test_a_missing_or_broken_event_is_told_and_keeps_the_stage_open(tmp_path: Path) -> None:
    pack = resolve(str(feed(tmp_path, **{f"e{ONE}": MISP[: MISP.index(b"cdn.example")]})))
    assert f"{TWO}.json: named in the manifest, but not there" in pack.not_understood
    assert any("PARTIAL" in line for line in pack.not_understood)
    assert pack.stages[0].never


@pytest.mark.parametrize("manifest", [b"{", b"[]", b'{"../../etc/passwd": {}}', b"[" * 100_000])
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, manifest: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(manifest)
    with pytest.raises(PackError):
        resolve(str(tmp_path))


def test_a_file_and_a_folder_of_rules_stand_for_a_pack(tmp_path: Path) -> None:
    (tmp_path / "made.yar").write_text('rule made { strings: $a = "marker" condition: $a }', encoding="utf-8")
    assert [rule.id for rule in resolve(str(tmp_path / "made.yar")).rules] == ["made"]
    assert [rule.id for rule in resolve(str(tmp_path)).rules] == ["made"]
