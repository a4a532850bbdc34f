"""Two packs that call different things by one name: each value and each rule stays on the stage that its pack says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.builders import stage
from tests.exports.packs.kit import RULES, body, exported, known, row

from nachsorge.model.pack import Pack, Rule, Stage, Trace
from nachsorge.model.words import IndicatorType, Rung, Tlp, Weight
from nachsorge.packs.intake import Reading
from nachsorge.packs.intake_run import Result, Wishes, run
from nachsorge.packs.load import load_pack

if TYPE_CHECKING:
    from pathlib import Path

DOMAIN = IndicatorType.DOMAIN
CONTACTED = (stage("beacon", Rung.CONTACTED), Trace(id="there", stage="beacon", weight=Weight.STRONG))
PLANTED = (stage("planted", Rung.IMPLANTED), Trace(id="there", stage="planted", weight=Weight.PROOF))


def sent(folder: Path, name: str, value: str, of: tuple[Stage, Trace], rules: tuple[Rule, ...] = ()) -> Path:
    where, trace = of
    incident = replace(known(row(DOMAIN, value, "there")), stages=(where,), traces=(trace,), rules=rules, exposures=())
    path = folder / f"{name}.json"
    path.write_text(body(exported("stix", incident, most=Tlp.RED)), encoding="utf-8")
    return path


def imported(folder: Path, *reports: Path) -> tuple[Pack, Result]:
    result = run(reports, folder / "made-2026", Reading(), Wishes(), lambda _: None)
    return load_pack(folder / "made-2026"), result


def stages(pack: Pack) -> dict[str, str]:
    return {each.value: pack.traces_by_id[each.trace].stage for each in pack.indicators}


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("at_once", [False, True])
def test_one_name_for_two_stages_is_kept_apart_and_told(tmp_path: Path, turned: bool, at_once: bool) -> None:
    reports = [sent(tmp_path, "one", "c2.example", CONTACTED), sent(tmp_path, "two", "planted.example", PLANTED)]
    reports = reports[::-1] if turned else reports
    if not at_once:
        imported(tmp_path, reports.pop(0))
    pack, result = imported(tmp_path, *reports)
    assert stages(pack) == {"c2.example": "beacon", "planted.example": "planted"}
    rungs = {each.id: each.rung for each in pack.stages}
    assert rungs == {"beacon": Rung.CONTACTED, "planted": Rung.IMPLANTED}
    [told] = [each for each in result.intake.not_understood if "kept apart" in each]
    assert "'there'" in told and "'beacon'" in told and "'planted'" in told


def test_importing_again_changes_nothing(tmp_path: Path) -> None:
    reports = [sent(tmp_path, "one", "c2.example", CONTACTED), sent(tmp_path, "two", "planted.example", PLANTED)]
    first, _ = imported(tmp_path, *reports)
    again, result = imported(tmp_path, *reports[::-1])
    assert (again.stages, again.traces, again.indicators) == (first.stages, first.traces, first.indicators)
    assert result.new == []


def test_a_name_that_an_import_makes_up_itself_is_no_stage_of_others(tmp_path: Path) -> None:
    made_up = replace(PLANTED[1], id="domain-strong", weight=Weight.STRONG)
    bare = known(row(DOMAIN, "planted.example", made_up.id))
    incident = replace(bare, stages=(PLANTED[0],), traces=(made_up,), rules=(), exposures=())
    path = tmp_path / "one.json"
    path.write_text(body(exported("stix", incident, most=Tlp.RED)), encoding="utf-8")
    pack, _ = imported(tmp_path, path)
    assert stages(pack) == {"planted.example": "planted"}


@pytest.mark.parametrize("turned", [False, True])
def test_a_rule_that_names_another_stages_trace_goes_to_its_own_stage(tmp_path: Path, turned: bool) -> None:
    of_planted = tuple(replace(each, trace="there") for each in RULES)
    one = sent(tmp_path, "one", "c2.example", CONTACTED)
    two = sent(tmp_path, "two", "planted.example", PLANTED, of_planted)
    pack, result = imported(tmp_path, *([two, one] if turned else [one, two]))
    assert stages(pack) == {"c2.example": "beacon", "planted.example": "planted"}
    assert {pack.traces_by_id[each.trace].stage for each in pack.rules} == {"planted"}
    assert {each.id for each in pack.rules} == {each.id for each in RULES}
    lost = [
        each for each in result.intake.not_understood if "is lost: one of this name is of the stage 'beacon'" in each
    ]
    assert len(lost) == (0 if turned else len(RULES))


def test_another_weight_and_another_rung_are_told(tmp_path: Path) -> None:
    other = (stage("beacon", Rung.COLLECTED), replace(CONTACTED[1], weight=Weight.HINT))
    reports = [sent(tmp_path, "one", "c2.example", CONTACTED), sent(tmp_path, "two", "other.example", other)]
    pack, result = imported(tmp_path, *reports)
    assert stages(pack) == {"c2.example": "beacon", "other.example": "beacon"}
    told = "\n".join(result.intake.not_understood)
    assert "two: the trace 'there' is strong, and hint here: the first is taken" in told
    assert "two: the stage 'beacon' is contacted, two says collected: the first is taken" in told
