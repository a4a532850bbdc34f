"""The queue: what waits, what is worked on, what is settled; most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Case as When
from django.db.models import IntegerField, Q, QuerySet, Value
from django.db.models import When as If

from nachsorge.cert.desk import scope
from nachsorge.cert.desk.clocks import Shown, next_clock
from nachsorge.cert.desk.models import Case, Note
from nachsorge.cert.desk.output import to_staff_row
from nachsorge.cert.desk.rules import TO_MACHINES, Way
from nachsorge.cert.desk.states import SETTLED, State
from nachsorge.cert.desk.told import reached
from nachsorge.model.labels import Release

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nachsorge.cert.desk.roles import Viewer

PAGE = 50
"""Rows on one page."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue; `hidden` is a TLP:RED case that does not name the reader: of it nothing else is known."""

    case: Case
    hidden: bool = False
    rung: str = ""
    clock: Shown | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader asked for."""

    state: str = "open"
    mine: bool = False
    campaign: str = ""
    words: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Wanted:
        """Read the address line; what is no state is `open`."""
        state = query.get("state", "open")
        known = state in ("open", "all") or state in {each.value for each in State}
        return cls(
            state if known else "open",
            bool(query.get("mine")),
            query.get("campaign", "")[:50],
            query.get("q", "")[:100],
        )


def matching(viewer: Viewer, wanted: Wanted, way: Way = Way.PAGE) -> QuerySet[Case]:
    """Give the cases that were asked for, most urgent first: mandatory before voluntary, then the oldest."""
    rows = scope.cases(viewer, way).filter(submission__current=True)
    rows = rows.filter(_state(wanted.state))
    if wanted.mine:
        rows = rows.filter(assignee__username=viewer.name)
    if wanted.campaign:
        rows = rows.filter(submission__campaign__slug=wanted.campaign)
    if wanted.words:
        rows = rows.filter(_words(viewer, wanted.words, way))
    settled = If(state__in=[each.value for each in SETTLED], then=Value(2))
    rank = When(
        settled, If(submission__channel="mandatory", then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    return (
        rows.annotate(rank=rank)
        .order_by("rank", "submission__received", "pk")
        .prefetch_related("milestones")
        .defer("submission__sealed")
    )


def hidden(viewer: Viewer, wanted: Wanted) -> list[Row]:
    """Give the TLP:RED cases that do not name the reader; never as the result of a search for words."""
    if wanted.words or wanted.campaign or wanted.mine:
        return []
    waiting = scope.stubs(viewer).filter(submission__current=True).filter(_state(wanted.state))
    return [Row(each, hidden=True) for each in waiting.order_by("submission__received")]


def row(viewer: Viewer, case: Case, now: datetime, way: Way = Way.PAGE) -> Row | None:
    """Make one line, if the door lets it out."""
    if not isinstance(to_staff_row(viewer, case, way), Release):
        return None
    rung = reached(case.submission.notification())
    mine = case.assignee is not None and case.assignee.get_username() == viewer.name
    clock = None if State(case.state).settled else next_clock(case, now)
    return Row(case, rung=rung.word if rung else "", clock=clock, mine=mine)


def _state(state: str) -> Q:
    if state == "all":
        return Q()
    return ~Q(state__in=[each.value for each in SETTLED]) if state == "open" else Q(state=state)


def _words(viewer: Viewer, words: str, way: Way) -> Q:
    """Search number, organisation and notes; a note only where its own label may be seen."""
    labels = scope.seen(viewer, way if way in TO_MACHINES else Way.SEARCH, "label", "case__named")
    noted = Note.objects.filter(labels, text__icontains=words).values("case_id")
    return (
        Q(submission__number__istartswith=words) | Q(submission__organisation__name__icontains=words) | Q(pk__in=noted)
    )
