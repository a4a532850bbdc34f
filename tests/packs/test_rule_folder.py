"""A folder of generic rules: everything in it is a rule, or is listed with its file, its line and the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nachsorge.errors import PackError
from nachsorge.model.words import Telemetry, Weight
from nachsorge.packs.load import load_pack
from nachsorge.packs.new import new_pack
from nachsorge.packs.rule_folder import load_rule_folder, rules_in

if TYPE_CHECKING:
    from pathlib import Path

SIGMA = """\
title: {title}
id: {id}
author: A. Nyone
references:
  - https://rules.example/1
logsource: {{category: {category}, product: windows}}
detection:
  sel: {{Image: evil}}
  condition: sel
"""
YARA = """\
rule first { meta: author = "A. Nyone" reference = "https://rules.example/2" condition: true }
rule broken { condition: $nothing }
private rule hidden { condition: true }
rule second { condition: hidden }
"""


def sigma(number: int, category: str = "process_creation") -> str:
    return SIGMA.format(title=f"Rule {number}", id=f"00000000-0000-4000-8000-{number:012}", category=category)


def listed(folder: Path, **files: str) -> list[str]:
    for name, text in files.items():
        path = folder / name.replace("__", ".").replace("_in_", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return rules_in(folder, "t").not_understood


def test_several_documents_a_file_and_folders_in_folders(tmp_path: Path) -> None:
    assert listed(tmp_path, a__yml=f"{sigma(1)}---\n{sigma(2)}", deep_in_b__yaml=sigma(3)) == []
    found = rules_in(tmp_path, "t").rules
    assert [(rule.title, rule.place) for rule in found] == [
        ("Rule 1", "a.yml:1"),
        ("Rule 2", "a.yml:11"),
        ("Rule 3", "deep/b.yaml:1"),
    ]
    assert {(rule.author, rule.reference) for rule in found} == {("A. Nyone", "https://rules.example/1")}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [broken\n", "r.yml:2: no YAML"),
        (f"{sigma(1)}---\nb: 'open\n", "r.yml:12: no YAML"),
        ("- a\n- list\n", "r.yml:1: no Sigma rule: no mapping"),
        ("title: config\n", "r.yml:1: no Sigma rule: no `detection`"),
        (f"{sigma(1)}---\n{sigma(1).replace('evil', 'worse')}", "another rule in r.yml:1"),
        (f"{sigma(1)}---\n{sigma(1)}", "r.yml:11: repeats r.yml:1"),
        ("action: global\n" + sigma(1), "a collection of the old kind"),
    ],
)
def test_what_is_no_rule_is_listed_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    [line] = listed(tmp_path, r__yml=text)
    assert told in line


def test_a_file_that_is_no_text_is_listed(tmp_path: Path) -> None:
    (tmp_path / "r.yml").write_bytes(b"title: \xff\xfe")
    assert "not UTF-8" in listed(tmp_path)[0]


def test_a_broken_yara_rule_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    assert listed(tmp_path, r__yar=YARA) == ["r.yar:2: YARA: unknown pattern `$nothing`"]
    found = rules_in(tmp_path, "t").rules
    assert [(rule.id, rule.place, rule.author, rule.reference) for rule in found] == [
        ("first", "r.yar:1", "A. Nyone", "https://rules.example/2"),
        ("second", "r.yar:4", "author not stated", ""),
    ]


def test_includes_are_followed_within_the_folder_only(tmp_path: Path) -> None:
    outside = tmp_path / "secret.yar"
    outside.write_text("rule secret { condition: true }")
    folder = tmp_path / "rules"
    lost = listed(
        folder,
        a__yar='include "parts/b.inc"\nrule user { condition: base }\n',
        parts_in_b__inc="rule base { condition: true }",
        c__yar='include "../secret.yar"\n',
        d__yar='include "missing.yar"\n',
        e__yar='include "e.yar"\n',
    )
    assert [line.split(",")[0] for line in lost] == [
        "c.yar: YARA: includes '../secret.yar'",
        "d.yar: YARA: includes 'missing.yar'",
        "e.yar: YARA: includes go deeper than 8 files",
    ]
    assert [rule.id for rule in rules_in(folder, "t").rules] == ["user"]


def test_the_pack_is_a_hint_and_says_what_must_be_seen(tmp_path: Path) -> None:
    listed(tmp_path, a__yml=sigma(1), b__yar=YARA.replace("rule broken { condition: $nothing }\n", ""))
    pack = load_rule_folder(tmp_path)
    [stage], [trace] = pack.stages, pack.traces
    assert trace.weight is Weight.HINT
    assert [need.any_of[0].telemetry for need in stage.needs] == [
        (Telemetry.FILESYSTEM,),
        (Telemetry.PROCESS_CREATION,),
    ]
    assert not stage.never
    assert len(pack.rules) == 3


def test_what_nobody_looks_for_keeps_the_stage_open(tmp_path: Path) -> None:
    listed(tmp_path, a__yml=sigma(1), b__yml="a: [broken")
    assert "1 generic rules were not understood" in load_rule_folder(tmp_path).stages[0].never


def test_a_log_source_of_which_nothing_tells_whether_it_was_recorded_keeps_the_stage_open(tmp_path: Path) -> None:
    listed(tmp_path, a__yml=sigma(1, "pipe_created"))
    assert "windows/pipe_created" in load_rule_folder(tmp_path).stages[0].never


@pytest.mark.parametrize("make", [False, True])
def test_no_folder_and_an_empty_one_are_refused(tmp_path: Path, make: bool) -> None:
    folder = tmp_path / "rules"
    if make:
        folder.mkdir()
    with pytest.raises(PackError, match=r"rule|folder"):
        load_rule_folder(folder)


def pack_with(folder: Path, more: str) -> Path:
    made = new_pack(folder / "made-2026", "made-2026")
    path = made / "pack.yaml"
    text = path.read_text(encoding="utf-8")
    mark = "  - id: beacon\n"
    assert mark in text
    path.write_text(text.replace(mark, mark + more, 1), encoding="utf-8")
    (made / "rules" / "generic").mkdir(parents=True)
    return made


def test_a_stage_takes_the_rules_of_a_folder_of_the_pack(tmp_path: Path) -> None:
    made = pack_with(tmp_path, "    rule_folders: [rules/generic]\n")
    listed(made / "rules" / "generic", a__yml=sigma(1), b__yml="a: [broken")
    pack = load_pack(made)
    [rule] = [rule for rule in pack.rules if rule.title == "Rule 1"]
    assert rule.place == "rules/generic/a.yml:1"
    trace = pack.traces_by_id[rule.trace]
    assert (trace.stage, trace.weight) == ("beacon", Weight.HINT)
    assert pack.not_understood == ("rules/generic/b.yml:2: no YAML: did not find expected ',' or ']'",)
    assert "1 generic rules were not understood" in pack.stages_by_id["beacon"].never


def test_the_pack_says_what_its_generic_rules_are_worth(tmp_path: Path) -> None:
    made = pack_with(tmp_path, "    rule_folders: [rules/generic]\n    rule_weight: strong\n")
    listed(made / "rules" / "generic", a__yml=sigma(1))
    pack = load_pack(made)
    assert pack.traces_by_id[pack.rules[-1].trace].weight is Weight.STRONG


@pytest.mark.parametrize("name", ["rules/absent", "../outside", "rules/generic"])
def test_a_folder_that_is_not_the_packs_or_holds_no_rule_is_a_problem(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside").mkdir()
    made = pack_with(tmp_path, f"    rule_folders: [{name}]\n")
    with pytest.raises(PackError) as caught:
        load_pack(made)
    assert [problem.line > 0 and bool(problem.remedy) for problem in caught.value.problems] == [True]
