"""What the buttons of a case do. Every one is a POST; whatever is refused is said on the page of the case."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nachsorge.cert.desk import casework, duplicates, forms, scope
from nachsorge.cert.desk.casework import Refused
from nachsorge.cert.desk.deadlines import Clock
from nachsorge.cert.desk.roles import Deed
from nachsorge.cert.desk.rules import Way
from nachsorge.cert.desk.states import State
from nachsorge.cert.desk.views.case import page
from nachsorge.cert.desk.views.entrance import case_of, for_staff
from nachsorge.model.words import Tlp

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.forms import Form
    from django.http import HttpRequest, HttpResponse

    from nachsorge.cert.desk.models import Case
    from nachsorge.cert.desk.roles import Viewer

    Deeds = dict[str, tuple[type[Form], Callable[[Viewer, Case, dict[str, object]], object]]]


@require_POST
@for_staff(Deed.WORK)
def deed(request: HttpRequest, viewer: Viewer, number: str, what: str) -> HttpResponse:
    """Do one of `DEEDS` to a case."""
    if what not in DEEDS:
        raise Http404
    case = case_of(viewer, number)
    kind, act = DEEDS[what]
    form = kind(request.POST, auto_id=f"{what}-%s")
    if not form.is_valid():
        return page(request, viewer, case, 400, **{what: form})
    try:
        act(viewer, case, form.cleaned_data)
    except Refused as refused:
        messages.error(request, str(refused))
        return page(request, viewer, case_of(viewer, number), 409, **{what: form})
    messages.success(request, _("Done."))
    return redirect("desk:case", number)


@require_POST
@for_staff(Deed.WORK)
def take(request: HttpRequest, viewer: Viewer, number: str) -> HttpResponse:
    """Take a TLP:RED case that names nobody yet: who opens it first is named, with a reason."""
    case = scope.stubs(viewer).filter(submission__number=number).first()
    form = forms.Reason(request.POST)
    if case is None:
        raise Http404
    if not form.is_valid():
        messages.error(request, _("Please give a reason."))
        return redirect("desk:case", number)
    casework.name(viewer, case, User.objects.get(username=viewer.name), form.cleaned_data["why"])
    return redirect("desk:case", number)


def _move(viewer: Viewer, case: Case, given: dict[str, object]) -> None:
    casework.move(viewer, case, State(str(given["there"])), str(given["why"]), State(str(given["seen"])))


def _link(viewer: Viewer, case: Case, given: dict[str, object]) -> None:
    wanted = str(given["original"]).strip().upper()
    original = scope.cases(viewer, Way.PAGE).filter(submission__number=wanted).first()
    if original is None:
        raise Refused(_("There is no such submission."))
    duplicates.link(viewer, case, original, str(given["why"]))


def _user(given: dict[str, object]) -> User | None:
    found = given["to"]
    return found if isinstance(found, User) else None


def _name(viewer: Viewer, case: Case, given: dict[str, object]) -> None:
    user = _user(given)
    if user is not None:
        casework.name(viewer, case, user, str(given["why"]))


def _aware(viewer: Viewer, case: Case, given: dict[str, object]) -> None:
    casework.became_aware(viewer, case, _at(given), str(given["why"]), trust_service=bool(given["trust_service"]))


def _at(given: dict[str, object]) -> datetime:
    found = given["at"]
    assert isinstance(found, datetime)  # the form has seen to it
    return found


DEEDS: Deeds = {
    "move": (forms.Move, _move),
    "assign": (forms.Assign, lambda v, c, given: casework.assign(v, c, _user(given), str(given["why"]))),
    "name": (forms.Name, _name),
    "note": (forms.NoteForm, lambda v, c, given: casework.note(v, c, str(given["text"]), Tlp(str(given["label"])))),
    "link": (forms.LinkForm, _link),
    "unlink": (forms.Reason, lambda v, c, given: duplicates.unlink(v, c, str(given["why"]))),
    "aware": (forms.Aware, _aware),
    "met": (
        forms.Met,
        lambda v, c, given: casework.met(v, c, Clock(str(given["clock"])), _at(given), str(given["why"])),
    ),
    "organisation": (
        forms.BelongsTo,
        lambda v, c, given: casework.belongs_to(v, c, given["organisation"], str(given["why"])),  # type: ignore[arg-type]
    ),
    "forward": (forms.Forwarded, lambda v, c, given: casework.forwarded(v, c, str(given["reference"]))),
}
