"""The page of one case, its raw bytes, and its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from nachsorge.cert.desk import forms, log, scope
from nachsorge.cert.desk.clocks import clocks
from nachsorge.cert.desk.output import released, to_staff
from nachsorge.cert.desk.roles import Deed
from nachsorge.cert.desk.rules import Way
from nachsorge.cert.desk.states import State, may_go, needs_reason, steps
from nachsorge.cert.desk.told import other_labels, reached
from nachsorge.cert.desk.views.entrance import case_of, for_staff
from nachsorge.model.labels import Release
from nachsorge.model.words import Tlp

if TYPE_CHECKING:
    from django.http import HttpRequest

    from nachsorge.cert.desk.models import Case, Entry
    from nachsorge.cert.desk.roles import Viewer

HISTORY = 200
"""Entries shown on one page; the log itself has all."""


@require_GET
@for_staff(Deed.READ)
def case(request: HttpRequest, viewer: Viewer, number: str) -> HttpResponse:
    """Show a case, or that there is one which names others."""
    found = scope.cases(viewer, Way.PAGE).filter(submission__number=number).prefetch_related("milestones").first()
    if found is None:
        return _closed(request, viewer, number)
    return page(request, viewer, found)


def page(request: HttpRequest, viewer: Viewer, found: Case, status: int = 200, **bound: object) -> HttpResponse:
    """Show a case that `scope` gave; `bound` are forms with what is wrong with them."""
    if not isinstance(released(viewer, found, Way.PAGE), Release):
        raise Http404
    door = to_staff(viewer, found, Way.PAGE)
    told = found.submission.notification()
    here = State(found.state)
    context = {
        "case": found,
        "submission": found.submission,
        "content": told,
        "reached": reached(told),
        "parts": other_labels(told),
        "clocks": clocks(found, timezone.now()),
        "steps": [(each.value, needs_reason(here, each)) for each in steps(here)],
        "notes": door.only(scope.notes(viewer, found), lambda each: each.label),
        "answers": door.only(scope.answers(viewer, found), lambda each: each.label),
        "link": _link(viewer, found),
        "copies": _copies(viewer, found),
        "forward": getattr(found, "forward", None),
        "named": sorted(door.named),
        "history": _history(viewer, found),
        "most": HISTORY,
        "can_link": may_go(here, State.DUPLICATE),
        "may_work": viewer.may(Deed.WORK),
        "may_answer": viewer.may(Deed.ANSWER) and here not in (State.RECEIVED, State.DUPLICATE),
        "may_forward": viewer.may(Deed.FORWARD),
        "may_export": viewer.may(Deed.EXPORT),
        "forms": _forms(viewer, found) | bound,
    }
    return render(request, "desk/case.html", context, status=status)


@require_GET
@for_staff(Deed.EXPORT)
def raw(request: HttpRequest, viewer: Viewer, number: str) -> HttpResponse:
    """Hand over what was sent, as it was sent. The file's name is its receipt and says nothing else."""
    found = case_of(viewer, number, Way.EXPORT)
    if not isinstance(released(viewer, found, Way.EXPORT), Release):
        raise Http404
    body = bytes(found.submission.raw or found.submission.sealed)
    kind, ending = ("application/json", "json") if found.submission.raw else ("application/pgp-encrypted", "asc")
    response = HttpResponse(body, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{found.submission.number}.{ending}"'
    return response


@require_GET
@for_staff(Deed.READ)
def as_json(request: HttpRequest, viewer: Viewer, number: str) -> HttpResponse:
    """Give the state of a case to a program of the CERT, with its label."""
    found = case_of(viewer, number, Way.API)
    if not isinstance(released(viewer, found, Way.API), Release):
        raise Http404
    told = found.submission.notification()
    rungs = told.assets.rungs if told is not None else ()
    return JsonResponse(
        {
            "number": found.submission.number,
            "label": f"TLP:{found.submission.label}",
            "channel": found.submission.channel,
            "received": found.submission.received.isoformat(),
            "state": found.state,
            "since": found.since.isoformat(),
            "rungs": {
                each.rung: {"shown": each.shown, "suspected": each.suspected, "open": each.open} for each in rungs
            },
        }
    )


@require_GET
@for_staff(Deed.READ)
def history(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the whole log, as far as its reader may see what it is about."""
    entries = scope.entries(viewer).order_by("-number")[:HISTORY]
    context = {"history": [_line(each) for each in entries], "head": log.head(), "most": HISTORY}
    if "verify" in request.GET:
        context["proof"] = log.verify()
    return render(request, "desk/history.html", context)


def _closed(request: HttpRequest, viewer: Viewer, number: str) -> HttpResponse:
    """Show of a TLP:RED case that it is there, and how to be named on it; of anything else that it is not."""
    found = scope.stubs(viewer).filter(submission__number=number).first()
    if found is None:
        raise Http404
    context = {"case": found, "submission": found.submission, "taken": found.named.exists(), "form": forms.Reason()}
    return render(request, "desk/closed.html", context | {"may_work": viewer.may(Deed.WORK)})


def _forms(viewer: Viewer, found: Case) -> dict[str, object]:
    assignee = found.assignee.get_username() if found.assignee else ""
    given = {
        "assign": forms.Assign(initial={"to": assignee}),
        "note": forms.NoteForm(initial={"label": max(found.submission.label, Tlp.AMBER_STRICT.value, key=_strictness)}),
        "link": forms.LinkForm(),
        "unlink": forms.Reason(),
        "aware": forms.Aware(initial={"at": found.aware, "trust_service": found.trust_service}),
        "met": forms.Met(),
        "organisation": forms.BelongsTo(initial={"organisation": found.submission.organisation_id}),
        "forward": forms.Forwarded(),
        "name": forms.Name(),
    }
    for name, form in given.items():
        form.auto_id = f"{name}-%s"
    return dict(given)


def _strictness(label: str) -> int:
    return list(Tlp).index(Tlp(label))


def _link(viewer: Viewer, found: Case) -> dict[str, object] | None:
    """Give what this is a duplicate of: its number, and whether the reader may open it."""
    active = found.links.filter(undone_at=None).select_related("original__submission").first()
    if active is None:
        return None
    other = active.original
    known = scope.may_open(viewer, other)
    return {
        "number": other.submission.number,
        "open": known,
        "why": active.why if known else "",
        "by": active.by,
    }


def _copies(viewer: Viewer, found: Case) -> list[str]:
    copies = found.copies.filter(undone_at=None).values("case")
    return list(scope.cases(viewer, Way.PAGE).filter(pk__in=copies).values_list("submission__number", flat=True))


def _history(viewer: Viewer, found: Case) -> list[dict[str, str]]:
    entries = scope.entries(viewer, found.submission.number).exclude(act=log.Act.READ.value)
    return [_line(each) for each in entries.order_by("-number")[:HISTORY]]


def _line(entry: Entry) -> dict[str, str]:
    return {
        "number": str(entry.number),
        "at": entry.at,
        "who": entry.who,
        "act": entry.act,
        "subject": entry.subject,
        "why": entry.why,
        "details": log.told(entry.details),
    }
