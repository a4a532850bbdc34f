"""What of a pack may leave: pure functions with a reason for every row that stays.

This is not the door: who may get what for which purpose is more than an order of labels. Whoever has such a door hands
in its own `refuses`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from nachsorge.exports.packs.seams import MOST_RESTRICTIVE_LAST, Loss, Row, Selection, strictest
from nachsorge.model.times import Instant
from nachsorge.model.words import Polarity, Role, Tlp, Verification

if TYPE_CHECKING:
    from nachsorge.model.pack import Indicator, Pack

Refuses: TypeAlias = Callable[[Tlp], str]
"""Says why something of this label may not leave; empty where it may."""


def refuses_above(most: Tlp) -> Refuses:
    """Refuse every label that is more restrictive than `most`."""

    def refuses(label: Tlp) -> str:
        if MOST_RESTRICTIVE_LAST.index(label) <= MOST_RESTRICTIVE_LAST.index(most):
            return ""
        return f"TLP:{label} is more restrictive than TLP:{most}, the most that this export may hold"

    return refuses


class Refused(Exception):
    """The pack as a whole may not leave; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On which terms an export is made. `include` are roles that a blocking list holds although it would not."""

    refuses: Refuses
    at: Instant
    include: frozenset[Role] = frozenset()


def select(pack: Pack, terms: Terms, *, blocks: bool) -> Selection:
    """Give what may leave, and the reason for everything that does not.

    Raises:
        Refused: the pack's own label stands against it: its title and stages would be in every file.
    """
    if reason := terms.refuses(pack.tlp):
        raise Refused(f"the pack {pack.id} itself: {reason}")
    rows, held = [], []
    for indicator in pack.indicators:
        if reason := _reason(pack, indicator, terms, blocks=blocks):
            held.append(Loss(f"{indicator.type} {indicator.value}", reason))
        else:
            trace = pack.traces_by_id[indicator.trace]
            rows.append(Row(of=indicator, trace=trace, stage=pack.stages_by_id[trace.stage]))
    label = strictest([pack.tlp, *(row.of.tlp for row in rows)])
    return Selection(pack=pack, rows=tuple(rows), rules=pack.rules, label=label, at=terms.at, held=tuple(held))


def _reason(pack: Pack, indicator: Indicator, terms: Terms, *, blocks: bool) -> str:
    if reason := terms.refuses(indicator.tlp):
        return reason
    if not indicator.role.matches:
        return f"role {indicator.role}: nobody looks for it"
    if indicator.verification is Verification.UNVERIFIED:
        return "unverified: it drives nothing"
    trace = pack.traces_by_id.get(indicator.trace)
    if trace is None:
        return "tests no trace of the pack"
    if trace.polarity is Polarity.REFUTES:
        return "finding it speaks against the stage; other tools would read it as a hit"
    if blocks and indicator.memory_only:
        return "exists in memory only: not for a blocking list"
    if blocks and indicator.role not in (Role.MALICIOUS, *terms.include):
        return f"{indicator.role}: blocking it would hit its rightful users; --include {indicator.role} puts it in"
    return ""
