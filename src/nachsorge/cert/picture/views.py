"""Pages of the picture and of releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nachsorge.cert.desk import log
from nachsorge.cert.desk.roles import Deed
from nachsorge.cert.desk.views.entrance import for_staff
from nachsorge.cert.picture import preparing, releases
from nachsorge.cert.picture.board import board
from nachsorge.cert.picture.content import as_csv
from nachsorge.cert.picture.forms import DecisionForm, PrepareForm
from nachsorge.cert.picture.models import Preparation, Release
from nachsorge.cert.picture.rules import Circle, RuleError
from nachsorge.cert.picture.sheet import page_of
from nachsorge.cert.registry.models import Campaign

if TYPE_CHECKING:
    from django.http import HttpRequest

    from nachsorge.cert.desk.roles import Viewer


@require_GET
@for_staff(Deed.READ)
def index(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List the campaigns."""
    return render(request, "picture/index.html", {"campaigns": Campaign.objects.all()})


@require_GET
@for_staff(Deed.READ)
def picture(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """Show what is known of one campaign. For the CERT's own eyes: nothing is protected here."""
    campaign = get_object_or_404(Campaign, slug=slug)
    return render(request, "picture/picture.html", {"campaign": campaign, "board": board(viewer, campaign)})


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff(Deed.READ)
def campaign_releases(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """List the releases of a campaign, and prepare one."""
    campaign = get_object_or_404(Campaign, slug=slug)
    form = PrepareForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (done := _prepared(request, viewer, campaign, form)):
        return done
    asked = preparing.latest(campaign)
    lost = asked is not None and preparing.lost(asked)
    context = {
        "campaign": campaign,
        "form": form,
        "releases": Release.objects.filter(campaign=campaign).defer("content", "behind"),
        "may_prepare": viewer.may(Deed.EXPORT),
        "asked": asked,
        "lost": lost,
        "working": asked is not None and asked.state == Preparation.State.COMPUTING and not lost,
    }
    return render(request, "picture/releases.html", context)


def _prepared(request: HttpRequest, viewer: Viewer, campaign: Campaign, form: PrepareForm) -> HttpResponse | None:
    """Have a release worked out; None where the form has something to say."""
    try:
        asked = preparing.ask(viewer, campaign, form.rules())
    except RuleError:
        form.add_error("minimum", _("Rules may only be made stricter than the audience's own."))
        return None
    except preparing.Busy:
        messages.error(request, _("Another release of this campaign is being worked out. Wait until it is done."))
    except releases.NotAllowed:
        messages.error(request, _("Releases are prepared by analysts."))
    else:
        if asked.release:
            return redirect("picture:release", slug=campaign.slug, number=asked.release.number)
    return redirect("picture:releases", slug=campaign.slug)


@require_GET
@for_staff(Deed.READ)
def release(request: HttpRequest, viewer: Viewer, slug: str, number: int) -> HttpResponse:
    """Show a release to staff, with what has to be decided."""
    found = _one(slug, number)
    context = {
        "release": found,
        "page": page_of(found.read()),
        "form": DecisionForm(),
        "may_decide": found.state == Release.State.PREPARED and viewer.may(Deed.APPROVE),
        "own": found.prepared_by == viewer.name,
    }
    return render(request, "picture/release.html", context)


@require_POST
@for_staff(Deed.APPROVE)
def decide(request: HttpRequest, viewer: Viewer, slug: str, number: int) -> HttpResponse:
    """Approve or reject a release."""
    found, form = _one(slug, number), DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why you reject it."))
        return redirect("picture:release", slug=slug, number=number)
    try:
        if form.cleaned_data["decision"] == "approve":
            releases.approve(viewer, found, form.cleaned_data["why"])
            messages.success(request, _("Released."))
        else:
            releases.reject(viewer, found, form.cleaned_data["why"])
            messages.success(request, _("Rejected."))
    except releases.NotAllowed:
        messages.error(request, _("Another person has to decide, or somebody has decided already."))
    except releases.Outdated:
        messages.error(request, _("What it was made from has changed: prepare it anew."))
    return redirect("picture:release", slug=slug, number=number)


@require_GET
@for_staff(Deed.EXPORT)
def release_csv(request: HttpRequest, viewer: Viewer, slug: str, number: int) -> HttpResponse:
    """Hand an approved release out as a file, to be passed on to its audience."""
    found = _one(slug, number)
    if found.state != Release.State.APPROVED:
        raise Http404
    log.write(viewer.name, log.Act.EXPORTED, release=f"{slug}/{number}", digest=found.digest)
    return _csv(found)


@require_GET
def public_index(request: HttpRequest) -> HttpResponse:
    """List what everybody may read."""
    return render(request, "picture/public.html", {"releases": releases.public_ones()})


@require_GET
def public_release(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show a public release: nothing but what was released."""
    found = _public(slug, number)
    return render(request, "picture/public_release.html", {"release": found, "page": page_of(found.read())})


@require_GET
def public_csv(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Hand out the tables of a public release."""
    return _csv(_public(slug, number))


def _one(slug: str, number: int) -> Release:
    rows = Release.objects.select_related("campaign").defer("behind")
    return get_object_or_404(rows, campaign__slug=slug, number=number)


def _public(slug: str, number: int) -> Release:
    """Give a released one; all others are as absent as if there were none."""
    found = _one(slug, number)
    if found.state != Release.State.APPROVED or found.circle != Circle.PUBLIC.value:
        raise Http404
    return found


def _csv(found: Release) -> HttpResponse:
    answer = HttpResponse(as_csv(found.read()), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{found.campaign.slug}-{found.number}.csv"'
    return answer
