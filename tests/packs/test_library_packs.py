"""Every shipped pack against its own samples: it loads, finds what it should, is quiet where it should be."""

from __future__ import annotations

import csv
from functools import lru_cache
from typing import TYPE_CHECKING

import pytest
from ruamel.yaml import YAML

from nachsorge.model.words import IndicatorType, Standing, Status, Telemetry, Verification
from nachsorge.packs.library import shipped
from nachsorge.packs.lint import lint
from nachsorge.packs.load import load_pack
from nachsorge.sweep import Options, sweep
from nachsorge.sweep.pack_samples import run_pack_test, sample_inventory

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.model.assessment import Assessment, Judged, Sighting
    from nachsorge.model.pack import Pack

FOLDERS = {each.id: each.folder for each in shipped()}
SAMPLED = sorted(FOLDERS)
PARTS = ("hit", "clean")
TOLD = (Standing.SHOWN, Standing.SUSPECTED, Standing.RULED_OUT)
PROCESS_LOG_CLEARS = {
    "ua-parser-js-2021": "installed",
    "nx-s1ngularity-2025": "ran",
    "axios-2026": "dropped",
    "shai-hulud-2025": "ran",
    "mini-shai-hulud-2026": "ran",
    "keyv-2026": "ran",
}
"""The stages of package cases that process events rule out: only command lines can show them."""


@lru_cache(maxsize=64)
def pack_of(name: str) -> Pack:
    return load_pack(FOLDERS[name])


@lru_cache(maxsize=64)
def swept(name: str, part: str) -> Assessment:
    evidence, declared = FOLDERS[name] / "samples" / part, sample_inventory(FOLDERS[name], part)
    return sweep([pack_of(name)], [str(evidence)], declared, Options(jobs=1))


def expected(name: str) -> dict[str, dict[str, dict[str, list[str]]]]:
    text = (FOLDERS[name] / "samples" / "expected.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, dict[str, list[str]]]] = YAML(typ="safe", pure=True).load(text)
    return found


def standings(row: Judged) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for cell in row.cells:
        if cell.standing in TOLD:
            out.setdefault(cell.standing.value, []).append(cell.stage)
    return out


def booked(folder: Path) -> set[tuple[str, ...]]:
    with (folder / "samples" / "values.csv").open(encoding="utf-8", newline="") as file:
        return {tuple(row[name] for name in ("type", "value", "trace", "platform")) for row in csv.DictReader(file)}


def test_the_library_holds_the_cases_that_it_promises() -> None:
    assert {"3cx-2023", "x-trader-2022", "shai-hulud-2025", "xz-2024", "sunburst-2020"} <= set(FOLDERS)
    assert len(SAMPLED) >= 22


@pytest.mark.parametrize("name", SAMPLED)
def test_a_pack_keeps_its_word(name: str) -> None:
    """What `nachsorge pack test` says of every shipped pack: samples, rules, every single value, the changelog."""
    found = run_pack_test(FOLDERS[name], Options(jobs=1))
    assert [str(problem) for problem in found.problems] == []
    assert found.values == len({(i.type, i.value) for i in pack_of(name).indicators if i.drives})
    assert found.rules == len(pack_of(name).rules)


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_a_pack_lints_clean(name: str) -> None:
    assert lint(FOLDERS[name]) == []


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", SAMPLED)
def test_the_samples_show_what_is_expected(name: str, part: str) -> None:
    prefix = f"{FOLDERS[name] / 'samples' / part}/"
    seen = {row.asset.id.removeprefix(prefix): standings(row) for row in swept(name, part).assets}
    assert seen == {asset: stages or {} for asset, stages in expected(name)[part].items()}


@pytest.mark.parametrize("name", SAMPLED)
def test_every_rule_fires_on_something(name: str) -> None:
    met = {sighting.indicator for sighting in swept(name, "hit").sightings}
    assert {rule.id for rule in pack_of(name).rules} <= met


@pytest.mark.parametrize("name", SAMPLED)
def test_nothing_fires_on_what_is_clean(name: str) -> None:
    assert [(s.indicator, s.source, s.locator) for s in swept(name, "clean").sightings] == []


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", SAMPLED)
def test_the_samples_are_read_whole(name: str, part: str) -> None:
    found = swept(name, part)
    whole = {Status.READ, Status.UNKNOWN_FORMAT}
    assert found.sources
    assert {source.reading.status for source in found.sources} <= whole
    assert all(control.seen for control in found.controls)


@pytest.mark.parametrize("name", SAMPLED)
def test_almost_every_trace_is_seen_in_the_samples(name: str) -> None:
    seen = {sighting.trace for sighting in swept(name, "hit").sightings}
    # A file cannot be made for the hash of malware; such a trace is tried by the list of values.
    by_hash = {IndicatorType.SHA256, IndicatorType.SHA1, IndicatorType.MD5}
    hashed = {i.trace for i in pack_of(name).indicators if i.type in by_hash}
    assert {trace.id for trace in pack_of(name).traces} - seen <= hashed


@pytest.mark.parametrize("name", SAMPLED)
def test_the_list_of_values_is_that_of_the_pack(name: str) -> None:
    rows = [i for i in pack_of(name).indicators if i.drives]
    assert booked(FOLDERS[name]) == {(i.type.value, i.value, i.trace, i.platform or "") for i in rows}
    assert len(booked(FOLDERS[name])) == len(rows)


@pytest.mark.parametrize("name", SAMPLED)
def test_a_pack_says_who_said_what_and_what_to_do(name: str) -> None:
    pack = pack_of(name)
    sources = {source.id for source in pack.sources}
    assert all(i.first_source in sources for i in pack.indicators if i.drives or i.first_source)
    assert all(i.verification is not Verification.UNVERIFIED for i in pack.indicators)
    assert [each.id for each in pack.sources if not (each.date and each.where and each.licence)] == []
    assert pack.summary and pack.summary_de and pack.title_de
    assert pack.claims and pack.attributions and pack.hypotheses and pack.closing and pack.steps
    assert all(stage.title_de for stage in pack.stages)
    assert all(step.minutes > 0 and step.title_de for step in pack.steps)
    readme = (FOLDERS[name] / "README.md").read_text(encoding="utf-8")
    assert f"nachsorge check {name} " in readme and "## What the pack cannot tell" in readme and "## Deutsch" in readme


@pytest.mark.parametrize("name", SAMPLED)
def test_related_packs_are_packs(name: str) -> None:
    assert set(pack_of(name).related) <= set(FOLDERS)


@pytest.mark.parametrize("name", SAMPLED)
def test_build_logs_and_lists_of_the_present_clear_nothing_of_the_past(name: str) -> None:
    # A folder of build logs never says that it is complete; an inventory shows one moment.
    for stage in pack_of(name).stages:
        for option in (option for need in stage.needs for option in need.any_of):
            assert Telemetry.CI_LOG not in option.telemetry
            assert Telemetry.PROGRAM_EXECUTION not in option.telemetry


@pytest.mark.parametrize(("name", "stage"), PROCESS_LOG_CLEARS.items())
def test_a_process_log_without_command_lines_does_not_clear(name: str, stage: str) -> None:
    unrecorded = {"node-unrecorded", "start-unrecorded"}
    rows = [row for row in swept(name, "hit").assets if set() < {s.trace for s in _of(name, row)} <= unrecorded]
    assert rows
    assert all(stage in standings(row).get("suspected", ()) for row in rows)


def _of(name: str, row: Judged) -> list[Sighting]:
    return [each for each in swept(name, "hit").sightings if each.asset == row.asset.id]
