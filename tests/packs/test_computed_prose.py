"""Hypotheses and closing lines: a text for people, or a mapping that is computed; and what was taken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.packs.test_load import problems

from nachsorge.model.words import SNAPSHOTS, HaulKind, Measure, Motive, Rung, Telemetry, Trait
from nachsorge.packs.library import resolve
from nachsorge.packs.new import new_pack

PACKS = Path(__file__).parents[2] / "packs"


def test_the_shipped_pack_says_what_is_computed_and_keeps_its_prose():
    pack = resolve("3cx-2023")
    assert len(pack.closing) == 7 and len(pack.requirements) == 5
    assert {one.test for one in pack.requirements} == {"no-open", "covered", "measures", "gone"}
    rebuilt = next(one for one in pack.requirements if one.id == "rebuilt-after-contact")
    assert rebuilt.measures == (Measure.REBUILT, Measure.CREDENTIALS, Measure.SESSIONS)
    assert next(one for one in pack.requirements if one.test == "gone").telemetry == (Telemetry.FILESYSTEM,)
    assert all(one.says_de for one in pack.requirements)
    assert len(pack.hypotheses) == 4
    assert [aim.motive for aim in pack.aims] == [Motive.THEFT, Motive.ESPIONAGE, Motive.ONWARD_ACCESS]
    assert Trait.GAVE_EXCHANGE in pack.aims[0].at_risk
    history = next(one for one in pack.hauls if one.kind is HaulKind.BROWSER_HISTORY)
    assert (history.stage, history.rows, history.browsers) == ("stealer", 500, ("chrome", "edge", "brave", "firefox"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("closing:\n  - {says: a, test: covered, of: installed}\n", "closing test covered needs `id`"),
        ("closing:\n  - {id: a, says: a, test: covered, of: installed}\n", "closing test covered needs `stage`"),
        ("closing:\n  - {id: a, says: a, test: gone, of: installed}\n", "needs `telemetry`"),
        ("closing:\n  - {id: a, says: a}\n", "`id` is of no use without a test"),
        ("closing:\n  - {id: a, says: a, test: covered, of: x, stage: installed}\n", "'x'"),
        ("closing:\n  - [a]\n", "a single value is expected here"),
        ("closing:\n  - {id: a, says: a, test: bounced}\n", "bounced"),
        ("hypotheses:\n  - {says: a, at_risk: [crypto]}\n", "at_risk needs a motive"),
        ("hypotheses:\n  - {says: a, motive: theft, at_risk: [gold]}\n", "gold"),
        ("haul:\n  - {id: h, kind: browser-history, stage: installed, says: a}\n", "needs `rows`"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, text, said):
    folder = new_pack(tmp_path / "made-2026", "made-2026")
    place = folder / "pack.yaml"
    rest = re.sub(r"^(closing|hypotheses|haul):\n(?:[ -].*\n)*", "", place.read_text(), flags=re.MULTILINE)
    place.write_text(rest + text)
    assert any(said in problem.message for problem in problems(folder)), [one.message for one in problems(folder)]


SHIPPED = sorted(path.parent.name for path in PACKS.glob("*/pack.yaml"))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_pack_says_what_was_taken_or_that_its_sources_do_not(name):
    pack = resolve(name)
    assert pack.hauls, "say `kind: unknown` where no source tells"
    assert all(one.says_de and one.says_de != one.says and one.sources for one in pack.hauls)
    assert {source for one in pack.hauls for source in one.sources} <= {one.id for one in pack.sources}


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_pack_has_closing_requirements_that_are_computed(name):
    pack = resolve(name)
    assert pack.requirements
    assert all(one.says_de and one.says_de != one.says for one in pack.requirements)
    asked = {telemetry for one in pack.requirements if one.test == "gone" for telemetry in one.telemetry}
    assert asked <= SNAPSHOTS, "only a state shows that something is gone"


@pytest.mark.parametrize("name", SHIPPED)
def test_what_a_late_discovery_costs_is_in_the_steps_of_every_shipped_pack(name):
    pack = resolve(name)
    late = [step for step in pack.steps if step.stage and pack.stages_by_id[step.stage].rung >= Rung.CONTACTED]
    reached = any(stage.rung >= Rung.CONTACTED for stage in pack.stages)
    assert sum(step.minutes for step in late) > 0 or not reached
