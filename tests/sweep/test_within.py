"""A trace that counts in a window only: runs and page views before and after are passed over, and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.builders import need, pack, span, stage

from nachsorge.assets.inventory import Inventory
from nachsorge.model.pack import Indicator, Pack, Rule, Trace
from nachsorge.model.words import IndicatorType, Standing, Telemetry, Weight
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.model.assessment import Assessment

WITHIN = span("2023-03-10", "2023-03-20")
RULE = """title: Run
id: 0d7f1c1e-0000-4000-8000-00000000000a
author: somebody
license: EUPL-1.2
logsource: {category: ci_log}
detection:
  selection: {message|contains: 'uploader-run'}
  condition: selection
nachsorge: {trace: run}
"""


def incident(weight: Weight = Weight.PROOF) -> Pack:
    return pack(
        stage("viewed", needs=[need(Telemetry.DNS_QUERY)]),
        stage("ran", never="runs may be missing"),
        traces=(
            Trace(id="view", stage="viewed", weight=weight, within=WITHIN),
            Trace(id="run", stage="ran", weight=weight, within=WITHIN),
        ),
        indicators=(Indicator(type=IndicatorType.DOMAIN, value="script.example", trace="view"),),
        rules=(Rule(id="0d7f1c1e-0000-4000-8000-00000000000a", engine="sigma", text=RULE, trace="run", title="Run"),),
    )


def looked(tmp_path: Path, days: list[str], weight: Weight = Weight.PROOF, log: str = "dns") -> Assessment:
    tmp_path.mkdir(exist_ok=True)
    if log == "dns":
        lines = [f"{day}T08:00:00Z,pc1,192.0.2.1,cdn.script.example" for day in days]
        (tmp_path / "dns.csv").write_text("\n".join(["time,computer,client,query", *lines, ""]), encoding="utf-8")
    else:
        lines = [f"{day}T08:00:00.1234567Z made uploader-run" for day in days]
        (tmp_path / "run.log").write_text("\n".join([*lines, ""]), encoding="utf-8")
    return sweep([incident(weight)], [str(tmp_path)], Inventory(), Options(jobs=1))


@pytest.mark.parametrize("weight", Weight)
@pytest.mark.parametrize("log", ["dns", "ci"])
@pytest.mark.parametrize(
    ("day", "counts"), [("2023-03-09", False), ("2023-03-10", True), ("2023-03-20", True), ("2023-03-21", False)]
)
def test_only_what_lies_within_counts(tmp_path: Path, day: str, counts: bool, log: str, weight: Weight) -> None:
    found = looked(tmp_path / "e", [day], weight, log)
    assert [each.weight for each in found.sightings] == ([weight] if counts else [])
    passed = [note for note in found.summary.notes if "passed over" in note]
    assert bool(passed) is not counts


def test_what_was_passed_over_is_counted_with_the_time_that_counts(tmp_path: Path) -> None:
    found = looked(tmp_path / "e", ["2023-03-01", "2023-03-15", "2023-03-25"])
    [note] = [note for note in found.summary.notes if "passed over" in note]
    assert note.startswith("2 sightings outside 2023-03-10T00:00:00Z to 2023-03-20T23:59:59")
    assert "script.example" in note


def test_a_record_without_a_time_is_a_hint(tmp_path: Path) -> None:
    tmp_path.joinpath("note.txt").write_text("seen: script.example\n", encoding="utf-8")
    found = sweep([incident()], [str(tmp_path)], Inventory(), Options(jobs=1))
    assert [(each.weight, each.note) for each in found.sightings] == [
        (Weight.HINT, "without a time, while only a certain time counts for this trace")
    ]
    assert {c.standing for row in found.assets for c in row.cells if c.stage == "viewed"} == {Standing.SUSPECTED}
