"""What an answer holds: from a pack, what helps at the rung an organisation stands on, and nothing the door withholds.

Up to its rung an organisation looks for more assets of the same kind; one rung further it must know whether it went on.
What lies beyond that would only be passed around. Indicators that never match (known-good, withdrawn, test builds) are
left out: an answer is for looking, not for reading.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.model.labels import Label, Pap
from nachsorge.model.pack import Indicator, Rule, Step
from nachsorge.model.words import Rung, Tlp

if TYPE_CHECKING:
    from nachsorge.model.pack import Pack, Stage

MOST = 20_000
"""Indicators in one answer; whoever needs more gets the pack."""

Gate = Callable[[Label], str]
"""Says why something of this label does not go to the recipient; empty where it does."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What goes into an answer. `withheld` counts, by reason, what the door kept back; for the analyst only."""

    indicators: tuple[Indicator, ...]
    rules: tuple[Rule, ...]
    steps: tuple[Step, ...]
    withheld: dict[str, int]
    label: Label


def choose(pack: Pack, rung: Rung, gate: Gate, pap: Pap = Pap.AMBER) -> Chosen:
    """Choose from a pack.

    Args:
        pack: what is known of the incident.
        rung: the highest rung that the organisation reported as shown or suspected.
        gate: the door to this recipient.
        pap: the most restrictive PAP that the recipient may get; what is to be handled more carefully stays.
    """
    near = {stage.id for stage in pack.stages if _helps(stage, rung)}
    traces = {trace.id for trace in pack.traces if trace.stage in near}
    withheld: dict[str, int] = {}

    def lets(label: Label) -> bool:
        reason = gate(label) or ("" if _careful(label.pap) <= _careful(pap) else f"PAP:{label.pap} is above PAP:{pap}")
        if reason:
            withheld[reason] = withheld.get(reason, 0) + 1
        return not reason

    wanted = [each for each in pack.indicators if each.trace in traces and each.role.matches]
    indicators = [each for each in wanted if lets(label_of(each))]
    if len(indicators) > MOST:
        withheld[f"more than {MOST} indicators: send the pack"] = len(indicators) - MOST
    whole = Label(pack.tlp, _pap(pack.tlp, pack.pap))
    rules = tuple(each for each in pack.rules if each.trace in traces and lets(whole))
    steps = tuple(each for each in pack.steps if (not each.stage or each.stage in near) and lets(whole))
    kept = tuple(indicators[:MOST])
    return Chosen(kept, rules, steps, withheld, _label(kept, whole if rules or steps else None))


def label_of(indicator: Indicator) -> Label:
    """Give an indicator's label: what is public may be acted on, the rest looked for quietly, or as its pack says."""
    return Label(indicator.tlp, _pap(indicator.tlp, indicator.pap))


def reached(rungs: dict[str, tuple[int, int]]) -> Rung:
    """Give the highest rung shown or suspected somewhere; `rungs` holds (shown, suspected) by the rung's word."""
    stands = [each for each in Rung if any(rungs.get(each.word, (0, 0)))]
    return max(stands, default=Rung.EXPOSED)


def _helps(stage: Stage, rung: Rung) -> bool:
    return stage.rung <= rung + 1


def _pap(tlp: Tlp, said: Pap) -> Pap:
    """Give what may be done with it: never more than the pack says, where it says something (GREEN is the default)."""
    by_label = Pap.CLEAR if tlp is Tlp.CLEAR else Pap.GREEN if tlp is Tlp.GREEN else Pap.AMBER
    return by_label if said is Pap.GREEN else max(said, by_label, key=_careful)


def _careful(pap: Pap) -> int:
    return (Pap.CLEAR, Pap.GREEN, Pap.AMBER, Pap.RED).index(pap)


def _label(indicators: tuple[Indicator, ...], whole: Label | None) -> Label:
    labels = [label_of(each) for each in indicators] + ([whole] if whole else [])
    if not labels:
        return Label(Tlp.CLEAR, Pap.CLEAR)
    order = list(Tlp)
    return Label(max((each.tlp for each in labels), key=order.index), max((each.pap for each in labels), key=_careful))
