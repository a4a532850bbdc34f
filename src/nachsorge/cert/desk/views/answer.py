"""Answering: look at what would go, give it, look at what went, seal it for the reporter's key, take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nachsorge.cert.desk import forms, known_packs, scope
from nachsorge.cert.desk.answering import Wish, draft, give, look_of, recipient_of, sealed_for, withdraw
from nachsorge.cert.desk.casework import Refused
from nachsorge.cert.desk.output import released, to_staff
from nachsorge.cert.desk.roles import Deed
from nachsorge.cert.desk.rules import Way
from nachsorge.cert.desk.told import reached
from nachsorge.cert.desk.views.entrance import case_of, for_staff
from nachsorge.errors import NachsorgeError
from nachsorge.model.labels import Label, Pap, Release
from nachsorge.model.words import Rung, Tlp
from nachsorge.sharing.answer import decode

if TYPE_CHECKING:
    from django.http import HttpRequest

    from nachsorge.cert.desk.models import Answer, Case
    from nachsorge.cert.desk.roles import Viewer

SHOWN = 100
"""Indicators shown on the page; the file has all."""


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff(Deed.ANSWER)
def answer(request: HttpRequest, viewer: Viewer, number: str) -> HttpResponse:
    """Choose, look at what would go, and give it."""
    case = case_of(viewer, number)
    if not isinstance(released(viewer, case, Way.PAGE), Release):
        raise Http404
    packs = known_packs.for_submission(case.submission)
    form = forms.AnswerForm(request.POST or None, packs=packs, initial={"rung": _rung(case).value})
    found, status = None, 200
    if request.method == "POST" and form.is_valid():
        try:
            wish = _wish(form.cleaned_data)
            found = draft(case.submission, wish)
            if "give" in request.POST:
                give(viewer, case, wish, request.POST.get("looked_at", ""))
                messages.success(request, _("The answer is ready for the reporter."))
                return redirect("desk:case", number)
        except (Refused, NachsorgeError) as refused:
            form.add_error(None, str(refused) if isinstance(refused, Refused) else _("The pack cannot be used."))
    if form.errors:
        status = 422
    context = {
        "case": case,
        "submission": case.submission,
        "form": form,
        "draft": found,
        "look": look_of(found) if found else "",
        "packs": packs,
        "most": f":{SHOWN}",
    }
    return render(request, "desk/answer.html", context | {"recipient": recipient_of(case.submission)}, status=status)


@require_GET
@for_staff(Deed.READ)
def given(request: HttpRequest, viewer: Viewer, number: str, answer: int) -> HttpResponse:
    """Show an answer that was given."""
    found = _answer(viewer, number, answer)
    context = {"case": found.case, "submission": found.case.submission, "answer": found, "content": _content(found)}
    return render(request, "desk/given.html", context | {"most": SHOWN, "may_answer": viewer.may(Deed.ANSWER)})


@require_POST
@for_staff(Deed.ANSWER)
def take_back(request: HttpRequest, viewer: Viewer, number: str, answer: int) -> HttpResponse:
    """Withdraw an answer."""
    found = _answer(viewer, number, answer)
    form = forms.Reason(request.POST)
    if form.is_valid():
        withdraw(viewer, found, form.cleaned_data["why"])
        messages.success(request, _("Done."))
    else:
        messages.error(request, _("Please give a reason."))
    return redirect("desk:given", number, answer)


@require_POST
@for_staff(Deed.ANSWER)
def sealed(request: HttpRequest, viewer: Viewer, number: str, answer: int) -> HttpResponse:
    """Hand over an answer sealed for the reporter's key, to be sent by mail."""
    found = _answer(viewer, number, answer)
    form = forms.Key(request.POST)
    try:
        if not form.is_valid():
            raise Refused(_("Paste the reporter's public key."))
        body = sealed_for(viewer, found, form.cleaned_data["key"].encode())
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("desk:given", number, answer)
    response = HttpResponse(body, content_type="application/pgp-encrypted")
    response.headers["Content-Disposition"] = f'attachment; filename="{number}-{found.number}.asc"'
    return response


def _answer(viewer: Viewer, number: str, answer: int) -> Answer:
    case = case_of(viewer, number)
    found = scope.answers(viewer, case).filter(number=answer).first()
    door = to_staff(viewer, case, Way.PAGE)
    if found is None or not isinstance(door.ask(Label(Tlp(found.label))), Release):
        raise Http404
    return found


def _content(found: Answer) -> object:
    return decode(bytes(found.content))


def _rung(case: Case) -> Rung:
    return reached(case.submission.notification()) or Rung.EXPOSED


def _wish(given: dict[str, object]) -> Wish:
    pack = known_packs.load(str(given["pack"]))
    label = Tlp(str(given["text_label"]))
    return Wish(pack, Rung(int(str(given["rung"]))), Pap(str(given["pap"])), str(given["text"]), label)
