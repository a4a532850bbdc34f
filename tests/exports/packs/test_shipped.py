"""Every shipped pack leaves in every format: what is not in the files is named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yara_x
from pymisp import MISPEvent
from stix2validator import ValidationOptions, validate_string  # type: ignore[import-untyped]
from tests.exports.packs.kit import body, exported, program, run, save

from nachsorge.exports.packs import EXPORTERS
from nachsorge.packs.library import shipped
from nachsorge.packs.load import load_pack

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = {each.id: each.folder for each in shipped()}
WHOLE = ("stix", "misp", "csv")
"""Formats with a place for every row."""


@pytest.mark.parametrize("pack", sorted(FOLDERS))
def test_a_shipped_pack_leaves_in_every_format(pack: str) -> None:
    incident = load_pack(FOLDERS[pack])
    for exporter in EXPORTERS:
        written = exported(exporter.name, incident)
        text = body(written)
        assert written.losses, exporter.name
        named = {loss.what for loss in written.losses}
        assert any("stages" in each for each in named), exporter.name
        for rule in incident.rules:
            there = any(word in text for word in (rule.id, rule.title))
            assert there or f"{rule.engine} rule {rule.id}" in named or any(rule.id in each for each in named)
        if exporter.name in WHOLE:
            digests = {trace.id for trace in incident.traces if trace.digest_of is not None}
            rows = [i for i in incident.indicators if i.drives and i.trace not in digests]
            assert all(i.value.split("\\")[-1] in text or f"{i.type} {i.value}" in named for i in rows)


@pytest.mark.parametrize("pack", sorted(FOLDERS))
def test_the_consumers_take_what_a_shipped_pack_gives(pack: str, tmp_path: Path) -> None:
    suricata, checkzone = program("suricata"), program("named-checkzone")
    incident = load_pack(FOLDERS[pack])
    # The validator takes a fiftieth of a second an object: of long tables it gets some rows, of all kinds and traces.
    some = replace(incident, indicators=tuple(incident.indicators)[:: len(incident.indicators) // 40 + 1])
    assert validate_string(body(exported("stix", some)), ValidationOptions(version="2.1")).is_valid
    event = MISPEvent()
    event.from_json(body(exported("misp", incident)))
    assert len(event.attributes) >= len(incident.rules)
    yara_x.compile(body(exported("yara", incident)))
    zone = run(checkzone, "rpz.nachsorge.invalid", str(save(exported("rpz", incident), tmp_path)))
    assert zone.returncode == 0, zone.stdout
    rules = save(exported("suricata", incident), tmp_path)
    told = run(suricata, "-T", "-S", str(rules), "-l", str(tmp_path), "--set", f"default-rule-path={tmp_path}")
    assert told.returncode == 0, told.stdout + told.stderr
