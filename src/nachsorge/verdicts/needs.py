"""Whether coverage meets what a stage needs before it may be ruled out, and what is missing where it does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nachsorge.model.assessment import Coverage, Unmet
from nachsorge.model.times import Span, subtract
from nachsorge.model.words import SNAPSHOTS, Reason, Telemetry

if TYPE_CHECKING:
    from nachsorge.model.pack import Need, Option

Covered = Mapping[Telemetry, Coverage]

NEVER = "the pack names nothing that would rule this out"


def unmet(need: Need, covered: Covered, window: Span | None) -> tuple[Unmet, ...]:
    """Give what the nearest option of a need still lacks; empty where one option is met.

    Nearest is the option with the least uncovered time; among equals, the one the pack names first. A need that names
    no telemetry at all cannot be met: nothing looked at is no answer.
    """
    best: tuple[Unmet, ...] | None = None
    for option in need.any_of:
        lacking = _option(option, covered, window, need.settle)
        if not lacking:
            return ()
        if best is None or _lack(lacking) < _lack(best):
            best = lacking
    if best is None:
        return (Unmet(telemetry=None, span=None, reason=Reason.NEVER, settle=need.settle, note=NEVER),)
    return best


def met_by(need: Need, covered: Covered, window: Span | None) -> str:
    """Name the telemetry of the first option that is met; empty where none is."""
    for option in need.any_of:
        if not _option(option, covered, window, ""):
            return " and ".join(telemetry.value for telemetry in option.telemetry)
    return ""


def _option(option: Option, covered: Covered, window: Span | None, settle: str) -> tuple[Unmet, ...]:
    if not option.telemetry:
        return (Unmet(telemetry=None, span=None, reason=Reason.NEVER, settle=settle, note=NEVER),)
    lacking: list[Unmet] = []
    for telemetry in option.telemetry:
        if option.snapshot_after is not None and telemetry in SNAPSHOTS:
            lacking += _snapshot(telemetry, option.snapshot_after, covered.get(telemetry), settle)
        else:
            lacking += _throughout(telemetry, covered.get(telemetry), window, settle)
    return tuple(lacking)


def _snapshot(telemetry: Telemetry, after: int, seen: Coverage | None, settle: str) -> list[Unmet]:
    if seen is None or not seen.intervals:
        reason, note = _explained(seen)
        return [Unmet(telemetry=telemetry, span=None, reason=reason, settle=settle, note=note)]
    if seen.intervals[-1].end >= after:
        return []
    return [Unmet(telemetry=telemetry, span=None, reason=Reason.SNAPSHOT_TOO_EARLY, settle=settle)]


def _explained(seen: Coverage | None) -> tuple[Reason, str]:
    return (seen.gaps[0].reason, seen.gaps[0].note) if seen is not None and seen.gaps else (Reason.NOT_PROVIDED, "")


def _throughout(telemetry: Telemetry, seen: Coverage | None, window: Span | None, settle: str) -> list[Unmet]:
    if window is None or window.start > window.end:
        return [Unmet(telemetry=telemetry, span=None, reason=Reason.NO_TIME, settle=settle)]
    holes = subtract(window, seen.intervals if seen is not None else ())
    return [_hole(telemetry, hole, seen, settle) for hole in holes]


def _hole(telemetry: Telemetry, hole: Span, seen: Coverage | None, settle: str) -> Unmet:
    gap = next((gap for gap in seen.gaps if gap.span.overlaps(hole)), None) if seen is not None else None
    if gap is not None:
        return Unmet(telemetry=telemetry, span=hole, reason=gap.reason, settle=settle, note=gap.note)
    reason = Reason.NOT_PROVIDED if seen is None or not seen.intervals else Reason.OUTSIDE_SPAN
    return Unmet(telemetry=telemetry, span=hole, reason=reason, settle=settle)


def _lack(lacking: tuple[Unmet, ...]) -> int:
    """Measure how much an option lacks; what has no span lacks more than anything that has."""
    return sum(u.span.end - u.span.start if u.span is not None else 2**62 for u in lacking)
