"""Preparing a release, and deciding on it: two acts by two people."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from nachsorge.cert.desk import log
from nachsorge.cert.desk.roles import Deed
from nachsorge.cert.picture.content import behind, content, encode, past
from nachsorge.cert.picture.drafting import draft
from nachsorge.cert.picture.models import Release
from nachsorge.cert.picture.rules import Circle, Rules
from nachsorge.cert.picture.units import Gathered, gather, known_to_partners, partners
from nachsorge.cert.registry.models import Campaign
from nachsorge.cert.registry.places import SECTORS
from nachsorge.errors import NachsorgeError

if TYPE_CHECKING:
    from nachsorge.cert.desk.roles import Viewer
    from nachsorge.cert.picture.series import Past

SECTOR_WORDS = tuple(word for word, _ in SECTORS)


class NotAllowed(NachsorgeError):
    """This person may not do that, or not with this release."""


class Outdated(NachsorgeError):
    """What the release was made from is not as it was: it has to be prepared anew."""


def prepare(viewer: Viewer, campaign: Campaign, rules: Rules) -> Release:
    """Make a release and keep it for another person to decide on.

    Raises:
        NotAllowed: this person does not prepare releases.
        NotSafe: nothing can be released without giving something away.
        TooLong: the time allowed around this call is spent; nothing was stored.
    """
    allowed(viewer)
    found, now = gather(viewer, campaign), timezone.now()
    known = known_to_partners(partners(viewer, campaign), rules.circle)
    counted = _counted(found, rules.circle)
    made = draft(found.told, rules, _pasts(campaign), SECTOR_WORDS, known)
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        number = (Release.objects.filter(campaign=campaign).aggregate(last=Max("number"))["last"] or 0) + 1
        body = encode(content(made, campaign.slug, number, now.date().isoformat()))
        release = Release.objects.create(
            campaign=campaign,
            number=number,
            circle=rules.circle.value,
            content=body,
            behind={**behind(made), "earlier": _approved(campaign), "counted": counted},
            digest=hashlib.sha256(body).hexdigest(),
            inputs=hashlib.sha256("\n".join(counted).encode()).hexdigest(),
            prepared_by=viewer.name,
            prepared_at=now,
        )
        _log(viewer, release, "prepared")
    return release


def allowed(viewer: Viewer) -> None:
    """Raise `NotAllowed` for whoever does not prepare releases."""
    if not viewer.may(Deed.EXPORT):
        raise NotAllowed("releases are prepared by analysts")


def approve(viewer: Viewer, release: Release, why: str = "") -> Release:
    """Let a release out. From now on it stays as it is.

    Raises:
        NotAllowed: the same person prepared it, has not the role, or somebody has decided already.
        Outdated: another release was approved since, or something that it counts may not be counted any more.
    """
    with transaction.atomic():
        release = _open(viewer, release)
        Campaign.objects.select_for_update().get(pk=release.campaign_id)
        if viewer.name == release.prepared_by:
            raise NotAllowed("a release is approved by another person than the one who prepared it")
        if release.behind["earlier"] != _approved(release.campaign):
            raise Outdated("another release was approved meanwhile: prepare this one anew")
        still = _counted(gather(viewer, release.campaign), Circle(release.circle))
        if not set(release.behind["counted"]) <= set(still):
            raise Outdated("something that it counts may not be counted any more: prepare this one anew")
        return _decide(viewer, release, Release.State.APPROVED, why)


def reject(viewer: Viewer, release: Release, why: str) -> Release:
    """Keep a release from going out, for good; a new one may be prepared.

    Raises:
        NotAllowed: this person has not the role, or somebody has decided already.
    """
    with transaction.atomic():
        return _decide(viewer, _open(viewer, release), Release.State.REJECTED, why)


def public_ones() -> list[Release]:
    """Give what everybody may read, newest first."""
    rows = Release.objects.filter(circle=Circle.PUBLIC.value, state=Release.State.APPROVED)
    return list(rows.select_related("campaign").defer("behind").order_by("-decided_at"))


def _open(viewer: Viewer, release: Release) -> Release:
    if not viewer.may(Deed.APPROVE):
        raise NotAllowed("releases are decided on by approvers")
    fresh = Release.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=release.pk)
    if fresh.state != Release.State.PREPARED:
        raise NotAllowed("this release has been decided on already")
    return fresh


def _decide(viewer: Viewer, release: Release, state: Release.State, why: str) -> Release:
    release.state, release.decided_by, release.decided_at, release.why = state, viewer.name, timezone.now(), why
    release.save()
    _log(viewer, release, state.value, why)
    return release


def _log(viewer: Viewer, release: Release, what: str, why: str = "") -> None:
    name = f"{release.campaign.slug}/{release.number}"
    log.write(
        viewer.name, log.Act.RELEASE, why=why, release=name, what=what, audience=release.circle, digest=release.digest
    )


def _pasts(campaign: Campaign) -> list[Past]:
    rows = Release.objects.filter(campaign=campaign, state=Release.State.APPROVED).order_by("decided_at", "pk")
    return [past(row.number, Circle(row.circle), row.behind) for row in rows]


def _approved(campaign: Campaign) -> list[int]:
    rows = Release.objects.filter(campaign=campaign, state=Release.State.APPROVED)
    return list(rows.order_by("number").values_list("number", flat=True))


def _counted(found: Gathered, circle: Circle) -> list[str]:
    """Give the digests of all reports that are counted for these readers."""
    return sorted(digest for digest, circles in found.digests if circle in circles)
