"""The deadlines of a case, from what its rows say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nachsorge.cert.desk.deadlines import VIENNA, Clock, Deadline, Standing, Times, deadlines

if TYPE_CHECKING:
    from nachsorge.cert.desk.models import Case


@dataclass(frozen=True, slots=True)
class Shown:
    """One clock as a page shows it; `left` is negative after the deadline."""

    clock: str
    due: datetime
    met: datetime | None
    standing: Standing
    duty: bool
    left: timedelta


def clocks(case: Case, now: datetime) -> list[Shown]:
    """Give every clock of a case; its milestones should be loaded already."""
    return [_shown(each, now) for each in _deadlines(case)]


def next_clock(case: Case, now: datetime) -> Shown | None:
    """Give the clock that runs out first and is not met; None where there is none."""
    running = [each for each in clocks(case, now) if each.met is None]
    return min(running, key=lambda each: each.due, default=None)


def _deadlines(case: Case) -> tuple[Deadline, ...]:
    met = {each.clock: each.at for each in case.milestones.all()}
    received = case.submission.received
    times = Times(
        received,
        case.aware or received,
        replied=met.get(Clock.REPLY.value),
        warned=met.get(Clock.EARLY_WARNING.value),
        notified=met.get(Clock.NOTIFICATION.value),
        finished=met.get(Clock.FINAL_REPORT.value),
    )
    return deadlines(times, mandatory=case.submission.channel == "mandatory", trust_service=case.trust_service)


def _shown(deadline: Deadline, now: datetime) -> Shown:
    due = deadline.due.astimezone(VIENNA)
    return Shown(deadline.clock.value, due, deadline.met, deadline.standing(now), deadline.duty, due - now)
