"""Rules that come with reports become rules of the pack; an exported pack comes back by `pack import` as it left."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from tests.exports.packs.kit import RULES, body, everything, exported, known, packs, row
from tests.exports.packs.test_round_trip import leaves
from tests.packs.importers.samples import pattern

from nachsorge.errors import PackError
from nachsorge.model.words import IndicatorType, Platform, Rung, Tlp, Weight
from nachsorge.packs.intake import Reading
from nachsorge.packs.intake_run import Result, Wishes, run
from nachsorge.packs.library import resolve
from nachsorge.packs.load import load_pack
from nachsorge.packs.merge import key

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.model.pack import Pack

KEPT = ("trace", "role", "platform", "valid_from", "valid_until", "size", "memory_only", "tlp", "pap")
SIGMA = """title: made
id: 6d6f2c0e-0000-4000-8000-000000000001
logsource: {category: dns_query}
detection: {a: {QueryName: x.example}, condition: a}
"""
YARA = 'rule made_{0} {{ strings: $a = "made{0}" condition: $a }}\n'


def imported(folder: Path, *reports: Path, into: str = "made-2026") -> Result:
    return run(reports, folder / into, Reading(), Wishes(), lambda _: None)


def bundle(folder: Path, *objects: dict[str, object]) -> Path:
    path = folder / "bundle.json"
    path.write_text(json.dumps({"type": "bundle", "id": "bundle--1", "objects": objects}), encoding="utf-8")
    return path


def sent(name: str, incident: Pack, folder: Path) -> tuple[Pack, Result]:
    path = folder / f"{name}.json"
    path.write_text(body(exported(name, incident, most=Tlp.RED)), encoding="utf-8")
    result = imported(folder, path, into=incident.id)
    return load_pack(folder / incident.id), result


@pytest.mark.parametrize("name", ["stix", "misp"])
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(incident=packs())
def test_an_exported_pack_is_imported_as_it_left(
    name: str, incident: Pack, tmp_path_factory: pytest.TempPathFactory
) -> None:
    incident = replace(incident, id="made-2026")
    back, result = sent(name, incident, tmp_path_factory.mktemp("sent"))
    told = "\n".join(result.intake.not_understood)
    rules = {(each.engine, each.id): each for each in back.rules}
    for rule in incident.rules:
        assert (rule.engine, rule.id) in rules
        assert rules[rule.engine, rule.id].text.strip() == rule.text.strip()
        trace = rules[rule.engine, rule.id].trace
        before = incident.traces_by_id[rule.trace]
        assert trace == rule.trace or f"the trace {rule.trace!r} is lost" in told
        assert back.traces_by_id[trace].stage == before.stage
    ours = [each for each in incident.indicators if leaves(incident, each)]
    theirs = {(each.type, key(each.type, each.value)): each for each in back.indicators if each.drives}
    for each in ours:
        found = theirs.get((each.type, key(each.type, each.value)))
        if found is None:  # a twin of a bare name, which stands for it
            assert each.value.startswith("www.")
            continue
        rows = [one for one in ours if (one.type, key(one.type, one.value)) == (each.type, key(each.type, each.value))]
        if len(rows) > 1:
            # A table made of reports has one row a value: it is as wide as the widest, and the traces are told.
            assert found.platform in (None, each.platform)
            assert len({one.trace for one in rows}) == 1 or f"{each.type} {each.value}: stands on" in told
            continue
        assert [name for name in KEPT if getattr(found, name) != getattr(each, name)] == []
        assert back.traces_by_id[found.trace].stage == incident.traces_by_id[each.trace].stage


@pytest.mark.parametrize("name", ["stix", "misp"])
def test_both_engines_come_back_on_their_stage(name: str, tmp_path: Path) -> None:
    incident = replace(everything(), id="made-2026")
    back, result = sent(name, incident, tmp_path)
    assert {(each.engine, each.id) for each in back.rules} == {(each.engine, each.id) for each in RULES}
    assert len(result.rules) == len(RULES)
    for rule in RULES:
        stage = incident.traces_by_id[rule.trace].stage
        [again] = [each for each in back.rules if each.id == rule.id]
        assert back.traces_by_id[again.trace].stage == stage
        assert back.stages_by_id[stage].rung is incident.stages_by_id[stage].rung


def test_a_second_import_changes_nothing(tmp_path: Path) -> None:
    incident = replace(everything(), id="made-2026")
    first, _ = sent("stix", incident, tmp_path)
    again, result = sent("stix", incident, tmp_path)
    assert (again.indicators, again.rules, again.stages) == (first.indicators, first.rules, first.stages)
    assert result.new == []


def test_rules_of_others_within_a_bundle_are_written_and_are_hints(tmp_path: Path) -> None:
    path = bundle(
        tmp_path,
        pattern(SIGMA, pattern_type="sigma"),
        pattern(YARA.format(1), pattern_type="yara"),
        pattern("[domain-name:value = 'a.example']"),
    )
    result = imported(tmp_path, path)
    pack = load_pack(tmp_path / "made-2026")
    assert {each.engine for each in pack.rules} == {"sigma", "yara"}
    assert {pack.traces_by_id[each.trace].weight for each in pack.rules} == {Weight.HINT}
    assert len([each for each in result.written if each.startswith("rules/imported/bundle/")]) == 2
    whole = resolve(str(path))
    assert {each.engine for each in whole.rules} == {"sigma", "yara"}
    [generic] = [stage for stage in whole.stages if stage.id == "generic-rule"]
    assert generic.rung is Rung.HANDS_ON
    assert len(generic.needs) == 2


def test_files_of_one_name_in_two_folders_are_both_kept(tmp_path: Path) -> None:
    for number in (1, 2):
        folder = tmp_path / "rules" / str(number)
        folder.mkdir(parents=True)
        (folder / "a.yar").write_text(YARA.format(number), encoding="utf-8")
    result = imported(tmp_path, tmp_path / "rules")
    assert sorted(each.id for each in load_pack(tmp_path / "made-2026").rules) == ["made_1", "made_2"]
    assert "rules/imported/rules/1/a.yar" in result.written


def test_a_folder_may_hold_lists_beside_rules(tmp_path: Path) -> None:
    folder = tmp_path / "handed"
    folder.mkdir()
    (folder / "a.yar").write_text(YARA.format(1), encoding="utf-8")
    (folder / "iocs.csv").write_text("type,value\ndomain,c2.example\n", encoding="utf-8")
    (folder / "README.md").write_text("# words\n\nc3.example is mentioned in this text here.\n", encoding="utf-8")
    result = imported(tmp_path, folder)
    pack = load_pack(tmp_path / "made-2026")
    assert ([each.value for each in pack.indicators], len(pack.rules)) == (["c2.example"], 1)
    assert [each for each in result.intake.not_understood if "README.md: neither rules nor surely a list" in each]


def test_a_rule_of_the_same_id_with_another_text_is_told_and_not_taken(tmp_path: Path) -> None:
    first = bundle(tmp_path, pattern(YARA.format(1), pattern_type="yara"))
    imported(tmp_path, first)
    other = bundle(tmp_path, pattern('rule made_1 { strings: $a = "other" condition: $a }', pattern_type="yara"))
    result = imported(tmp_path, other)
    [rule] = load_pack(tmp_path / "made-2026").rules
    assert '"made1"' in rule.text
    assert any("another text: not taken" in each for each in result.intake.not_understood)


def test_the_folder_of_a_pack_is_no_report(tmp_path: Path) -> None:
    imported(tmp_path, bundle(tmp_path, pattern("[domain-name:value = 'a.example']")))
    with pytest.raises(PackError, match="is a pack, not a report"):
        imported(tmp_path, tmp_path / "made-2026", into="other-2026")


def test_what_narrows_a_value_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "type,value,platform,valid_from,valid_until,memory_only,size\n"
        f"sha256,{'ab' * 32},macos,2026-01-01,2026-02-01,true,4096\n",
        encoding="utf-8",
    )
    imported(tmp_path, path)
    [made] = load_pack(tmp_path / "made-2026").indicators
    assert (made.platform, made.memory_only, made.size) == (Platform.MACOS, True, 4096)
    assert made.valid_from is not None
    assert made.valid_until is not None


@pytest.mark.parametrize("stage", ["{x", "a: b", "ein satz", "UPPER"])
def test_a_stage_that_no_pack_could_have_is_no_home(stage: str, tmp_path: Path) -> None:
    text = body(exported("stix", known(row(IndicatorType.DOMAIN, "c2.example")), most=Tlp.RED))
    objects = json.loads(text)
    for each in objects["objects"]:
        if "x_nachsorge_stage" in each:
            each["x_nachsorge_stage"] = stage
    path = tmp_path / "a.json"
    path.write_text(json.dumps(objects), encoding="utf-8")
    imported(tmp_path, path)
    assert [each.id for each in load_pack(tmp_path / "made-2026").stages] == ["contacted"]
