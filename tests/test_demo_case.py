"""What the example organisation should look at next, and what stands against closing its case.

The golden text is tests/golden/case.txt. To accept a wanted change: NACHSORGE_GOLDEN=1 pytest tests/test_demo_case.py,
and hold the difference against examples/organisation/README.md before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.test_demo import EVIDENCE, run

from nachsorge.cli import errands
from nachsorge.model.words import Standing
from nachsorge.packs.library import resolve
from nachsorge.verdicts.closing import Decisions, Kind, missing
from nachsorge.verdicts.next_evidence import plan
from nachsorge.verdicts.obtainable import obtainable

GOLDEN = Path(__file__).parent / "golden" / "case.txt"


@pytest.fixture(scope="module")
def demo():
    return run()


@pytest.fixture(scope="module")
def packs():
    return {"3cx-2023": resolve("3cx-2023")}


@pytest.fixture(scope="module")
def listed(demo, packs):
    return plan(obtainable(packs, demo.assets, demo.sightings, demo.coverage))


def lacking(demo, packs, listed):
    return missing(packs, demo, Decisions(), [cell for line in listed.lines for cell in line.settles])


def told(demo, packs, listed):
    lines = ["next"]
    for line in listed.lines:
        wants = "; ".join(errands.want_words(want) for want in line.item.wants)
        lines += [f"  {errands.place_words(line.item)}: {wants}", f"      {errands.settles(line)}"]
        lines += [f"      {line.settled} cells in {line.minutes} min, at most {line.most}"]
    lines += [f"  by no evidence: {cell.asset} {cell.stage}" for cell, _ in listed.never]
    lines += ["", "against closing"]
    here = f"{EVIDENCE}/"  # out before the cut: where the project lies says nothing of the case
    lines += [f"  {one.kind.name}: {one.says.replace(here, '')[:110]}" for one in lacking(demo, packs, listed)]
    return "\n".join(lines) + "\n"


def test_the_list_is_the_story(demo, packs, listed):
    text = told(demo, packs, listed)
    if os.environ.get("NACHSORGE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_every_open_cell_stands_in_the_list_once(demo, listed):
    cells = [(row.asset.id, cell.stage) for row in demo.assets for cell in row.cells if cell.standing is Standing.OPEN]
    settled = [(cell.asset, cell.stage) for line in listed.lines for cell in line.settles]
    never = [(cell.asset, cell.stage) for cell, _ in listed.never]
    assert sorted(settled + never) == sorted(cells)


def test_the_host_without_any_evidence_comes_first(listed):
    assert listed.lines[0].item.place.name == "we-ws-05"


def test_every_compromised_host_asks_for_its_remediation(demo, packs, listed):
    asked = {one.name for one in lacking(demo, packs, listed) if one.kind is Kind.REMEDIATION}
    assert asked == {"gm-ws-07", "gm-ws-12", "gm-ws-15", "gm-mac-01", "we-ws-03"}
