"""Effort as ranges, each with what it rests on; never one number."""

from __future__ import annotations

from tests.builders import pack, stage

from nachsorge.model.pack import Step
from nachsorge.model.words import Rung
from nachsorge.verdicts import effort as module
from nachsorge.verdicts.effort import effort_of
from nachsorge.verdicts.next_evidence import Line, Plan
from nachsorge.verdicts.obtainable import CellId, Item, Place, Way

CELLS = tuple(CellId(f"pc{n}", "incident", "contact") for n in range(3))
ITEM = Item(place=Place(Way.HOST_LOGS, "pc0"), wants=(), assets=(), platforms=(), reasons=(), low=10, high=40)
LISTED = Plan(
    lines=(Line(item=ITEM, settles=CELLS[:2], settled=2, minutes=25, most=2),),
    open=3,
    lost=(),
    never=((CELLS[2], "nobody logs it"),),
)
STEPS = (
    Step(title="rebuild", minutes=180, stage="contact"),
    Step(title="change passwords", minutes=40, stage="contact"),
    Step(title="make a list", minutes=60, stage="installed"),
    Step(title="think", minutes=5),
)
PACK = pack(stage("installed"), stage("contact", Rung.CONTACTED), steps=STEPS)


def test_found_late_it_costs_the_packs_steps_for_none_to_all_open_assets():
    found = effort_of([PACK], LISTED, 15)
    assert (found.spent, found.low, found.high, found.settled, found.never) == (15, 10, 40, 2, 1)
    assert found.late is not None
    assert (found.late.steps, found.late.assets, found.late.low, found.late.high) == (220, 3, 0, 660)


def test_every_figure_says_what_it_rests_on():
    whole = effort_of([PACK], LISTED, 15)
    assert whole.assumptions == (module.RECORDED, module.ERRANDS, module.OURS, module.LATE, module.MEANWHILE)
    assert effort_of([pack(stage("installed"))], LISTED).assumptions == (module.ERRANDS, module.OURS)


def test_a_pack_that_does_not_say_what_it_costs_is_no_cost_of_zero():
    late = effort_of([pack(stage("installed"))], LISTED).late
    assert late is not None and not late.known
