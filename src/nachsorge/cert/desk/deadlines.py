"""The clocks of a submission under NIS2 Art. 23 and section 34 NISG 2026. They are shown; they never block anything.

Early warning within 24 hours and notification within 72 hours of becoming aware (trust service providers: 24 hours for
both), final report one month after the notification was submitted (Art. 23(4)); the CSIRT's own answer within 24 hours
of the early warning where possible (Art. 23(5)). Hours run absolutely, through changes of summer time. A month ends on
the same day at the same local time, or on the last day of a month that has no such day (31 January + one month is the
end of February). Weekends and holidays, which would move the end of a period in months to the next working day
(Regulation 1182/71 Art. 3(4)), are not counted in: the date shown is never later than the legal one.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

VIENNA = ZoneInfo("Europe/Vienna")


class Clock(StrEnum):
    """Which deadline is meant."""

    REPLY = "reply"
    EARLY_WARNING = "early warning"
    NOTIFICATION = "notification"
    FINAL_REPORT = "final report"


class Standing(StrEnum):
    """How a deadline stands at a given moment."""

    MET = "met"
    MET_LATE = "met late"
    RUNNING = "running"
    SOON = "soon"
    MISSED = "missed"


SOON = timedelta(hours=6)
"""A running deadline nearer than this is shown as urgent."""


@dataclass(frozen=True, slots=True)
class Times:
    """When what happened; all aware. `aware` is when the organisation became aware, else when the report came in."""

    received: datetime
    aware: datetime
    replied: datetime | None = None
    warned: datetime | None = None
    notified: datetime | None = None
    finished: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """One clock. `duty` tells whether the law sets it; voluntary reports have the CERT's own aim only."""

    clock: Clock
    due: datetime
    met: datetime | None
    duty: bool

    def standing(self, now: datetime) -> Standing:
        """Tell how it stands at `now`."""
        if self.met is not None:
            return Standing.MET if self.met <= self.due else Standing.MET_LATE
        if now > self.due:
            return Standing.MISSED
        return Standing.SOON if self.due - now <= SOON else Standing.RUNNING


def deadlines(times: Times, *, mandatory: bool, trust_service: bool = False) -> tuple[Deadline, ...]:
    """Give the clocks of a submission. A voluntary one creates no duties (Art. 30(2)); its answer is an aim."""
    reply = Deadline(Clock.REPLY, hours_after(times.warned or times.received, 24), times.replied, duty=mandatory)
    if not mandatory:
        return (reply,)
    found = [
        reply,
        Deadline(Clock.EARLY_WARNING, hours_after(times.aware, 24), times.warned, duty=True),
        Deadline(Clock.NOTIFICATION, hours_after(times.aware, 24 if trust_service else 72), times.notified, duty=True),
    ]
    if times.notified is not None:
        found.append(Deadline(Clock.FINAL_REPORT, month_after(times.notified), times.finished, duty=True))
    return tuple(found)


def hours_after(start: datetime, hours: int) -> datetime:
    """Add hours that really pass, whatever the clocks on the wall do."""
    return (start.astimezone(UTC) + timedelta(hours=hours)).astimezone(VIENNA)


def month_after(start: datetime, zone: ZoneInfo = VIENNA) -> datetime:
    """Add one month by the calendar of `zone`, keeping the local time of day."""
    local = start.astimezone(zone)
    year, month = (local.year + 1, 1) if local.month == 12 else (local.year, local.month + 1)
    day = min(local.day, monthrange(year, month)[1])
    moved = local.replace(year=year, month=month, day=day)
    return moved.astimezone(UTC).astimezone(zone)  # a time that summer time skips becomes a real one
