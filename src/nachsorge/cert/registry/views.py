"""The registry's pages, for staff: who may read, work or manage is decided by the roles of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nachsorge.cert.desk import log, scope
from nachsorge.cert.desk.roles import Deed
from nachsorge.cert.desk.views.entrance import for_staff
from nachsorge.cert.registry.forms import CampaignForm, ContactForm, OrganisationForm, PartnerCountForm, TokenForm
from nachsorge.cert.registry.models import ApiToken, Campaign, Contact, Organisation
from nachsorge.cert.registry.tokens import make

if TYPE_CHECKING:
    from django.forms import BaseForm
    from django.http import HttpRequest, HttpResponse, QueryDict

    from nachsorge.cert.desk.roles import Viewer

PAGE = 50


@require_GET
@for_staff(Deed.READ)
def index(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show what there is."""
    page = {
        "campaigns": Campaign.objects.all(),
        "organisations": Organisation.objects.count(),
        "counts": scope.partner_counts(viewer).count(),
        "may_manage": viewer.may(Deed.MANAGE),
    }
    return render(request, "registry/index.html", page)


@require_GET
@for_staff(Deed.READ)
def organisations(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List organisations, with a search over names and groups."""
    wanted = request.GET.get("q", "").replace("\x00", "").strip()[:100]  # which PostgreSQL takes in no text
    rows = Organisation.objects.select_related("group").annotate(people=Count("contacts")).order_by("name")
    if wanted:
        rows = rows.filter(Q(name__icontains=wanted) | Q(group__name__icontains=wanted))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "wanted": wanted, "may_work": viewer.may(Deed.WORK)}
    return render(request, "registry/organisations.html", context)


@require_GET
@for_staff(Deed.READ)
def organisation(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Show one organisation with its contacts. Its reports are the desk's, which knows who may see them."""
    found = get_object_or_404(Organisation.objects.select_related("group").prefetch_related("contacts"), pk=pk)
    others = Organisation.objects.filter(group=found.group).exclude(pk=pk) if found.group else ()
    context = {"organisation": found, "others": others, "may_work": viewer.may(Deed.WORK)}
    return render(request, "registry/organisation.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff(Deed.WORK)
def edit_organisation(request: HttpRequest, viewer: Viewer, pk: int | None = None) -> HttpResponse:
    """Add or change an organisation."""
    found = get_object_or_404(Organisation, pk=pk) if pk else None
    form = OrganisationForm(_sent(request), instance=found)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            saved = form.save()
            _logged(viewer, "changed" if found else "added", "organisation", saved.pk)
        return redirect("registry:organisation", pk=saved.pk)
    return _form(request, form, _("Organisation"))


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff(Deed.WORK)
def edit_contact(request: HttpRequest, viewer: Viewer, organisation: int, pk: int | None = None) -> HttpResponse:
    """Add or change a contact."""
    owner = get_object_or_404(Organisation, pk=organisation)
    found = get_object_or_404(Contact, pk=pk, organisation=owner) if pk else Contact(organisation=owner)
    form = ContactForm(_sent(request), instance=found)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            saved = form.save()
            _logged(viewer, "changed" if pk else "added", "contact", saved.pk)
        return redirect("registry:organisation", pk=owner.pk)
    return _form(request, form, _("Contact"))


@require_GET
@for_staff(Deed.READ)
def counts(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List the numbers of partners that this person may see."""
    page = Paginator(scope.partner_counts(viewer), PAGE).get_page(request.GET.get("page"))
    return render(request, "registry/counts.html", {"page": page, "may_work": viewer.may(Deed.WORK)})


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff(Deed.WORK)
def add_count(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Enter a partner's number. It is never changed: a later number is a new entry."""
    newest = Campaign.objects.filter(state=Campaign.State.OPEN).first()
    form = PartnerCountForm(_sent(request), initial={"campaign": newest})
    if request.method == "POST" and form.is_valid():
        form.instance.entered_by = viewer.name
        with transaction.atomic():
            saved = form.save()
            _logged(viewer, "added", "partner count", saved.pk)
        return redirect("registry:counts")
    return _form(request, form, _("Partner's count"))


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff(Deed.MANAGE)
def edit_campaign(request: HttpRequest, viewer: Viewer, slug: str = "") -> HttpResponse:
    """Open or change a campaign."""
    found = get_object_or_404(Campaign, slug=slug) if slug else None
    form = CampaignForm(_sent(request), instance=found, initial={"opened": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            saved = form.save()
            _logged(viewer, "changed" if found else "added", "campaign", saved.pk)
        return redirect("registry:index")
    return _form(request, form, _("Campaign"))


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff(Deed.MANAGE)
def tokens(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List tokens, and make one; it is shown on this page only, once."""
    form, token = TokenForm(_sent(request)), ""
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            token = make(form.cleaned_data["name"], by=viewer.name, organisation=form.cleaned_data["organisation"])
            _logged(viewer, "added", "token", ApiToken.objects.latest("pk").pk)
        form = TokenForm()
    rows = ApiToken.objects.select_related("organisation")
    status = 422 if form.is_bound else 200
    return render(request, "registry/tokens.html", {"form": form, "token": token, "tokens": rows}, status=status)


@require_POST
@for_staff(Deed.MANAGE)
def revoke(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Revoke a token; it is kept, since submissions name it."""
    found = get_object_or_404(ApiToken, pk=pk)
    with transaction.atomic():
        ApiToken.objects.filter(pk=pk, revoked=None).update(revoked=timezone.now())
        _logged(viewer, "revoked", "token", pk)
    messages.success(request, _("%(name)s is revoked.") % {"name": found.name})
    return redirect("registry:tokens")


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _form(request: HttpRequest, form: BaseForm, title: str) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "registry/form.html", {"form": form, "title": title}, status=status)


def _logged(viewer: Viewer, did: str, what: str, key: int) -> None:
    """Write who did what to which row; names stay out of the log, which outlives them."""
    act = log.Act.ORGANISATION if what in ("organisation", "contact") else log.Act.ACCOUNT
    log.write(viewer.name, act, did=did, what=what, row=str(key))
