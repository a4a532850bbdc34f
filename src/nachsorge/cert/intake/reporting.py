"""The public form: filled in, looked at, sent. Three steps of one page; nothing is stored before the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nachsorge.cert.intake.compose import MOST_INDICATORS, Unclear, composed, new_draft
from nachsorge.cert.intake.forms import TELEMETRY, ReportForm
from nachsorge.cert.intake.models import Source
from nachsorge.cert.intake.receive import Refused, receive
from nachsorge.cert.intake.unlocked import unlock
from nachsorge.cert.registry import vocabulary
from nachsorge.cert.registry.models import Campaign
from nachsorge.cert.registry.places import RUNGS
from nachsorge.cert.site.limits import limited
from nachsorge.locale import speaking
from nachsorge.sharing.notification import NotificationError, decode, encode

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from nachsorge.sharing.notification import Notification


@require_http_methods(["GET", "HEAD", "POST"])
@limited("report")
def report(request: HttpRequest) -> HttpResponse:
    """Show the form; what it says for a last look; or take it and give the receipt."""
    if not Campaign.objects.filter(state=Campaign.State.OPEN).exists():
        return render(request, "intake/closed.html")
    if request.method != "POST":
        return _form(
            request, ReportForm(initial={"draft": new_draft(), "campaign": request.GET.get("campaign", "")[:50]})
        )
    form = ReportForm(request.POST)
    content = _content(form)
    if content is None or request.POST.get("step") == "change":
        return _form(request, form)
    if request.POST.get("step") != "send":
        return render(request, "intake/check.html", {"form": form, "content": content, "said": _said(request)})
    return _send(request, form, content)


def _content(form: ReportForm) -> Notification | None:
    """Give what the form says if it says something that can be sent; otherwise the form knows why not."""
    if not form.is_valid():
        return None
    try:
        content = composed(form.cleaned_data)
        if len(content.indicators) > MOST_INDICATORS:
            form.add_error("indicators", _("At most %(most)s, please.") % {"most": MOST_INDICATORS})
            return None
        with speaking(vocabulary.language()):
            return decode(encode(content))
    except Unclear as error:
        number, line = error.args
        text = _("Line %(number)s is no address, domain, URL or hash: %(line)s")
        form.add_error("indicators", text % {"number": number, "line": line})
    except NotificationError as error:
        # What the form's own checks do not know, said by the one who refuses it.
        for each in error.problems:
            form.add_error(None, each.message)
    return None


def _send(request: HttpRequest, form: ReportForm, content: Notification) -> HttpResponse:
    if form.cleaned_data["website"]:
        return render(request, "intake/closed.html", status=400)
    try:
        receipt = receive(encode(content), Source.FORM)
    except Refused as error:
        form.add_error(None, _(str(error)))
        return _form(request, form)
    unlock(request, receipt.number)
    return redirect("receipt", number=receipt.number)


def _said(request: HttpRequest) -> list[tuple[str, str]]:
    """Give the fields as they were sent, to be sent again by the button of the last look."""
    left_out = ("csrfmiddlewaretoken", "step")
    return [(name, value) for name, values in request.POST.lists() if name not in left_out for value in values]


def _form(request: HttpRequest, form: ReportForm) -> HttpResponse:
    rungs = [(label, form[f"shown_{word}"], form[f"suspected_{word}"], form[f"out_{word}"]) for word, label in RUNGS]
    telemetry = [(label, form[f"whole_{word}"], form[f"partly_{word}"]) for word, label in TELEMETRY]
    page = {"form": form, "rungs": rungs, "telemetry": telemetry}
    return render(request, "intake/report.html", page, status=422 if form.is_bound and form.errors else 200)
