"""From the desk's submissions to what is counted. The only place where the picture meets other apps' tables.

A report counts if its reporter allows counting, it is the newest of its notification, it can be read here, it is no
test and the desk has neither refuted it nor found it to be a duplicate. What is left out is told, by reason.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from nachsorge.cert.desk import scope
from nachsorge.cert.desk.output import HOUSE
from nachsorge.cert.desk.states import State
from nachsorge.cert.intake.models import Submission
from nachsorge.cert.picture.rules import Circle
from nachsorge.cert.picture.told import Basis, Outcome, Told
from nachsorge.model.labels import Audience, Consent, Label, Party, Purpose, Release
from nachsorge.model.words import Rung, Tlp
from nachsorge.sharing.door import may_leave

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nachsorge.cert.desk.roles import Viewer
    from nachsorge.cert.registry.models import Campaign, PartnerCount
    from nachsorge.sharing.notification import Notification

TEST = "test"
"""The incident of exercises, as in RSIT (`test:test`): nothing told of it ever counts."""
_RUNGS = {rung.word: rung for rung in Rung}
_OUT = {State.REFUTED.value: "refuted", State.DUPLICATE.value: "duplicate"}


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is counted, what is not and why, and which bytes it all was read from.

    `left_out` has the reasons `no-consent`, `sealed`, `refuted`, `duplicate` and `test`, with numbers of reports.
    """

    told: tuple[Told, ...]
    left_out: dict[str, int]
    digests: tuple[tuple[str, frozenset[Circle]], ...]


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner's number: organisations at one rung, perhaps of one region or sector."""

    partner: str
    rung: str
    region: str
    sector: str
    number: int
    circles: frozenset[Circle]


def gather(viewer: Viewer, campaign: Campaign) -> Gathered:
    """Read what may be counted of a campaign. One query, and one more for what has no consent."""
    rows = scope.visible(viewer, Purpose.COUNT).filter(campaign=campaign, current=True).order_by("pk")
    left, told, digests = Counter[str](), [], []
    for row in rows.defer("sealed"):
        notification = row.notification()
        if reason := _left_out(row, notification):
            left[reason] += 1
        elif notification is not None:
            one = _told(row, notification)
            told.append(one)
            digests.append((row.digest, one.circles))
    silent = Submission.objects.filter(campaign=campaign, current=True, may_count=False).count()
    if silent:
        left["no-consent"] = silent
    return Gathered(tuple(told), dict(left), tuple(digests))


def partners(viewer: Viewer, campaign: Campaign) -> tuple[Partner, ...]:
    """Give the newest number of each partner for each rung, region and sector."""
    newest: dict[tuple[str, str, str, str], PartnerCount] = {}
    for row in scope.partner_counts(viewer).filter(campaign=campaign).order_by("entered", "pk"):
        newest[row.partner, row.rung, row.region, row.sector] = row
    return tuple(
        Partner(
            row.partner,
            row.rung,
            row.region,
            row.sector,
            row.number,
            _through(Label(Tlp(row.label)), Audience.CERT, Consent(count=row.publishable)),
        )
        for row in newest.values()
    )


def known_to_partners(found: Iterable[Partner], circle: Circle) -> tuple[int, ...]:
    """Give each partner's greatest number of organisations affected that these readers may hear of."""
    most: dict[str, int] = {}
    for one in found:
        if circle in one.circles:
            most[one.partner] = max(most.get(one.partner, 0), one.number)
    return tuple(most[name] for name in sorted(most))


def _left_out(row: Submission, notification: Notification | None) -> str:
    if (case := getattr(row, "case", None)) and case.state in _OUT:
        return _OUT[case.state]
    if notification is None:
        return "sealed"
    return TEST if notification.incident.pack == TEST else ""


def _told(row: Submission, notification: Notification) -> Told:
    case, verdicts = getattr(row, "case", None), notification.assets.verdicts
    shown = {_RUNGS[rung.rung]: rung.shown for rung in notification.assets.rungs if rung.shown}
    organisation = row.organisation
    return Told(
        group=organisation.unit if organisation else f"report:{row.notification_id}",
        sector=organisation.sector if organisation and organisation.sector != "unknown" else row.sector,
        region=organisation.region if organisation and organisation.region != "unknown" else row.region,
        basis=Basis.VERIFIED if case and case.state == State.VERIFIED.value else Basis.REPORTED,
        received=row.received.date(),
        assets={
            Outcome.AFFECTED: verdicts.compromised,
            Outcome.SUSPECTED: verdicts.suspected,
            Outcome.NOT_LOOKED: verdicts.open,
            Outcome.RULED_OUT: verdicts.ruled_out,
        },
        rung=max(shown, default=None),
        rungs=shown,
        coverage={one.telemetry.value: (one.whole, one.partly, one.none) for one in notification.coverage},
        week=notification.weeks.first if notification.weeks else "",
        circles=_circles(row, notification),
    )


def _circles(row: Submission, notification: Notification) -> frozenset[Circle]:
    allowed = notification.purposes
    consent = Consent(count=allowed.count, pass_to=frozenset(allowed.pass_to), name=allowed.name)
    # The desk may have raised the label since: the column is the newer one.
    return _through(Label(Tlp(row.label)), Audience.ORGANISATION, consent)


@cache
def _through(label: Label, origin: Audience, consent: Consent) -> frozenset[Circle]:
    """Ask the door, for every circle, whether this may be part of a number. Whose it is makes no difference there."""
    answers = {
        circle: may_leave(label, Party(origin), Party(circle.audience), Purpose.COUNT, consent, holder=HOUSE)
        for circle in Circle
    }
    return frozenset(circle for circle, answer in answers.items() if isinstance(answer, Release))
