"""Effort so far and still needed, against what a late discovery costs: ranges, each with what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.locale import N_
from nachsorge.model.effort import Effort, Late
from nachsorge.model.words import Rung

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nachsorge.model.pack import Pack
    from nachsorge.verdicts.next_evidence import Plan

RECORDED = N_("so far: what people recorded (case effort); what nobody recorded is not in it")
ERRANDS = N_("still needed: at least if every errand is a remote command, at most if somebody has to be asked for each")
OURS = N_("the minutes of an errand are our own estimate")
LATE = N_("found late: at least if none of the open assets is affected, at most if all are; the minutes are the packs'")
MEANWHILE = N_("what is taken or destroyed until then is in none of these figures")


def effort_of(packs: Iterable[Pack], listed: Plan, spent: int | None = None) -> Effort:
    """Give the ranges for a list of errands. The packs' steps count from the first contact on."""
    minutes = sum(
        step.minutes
        for pack in packs
        for step in pack.steps
        if step.stage and pack.stages_by_id[step.stage].rung >= Rung.CONTACTED
    )
    assets = {cell.asset for line in listed.lines for cell in line.settles} | {cell.asset for cell, _ in listed.never}
    late = Late(steps=minutes, assets=len(assets), high=minutes * len(assets))
    return Effort(
        errands=len(listed.lines),
        settled=listed.lines[-1].settled if listed.lines else 0,
        never=len(listed.never),
        low=listed.low,
        high=listed.high,
        spent=spent,
        late=late,
        assumptions=(
            *((RECORDED,) if spent is not None else ()),
            *((ERRANDS, OURS) if listed.lines else ()),
            *((LATE, MEANWHILE) if late.known else ()),
        ),
    )
