"""What no reader knows of a Mac, a Linux host or a browser is an entry in the result, and never clears anything."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from nachsorge.assets.inventory import Inventory
from nachsorge.evidence.databases import serialised
from nachsorge.model.words import Status
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.model.assessment import Assessment

BINARY = {
    "Applications/X.app/Contents/_MASReceipt/receipt": bytes.fromhex("3082146a06092a864886f70d010702a0") + bytes(200),
    "Users/kim/Library/Biome/streams/restricted/App.InFocus/local/7": b"SEGB\1\0\0\0" + bytes(24) + b"com.x\0" * 9,
    "var/audit/20230329": struct.pack(">BIBHHII", 0x14, 56, 11, 45029, 0, 1_680_000_000, 0) + bytes(40),
    "Users/kim/Content.IE5/index.dat": b"Client UrlCache MMF Ver 5.2\0" + bytes(4000),
    "Users/kim/Default/Cookies": serialised("CREATE TABLE cookies (host_key TEXT, value TEXT)"),
}
TEXTS = {
    "var/log/apt/term.log": b"Log started: 2023-03-29  10:00:00\nSelecting unselected package evil.example.\n",
    "etc/systemd/system/x.target": b"[Unit]\nDescription=evil.example\nWants=network.target\n",
    "var/log/wifi.log": b"Wed Mar 29 10:00:00.222 <airportd[88]> joined evil.example\n" * 3,
}


def look(tmp_path: Path, name: str, body: bytes) -> Assessment:
    indicators = tmp_path / "list.csv"
    indicators.write_text("type,value\ndomain,evil.example\n")
    place = tmp_path / "case" / name
    place.parent.mkdir(parents=True)
    place.write_bytes(body)
    return sweep([resolve(str(indicators))], [str(tmp_path / "case")], Inventory(), Options(jobs=1))


@pytest.mark.parametrize("name", BINARY)
def test_a_binary_file_that_no_reader_knows_is_listed_and_nobody_is_cleared(tmp_path: Path, name: str) -> None:
    found = look(tmp_path, name, BINARY[name])
    (source,) = found.sources
    assert source.reading.status is Status.UNKNOWN_FORMAT
    assert "only name, hash and YARA rules were compared" in source.reading.note
    assert found.summary.exit == 3 and not found.sightings


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_that_no_reader_knows_is_searched_and_covers_nothing(tmp_path: Path, name: str) -> None:
    found = look(tmp_path, name, TEXTS[name])
    (source,) = found.sources
    assert source.reading.status is Status.UNKNOWN_FORMAT
    assert "searched as text, covers nothing" in source.reading.note
    assert found.sightings and all(not seen.spans for seen in source.reading.seen)
