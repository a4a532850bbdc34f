"""What can be done to a case: each deed checks who may and the states, and is logged in its own transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nachsorge.cert.desk import log, scope
from nachsorge.cert.desk.models import Case, Milestone, Note
from nachsorge.cert.desk.roles import Deed
from nachsorge.cert.desk.rules import may_name
from nachsorge.cert.desk.states import State, may_go, needs_reason
from nachsorge.model.words import Tlp

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

    from nachsorge.cert.desk.deadlines import Clock
    from nachsorge.cert.desk.roles import Viewer
    from nachsorge.cert.registry.models import Organisation


class Refused(Exception):
    """It cannot be done now; the text says why, in the reader's language, and names nothing of the submission."""


def locked(viewer: Viewer, case: Case, deed: Deed) -> Case:
    """Give the case anew, locked until the transaction ends.

    Raises:
        PermissionDenied: this person may not do it, or may not see the case.
    """
    if not viewer.may(deed):
        raise PermissionDenied
    fresh = Case.objects.select_for_update(of=("self",)).select_related("submission").get(pk=case.pk)
    if not scope.may_open(viewer, fresh):
        raise PermissionDenied
    return fresh


@transaction.atomic
def move(viewer: Viewer, case: Case, there: State, why: str = "", seen: State | None = None) -> Case:
    """Change the state.

    Args:
        viewer: who does it.
        case: what is moved.
        there: the new state; `duplicate` is reached by `duplicates.link` only.
        why: the reason, where the table demands one.
        seen: the state that the person had before their eyes; if somebody else was faster, nothing is done.
    """
    case = locked(viewer, case, Deed.WORK)
    here = State(case.state)
    if seen is not None and seen is not here:
        raise Refused(_("Somebody else has changed the state meanwhile."))
    if State.DUPLICATE in (here, there) or not may_go(here, there):
        raise Refused(_("This step is not possible from the present state."))
    return set_state(viewer, case, there, why)


def set_state(viewer: Viewer, case: Case, there: State, why: str) -> Case:
    """Write a state that the table allows, with its entry; the caller holds the lock."""
    here = State(case.state)
    why = log.plain(why)
    if needs_reason(here, there) and not why:
        raise Refused(_("Please give a reason."))
    case.state, case.since = there.value, timezone.now()
    case.save(update_fields=["state", "since"])
    log.write(viewer.name, log.Act.STATE, case.submission.number, why, before=here.value, after=there.value)
    return case


@transaction.atomic
def assign(viewer: Viewer, case: Case, user: User | None, why: str = "") -> None:
    """Give the case to somebody, or back to nobody. A TLP:RED case only to somebody whom it names."""
    case = locked(viewer, case, Deed.WORK)
    if user is not None and case.submission.label == Tlp.RED.value and not case.named.filter(pk=user.pk).exists():
        raise Refused(_("TLP:RED: name the person first."))
    before = case.assignee.get_username() if case.assignee else ""
    case.assignee = user
    case.save(update_fields=["assignee"])
    log.write(
        viewer.name,
        log.Act.ASSIGNED,
        case.submission.number,
        why,
        before=before,
        after=user.get_username() if user else "",
    )


@transaction.atomic
def name(viewer: Viewer, case: Case, user: User, why: str) -> None:
    """Put somebody on the list of a TLP:RED case; see `rules.may_name`. Always with a reason."""
    if not viewer.may(Deed.WORK):
        raise PermissionDenied
    case = Case.objects.select_for_update(of=("self",)).select_related("submission").get(pk=case.pk)
    first = not case.named.exists()
    if not may_name(viewer, named=scope.is_named(viewer, case), anybody_named=not first):
        raise PermissionDenied
    if first and user.get_username() != viewer.name:
        raise Refused(_("The first to be named is who takes it."))
    if not log.plain(why):
        raise Refused(_("Please give a reason."))
    case.named.add(user)
    log.write(viewer.name, log.Act.NAMED, case.submission.number, why, name=user.get_username())


@transaction.atomic
def note(viewer: Viewer, case: Case, text: str, label: Tlp = Tlp.AMBER_STRICT) -> Note:
    """Write a note. The log says that there is one, not what stands in it.

    A TLP:RED note names its author, if nobody is named yet; else only the named write one, since they see each other's.
    """
    case = locked(viewer, case, Deed.WORK)
    if not text.strip():
        raise Refused(_("The note is empty."))
    if label is Tlp.RED and not scope.is_named(viewer, case):
        if case.named.exists():
            raise Refused(_("TLP:RED: somebody who is named has to name you first."))
        case.named.add(_user(viewer))
        log.write(viewer.name, log.Act.NAMED, case.submission.number, "TLP:RED", name=viewer.name)
    log.write(viewer.name, log.Act.NOTE, case.submission.number, label=label.value)
    return Note.objects.create(case=case, author=viewer.name, at=timezone.now(), label=label.value, text=text)


@transaction.atomic
def became_aware(viewer: Viewer, case: Case, at: datetime, why: str = "", *, trust_service: bool = False) -> None:
    """Note when the organisation became aware: the clocks of the law run from then.

    A provider of trust services has 24 hours for the notification as well (NIS2 Art. 23(4), last subparagraph).
    """
    case = locked(viewer, case, Deed.WORK)
    if at > case.submission.received:
        raise Refused(_("The organisation became aware before it reported."))
    case.aware, case.trust_service = at, trust_service
    case.save(update_fields=["aware", "trust_service"])
    kind = {"trust_service": "yes"} if trust_service else {}
    log.write(viewer.name, log.Act.AWARE, case.submission.number, why, at=at.isoformat(), **kind)


@transaction.atomic
def met(viewer: Viewer, case: Case, clock: Clock, at: datetime, why: str = "") -> None:
    """Note that a clock was met; a later word takes the place of the earlier one, the log keeps both."""
    case = locked(viewer, case, Deed.WORK)
    Milestone.objects.update_or_create(case=case, clock=clock.value, defaults={"at": at, "by": viewer.name})
    log.write(viewer.name, log.Act.MILESTONE, case.submission.number, why, clock=clock.value, at=at.isoformat())


@transaction.atomic
def belongs_to(viewer: Viewer, case: Case, organisation: Organisation | None, why: str) -> None:
    """Say which registered organisation a report is of: what it may get follows from that."""
    case = locked(viewer, case, Deed.WORK)
    if not log.plain(why):
        raise Refused(_("Please give a reason."))
    case.submission.organisation = organisation
    case.submission.save(update_fields=["organisation"])
    log.write(
        viewer.name, log.Act.ORGANISATION, case.submission.number, why, to=str(organisation.pk if organisation else "")
    )


@transaction.atomic
def forwarded(viewer: Viewer, case: Case, reference: str) -> None:
    """Note that a mandatory report was passed on to the authority. A voluntary one has no duty, so nothing to note."""
    case = locked(viewer, case, Deed.FORWARD)
    duty = getattr(case, "forward", None)
    if duty is None:
        raise Refused(_("A voluntary report is not forwarded."))
    if duty.done is not None:
        raise Refused(_("It was forwarded already."))
    duty.done, duty.by, duty.reference = timezone.now(), viewer.name, log.plain(reference)[:200]
    duty.save()
    log.write(viewer.name, log.Act.FORWARDED, case.submission.number, reference)


def _user(viewer: Viewer) -> User:
    from django.contrib.auth.models import User

    return User.objects.get(username=viewer.name)
