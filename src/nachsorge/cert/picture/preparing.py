"""Working a release out beside the page that asked for it: what takes a minute must not hang on a browser's patience.

What was asked for is kept before the work begins. Work lasts `LIMIT` at most, and says so where it was ended. If the
server stops meanwhile nothing is half done: a release is stored whole or not at all, and the page shows that the work
was interrupted and offers to begin it again.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import close_old_connections, connections, transaction
from django.utils import timezone

from nachsorge.cert.picture import releases
from nachsorge.cert.picture.models import Preparation
from nachsorge.cert.picture.programme import TooLong, within
from nachsorge.cert.picture.suppress import NotSafe
from nachsorge.cert.registry.models import Campaign

if TYPE_CHECKING:
    from collections.abc import Callable

    from nachsorge.cert.desk.roles import Viewer
    from nachsorge.cert.picture.rules import Rules

LIMIT = 600.0
"""Seconds that working out one release may take."""
WAIT = 8.0
"""Seconds that the page waits for it, so that what is quick needs no second look."""
_BEAT = timedelta(seconds=5)
_SILENCE = timedelta(minutes=3)
_log = logging.getLogger(__name__)


class Busy(releases.NotAllowed):
    """One release of this campaign is being worked out already."""


def ask(viewer: Viewer, campaign: Campaign, rules: Rules) -> Preparation:
    """Begin to work a release out, and wait a moment for it.

    Raises:
        NotAllowed: this person does not prepare releases.
        Busy: another one of this campaign is being worked out.
    """
    releases.allowed(viewer)
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        if any(not lost(one) for one in _computing(campaign)):
            raise Busy("one at a time")
        now = timezone.now()
        asked = Preparation.objects.create(
            campaign=campaign,
            circle=rules.circle.value,
            minimum=rules.minimum,
            asked_by=viewer.name,
            asked_at=now,
            beat=now,
        )
    _begin(lambda: _work(asked, viewer, rules))
    asked.refresh_from_db()
    return asked


def latest(campaign: Campaign) -> Preparation | None:
    """Give what was asked for last, unless it has become a release."""
    found = Preparation.objects.filter(campaign=campaign).first()
    return found if found and found.state != Preparation.State.DONE else None


def lost(asked: Preparation) -> bool:
    """Tell whether nobody works on it any more: the server stopped meanwhile."""
    return asked.state == Preparation.State.COMPUTING and timezone.now() - asked.beat > _SILENCE


def _computing(campaign: Campaign) -> list[Preparation]:
    return list(Preparation.objects.filter(campaign=campaign, state=Preparation.State.COMPUTING))


def _begin(work: Callable[[], None]) -> None:
    if not settings.PREPARE_BESIDE:
        work()
        return

    def alone() -> None:
        close_old_connections()
        try:
            work()
        finally:
            connections.close_all()

    thread = Thread(target=alone, name="release", daemon=True)
    thread.start()
    thread.join(WAIT)


def _work(asked: Preparation, viewer: Viewer, rules: Rules) -> None:
    asked.state = Preparation.State.FAILED
    try:
        with within(LIMIT, _beating(asked.pk)):
            asked.release = releases.prepare(viewer, asked.campaign, rules)
        asked.state = Preparation.State.DONE
    except NotSafe:
        asked.state = Preparation.State.REFUSED
    except TooLong:
        asked.state = Preparation.State.TOO_LONG
    finally:
        # An error that nobody foresaw ends the thread and is logged by it; the page says that it failed.
        if asked.state == Preparation.State.FAILED:
            _log.error("working out a release ended by an error")
        asked.save(update_fields=["state", "release"])


def _beating(asked: int) -> Callable[[], None]:
    """Give what leaves a sign every few seconds that the work goes on."""
    last = timezone.now()

    def beat() -> None:
        nonlocal last
        if (now := timezone.now()) - last > _BEAT:
            last = now
            Preparation.objects.filter(pk=asked).update(beat=now)

    return beat
