"""A submission as the desk reads it: part by part, each with its label, what was not looked at among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.model.words import Rung, Tlp
from nachsorge.sharing.notification import Notification

if TYPE_CHECKING:
    from nachsorge.sharing.notification import Coverage
    from nachsorge.sharing.notification import Rung as Stands


@dataclass(frozen=True, slots=True)
class Bar:
    """One rung with its counts. `unjudged` assets are in scope, but the rung says nothing of them."""

    rung: str
    shown: int
    suspected: int
    open: int
    ruled_out: int
    unjudged: int


@dataclass(frozen=True, slots=True)
class Looked:
    """One kind of telemetry: assets seen whole, partly, not at all, and why not."""

    telemetry: str
    whole: int
    partly: int
    none: int
    reasons: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was told, in the order in which it is read at night. `labels` has the label of every part."""

    told: Notification
    bars: tuple[Bar, ...]
    looked: tuple[Looked, ...]
    reached: str
    labels: dict[str, Tlp]


PARTS = ("incident", "organisation", "contact", "assets", "coverage", "weeks", "done", "indicators", "help", "note")


def report(told: Notification) -> Report:
    """Arrange a notification for reading."""
    by_rung: dict[str, Stands] = {each.rung: each for each in told.assets.rungs}
    bars = tuple(_bar(each.word, by_rung.get(each.word), told.assets.scope) for each in Rung)
    reached = [each.rung for each in bars if each.shown or each.suspected]
    given: dict[str, Tlp] = dict(told.labels.parts.items())
    labels = {part: given.get(part, told.labels.tlp) for part in PARTS}
    return Report(told, bars, tuple(_looked(each) for each in told.coverage), reached[-1] if reached else "", labels)


def _bar(rung: str, stands: Stands | None, scope: int) -> Bar:
    if stands is None:
        return Bar(rung, 0, 0, 0, 0, scope)
    return Bar(rung, stands.shown, stands.suspected, stands.open, stands.ruled_out, max(0, scope - stands.total()))


def _looked(each: Coverage) -> Looked:
    reasons = ", ".join(f"{reason.value} ({count})" for reason, count in sorted(each.reasons.items()))
    return Looked(each.telemetry.value, each.whole, each.partly, each.none, reasons)
