"""The parts of a pack beside its indicators and rules: which of them a format does not carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.exports.packs.seams import Loss
from nachsorge.model.times import render

if TYPE_CHECKING:
    from nachsorge.model.pack import Pack

_ONLY = "counts from {} to {} only; other tools would count it at any time"
NO_PLACE = "knowledge of the pack that this format has no place for"
_PLACES = {
    "exposures": "which product versions are affected",
    "stages": "the ladder of stages: order, windows, needs, and in which evidence each trace counts",
    "claims": "claims to be tested",
    "hypotheses": "what the attacker may want",
    "attributions": "who names whom as the actor",
    "disagreements": "questions on which sources disagree",
    "closing": "what must be true before the case is closed",
    "steps": "what to do next",
    "hauls": "what was taken",
    "aliases": "other names of the incident",
    "related": "related incidents",
    "sources": "the list of sources",
}


def parts_lost(pack: Pack, carries: frozenset[str] = frozenset()) -> list[Loss]:
    """Name what the pack knows and the format has no place for."""
    lost = [
        Loss(f"{len(getattr(pack, part))} {part} ({meaning})", NO_PLACE)
        for part, meaning in _PLACES.items()
        if part not in carries and getattr(pack, part)
    ]
    limits = [(trace.id, trace.within) for trace in pack.traces if trace.within is not None]
    return lost + [Loss(f"trace {id}", _ONLY.format(render(span.start), render(span.end))) for id, span in limits]


def rules_lost(pack: Pack, why: str, *engines: str) -> list[Loss]:
    """Name the rules of these engines, or of all, as not expressed."""
    return [Loss(f"{rule.engine} rule {rule.id}", why) for rule in pack.rules if not engines or rule.engine in engines]
