"""Traces that exported packs name. Two packs may call different things by one name; here each of them gets its own.

Else the values of the one would show the stage of the other: what was planted would pass for what was contacted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.packs.intake_rules import Home
from nachsorge.packs.intake_table import NETWORK, trace_names
from nachsorge.packs.intake_yaml import STAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nachsorge.packs.merge import Mention


def apart(
    mentions: Iterable[Mention], standing: Mapping[str, Home]
) -> tuple[list[Mention], dict[str, Home], list[str]]:
    """Give the mentions with one name for each trace, all homes, and what has to be told.

    `standing` are the homes of the traces that the pack has. A name that stands for another stage, there or in a report
    that came before, gets the stage's name behind it, in every import the same.
    """
    homes = {**_of_our_making(), **standing}
    notes: dict[str, None] = {}
    found = []
    for each in mentions:
        if each.home is not None:
            trace, stage, rung = each.home
            home = Home(stage, rung, each.weight)
            free = _free(trace, home, homes)
            before = homes.setdefault(free, home)
            told = _told(each.source, trace, free, homes[trace], home)
            notes |= dict.fromkeys([told] if told else ())
            if before.rung is not rung:
                was = f"{before.rung.word}, {each.source} says {rung.word}"
                notes[f"{each.source}: the stage {stage!r} is {was}: the first is taken"] = None
            each = replace(each, home=(free, stage, before.rung))
        found.append(each)
    return found, homes, list(notes)


def _free(trace: str, home: Home, homes: Mapping[str, Home]) -> str:
    """Give the name, or one made of it, that no trace of another stage has."""
    name = trace
    while name in homes and homes[name].stage != home.stage:
        name = f"{name}-{home.stage}"
    return name


def _told(source: str, trace: str, free: str, other: Home, home: Home) -> str:
    if free != trace:
        return (
            f"{source}: its trace {trace!r} is of the stage {home.stage!r}, and one of this name is of "
            f"{other.stage!r} already: kept apart as {free!r}"
        )
    if other.weight is not home.weight:
        return f"{source}: the trace {trace!r} is {other.weight}, and {home.weight} here: the first is taken"
    return ""


def _of_our_making() -> dict[str, Home]:
    """Give the homes of the traces that an import makes up itself."""
    found = {}
    for name, (kind, weight) in trace_names().items():
        stage = "contacted" if kind in NETWORK else "present"
        found[name] = Home(stage, STAGES[stage][0], weight)
    return found
