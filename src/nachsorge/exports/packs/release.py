"""What of a pack may leave: a reason for every row that stays.

Whether a label may go where the export goes is decided at the door (`sharing`), which is handed in as `decide`; what is
decided here is what no tool of others may get from us at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from nachsorge.exports.packs.seams import Loss, Row, Selection, most_careful, strictest
from nachsorge.model.labels import Label, Release, Withheld
from nachsorge.model.times import Instant
from nachsorge.model.words import Polarity, Role, Verification

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nachsorge.model.pack import Indicator, Pack, Rule

Decide: TypeAlias = Callable[[Label | None], Release | Withheld]
"""Says whether something of this label may go to the one whom the export is for."""


class Refused(Exception):
    """The pack as a whole may not leave; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On which terms an export is made. `include` are roles that a blocking list holds although it would not."""

    decide: Decide
    at: Instant
    include: frozenset[Role] = frozenset()


def select(pack: Pack, terms: Terms, *, blocks: bool) -> Selection:
    """Give what may leave, and the reason for everything that does not.

    Raises:
        Refused: the pack's own label stands against it: its title and stages would be in every file.
    """
    whole = terms.decide(Label(pack.tlp, pack.pap))
    if isinstance(whole, Withheld):
        raise Refused(f"the pack {pack.id} itself: {whole.reason}")
    rows, held, stays = [], [], set()
    for indicator in pack.indicators:
        decided = terms.decide(Label(indicator.tlp, indicator.pap))
        if isinstance(decided, Withheld):
            # Not by its value: the list of what is not in the export lies beside the export.
            held.append(Loss(f"a row of type {indicator.type}", decided.reason))
            stays.add(indicator.value.lower())
        elif reason := _reason(pack, indicator, terms, blocks=blocks):
            held.append(Loss(f"{indicator.type} {indicator.value}", reason))
        else:
            trace = pack.traces_by_id[indicator.trace]
            rows.append(Row(of=indicator, trace=trace, stage=pack.stages_by_id[trace.stage]))
    quoting = [rule for rule in pack.rules if _quotes(rule, stays)]
    held += [Loss(f"a rule of {rule.engine}", "it quotes a row that stays") for rule in quoting]
    label = Label(
        strictest([pack.tlp, *(row.of.tlp for row in rows)]), most_careful([pack.pap, *(row.of.pap for row in rows)])
    )
    release = terms.decide(label)
    if isinstance(release, Withheld):  # no single row is, so their strictest is not; but nothing leaves on a guess
        raise Refused(f"the pack {pack.id} and its rows: {release.reason}")
    return Selection(
        pack=pack,
        rows=tuple(rows),
        rules=tuple(rule for rule in pack.rules if rule not in quoting),
        release=release,
        at=terms.at,
        held=tuple(held),
    )


def _quotes(rule: Rule, stays: Iterable[str]) -> bool:
    """Tell whether a rule, which has the pack's label, holds the value of a row that may not leave."""
    text = rule.text.lower()
    return any(value in text for value in stays)


def _reason(pack: Pack, indicator: Indicator, terms: Terms, *, blocks: bool) -> str:
    if not indicator.role.matches:
        return f"role {indicator.role}: nobody looks for it"
    if indicator.verification is Verification.UNVERIFIED:
        return "unverified: it drives nothing"
    trace = pack.traces_by_id.get(indicator.trace)
    if trace is None:
        return "tests no trace of the pack"
    if trace.polarity is Polarity.REFUTES:
        return "finding it speaks against the stage; other tools would read it as a hit"
    if trace.digest_of is not None:
        return (
            f"a hash of the asset's {trace.digest_of.attribute}, not of a file: other tools would compare it with files"
        )
    if blocks and indicator.memory_only:
        return "exists in memory only: not for a blocking list"
    if blocks and indicator.role not in (Role.MALICIOUS, *terms.include):
        return f"{indicator.role}: blocking it would hit its rightful users; --include {indicator.role} puts it in"
    return ""
