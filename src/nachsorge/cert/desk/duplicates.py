"""Two submissions that tell of the same: linked with a reason, and unlinked again with one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nachsorge.cert.desk import log
from nachsorge.cert.desk.casework import Refused, locked, set_state
from nachsorge.cert.desk.models import Link
from nachsorge.cert.desk.roles import Deed
from nachsorge.cert.desk.states import State, may_go
from nachsorge.model.words import Tlp

if TYPE_CHECKING:
    from nachsorge.cert.desk.models import Case
    from nachsorge.cert.desk.roles import Viewer


@transaction.atomic
def link(viewer: Viewer, case: Case, original: Case, why: str) -> Link:
    """Say that `case` tells of the same as `original`, which stays the one that counts. Chains are not made."""
    first, second = sorted((case, original), key=lambda each: each.pk)
    held = {each.pk: locked(viewer, each, Deed.WORK) for each in (first, second)}  # in one order: no deadlock
    case, original = held[case.pk], held[original.pk]
    if case.pk == original.pk:
        raise Refused(_("A submission is no duplicate of itself."))
    if State(original.state) is State.DUPLICATE:
        raise Refused(_("The other one is a duplicate itself: link to its original."))
    if case.copies.filter(undone_at=None).exists():
        raise Refused(_("Others are linked to this one as duplicates: link them elsewhere first."))
    if not may_go(State(case.state), State.DUPLICATE):
        raise Refused(_("This step is not possible from the present state."))
    if not log.plain(why):
        raise Refused(_("Please give a reason."))
    set_state(viewer, case, State.DUPLICATE, _kept_to(case, original, why))
    _write(viewer, log.Act.LINKED, case, original, why)
    return Link.objects.create(case=case, original=original, by=viewer.name, at=timezone.now(), why=log.plain(why))


@transaction.atomic
def unlink(viewer: Viewer, case: Case, why: str) -> None:
    """Take a link back; the submission goes on from `acknowledged`."""
    case = locked(viewer, case, Deed.WORK)
    found = case.links.filter(undone_at=None).select_related("original__submission").first()
    if found is None:
        raise Refused(_("It is not linked."))
    if not log.plain(why):
        raise Refused(_("Please give a reason."))
    set_state(viewer, case, State.ACKNOWLEDGED, _kept_to(case, found.original, why))
    found.undone_by, found.undone_at, found.undone_why = viewer.name, timezone.now(), log.plain(why)
    found.save()
    _write(viewer, log.Act.UNLINKED, case, found.original, why)


def _write(viewer: Viewer, act: log.Act, case: Case, original: Case, why: str) -> None:
    """Enter it at both, each with what its own readers may know of the reason."""
    for here, other in ((case, original), (original, case)):
        log.write(viewer.name, act, here.submission.number, _kept_to(here, other, why), other=other.submission.number)


def _kept_to(here: Case, other: Case, why: str) -> str:
    """Keep a reason that may tell of a TLP:RED report out of the log of one that more people read."""
    red = Tlp.RED.value
    if other.submission.label == red and here.submission.label != red:
        return f"see {other.submission.number}"
    return why
