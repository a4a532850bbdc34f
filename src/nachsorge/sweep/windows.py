"""Which span a pack is judged over: its own, the one a person asks for, or the one the evidence covers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nachsorge.evidence.read import LOST
from nachsorge.model.pack import Pack
from nachsorge.model.times import SECOND, Instant, Span
from nachsorge.packs import adhoc
from nachsorge.verdicts.ladder import hull, pack_window, with_window, without_window

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nachsorge.model.evidence import Reading
    from nachsorge.sweep.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Bounded:
    """A pack with its window settled, and where the window comes from."""

    pack: Pack
    window: Span | None
    basis: str


def bounded(
    packs: Iterable[Pack], outcomes: Sequence[Outcome], start: Instant | None, end: Instant | None
) -> list[Bounded]:
    """Settle the window of every pack. `--from`/`--to` replace the ends of whatever it would have been."""
    covered = _covered(outcomes)
    return [_bound(pack, covered, start, end) for pack in packs]


def _bound(pack: Pack, covered: Span | None, start: Instant | None, end: Instant | None) -> Bounded:
    own = pack_window(pack)
    asked = start is not None or end is not None
    if own is not None and not asked:
        return Bounded(pack, own, "pack")
    base = own or covered
    low = start if start is not None else base.start if base else None
    high = end if end is not None else base.end if base else None
    if low is None or high is None or low > high:
        why = "no record has a usable time" if low is None or high is None else "it would end before it begins"
        return Bounded(replace(pack, stages=tuple(without_window(s) for s in pack.stages)), None, f"none: {why}")
    span = Span(low, high)
    basis = "--from/--to" if asked else "the span that the evidence covers"
    return Bounded(_within(pack, span, dormancy=end is None), span, basis)


def _within(pack: Pack, span: Span, *, dormancy: bool) -> Pack:
    """Give the pack about this time. A person who says `--to` ends the dormancy with it."""
    if pack.ad_hoc:
        return adhoc.with_window(pack, span)
    return replace(pack, stages=tuple(with_window(stage, span, dormancy=dormancy) for stage in pack.stages))


def stage_windows(packs: Iterable[Bounded]) -> dict[tuple[str, str], Span]:
    """Give the hull of each stage's absolute windows by (pack, stage).

    A stage that dormancy may carry beyond them is not in it: its time has no end that is known here.
    """
    hulls = {
        (b.pack.id, stage.id): hull(w.absolute for w in stage.windows if w.absolute is not None)
        for b in packs
        for stage in b.pack.stages
        if all(w.absolute is not None for w in stage.windows)
    }
    return {key: span for key, span in hulls.items() if span is not None}


def _covered(outcomes: Sequence[Outcome]) -> Span | None:
    firsts = [o.reading.first for o in outcomes if o.reading.first is not None]
    lasts = [_end(o.reading) for o in outcomes if o.reading.last is not None]
    return Span(min(firsts), max(lasts)) if firsts and lasts else None


def _end(reading: Reading) -> Instant:
    """Give where a source's time ends: past its last record where it broke off, so that the window holds the loss."""
    assert reading.last is not None  # the caller asked
    lost = any(gap.reason in LOST and gap.span is None for gap in reading.gaps)
    return reading.last + SECOND if lost else reading.last
