"""The public pages of intake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nachsorge.cert.intake.arrival import taken
from nachsorge.cert.intake.forms import FindForm, UploadForm
from nachsorge.cert.intake.models import Source, Submission
from nachsorge.cert.intake.receipts import find, secret_of
from nachsorge.cert.intake.receive import Refused
from nachsorge.cert.intake.reporting import report
from nachsorge.cert.intake.standing import standing_of
from nachsorge.cert.intake.unlocked import is_given, is_open, unlock
from nachsorge.cert.registry import vocabulary
from nachsorge.cert.site.limits import limited
from nachsorge.locale import speaking
from nachsorge.sharing.notification import NotificationError
from nachsorge.sharing.seal import ARMOUR, LARGEST_SEALED, SealError

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["receipt", "receipts", "report", "upload"]


@require_http_methods(["GET", "HEAD", "POST"])
@limited("report")
def upload(request: HttpRequest) -> HttpResponse:
    """Take a sealed file, and give its receipt."""
    form = UploadForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method != "POST" or not form.is_valid():
        return render(request, "intake/upload.html", {"form": form}, status=422 if form.is_bound else 200)
    file = form.cleaned_data["file"]
    body = file.read(LARGEST_SEALED + 1)
    try:
        if not body.lstrip().startswith(ARMOUR):
            form.add_error("file", _("This is no sealed file: it must begin with “-----BEGIN PGP MESSAGE-----”."))
        else:
            with speaking(vocabulary.language()):  # what is wrong, in their words
                found = taken(body, Source.UPLOAD)
            if not found.known:
                unlock(request, found.number)
            return redirect("receipt", number=found.number)
    except SealError:
        form.add_error("file", _("It cannot be opened: not sealed for our key, damaged, or too large."))
    except NotificationError as error:
        for each in error.problems:
            form.add_error("file", each.message)
    except Refused as error:
        form.add_error("file", _(str(error)))
    return render(request, "intake/upload.html", {"form": form}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@limited("receipt")
def receipts(request: HttpRequest) -> HttpResponse:
    """Ask for number and secret, and go to the receipt."""
    form = FindForm(
        request.POST if request.method == "POST" else None, initial={"number": request.GET.get("number", "")[:64]}
    )
    if request.method == "POST" and form.is_valid():
        found = find(form.cleaned_data["number"], form.cleaned_data["secret"])
        if found is not None:
            unlock(request, found.number, given=False)
            return redirect("receipt", number=found.number)
        form.add_error(None, _("The number or the secret is wrong."))
    return render(request, "intake/receipts.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD"])
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """Show what became of a submission to a browser that may see it; others are asked for the secret.

    The page is the same for numbers that never were: it tells nobody which exist.
    """
    if not is_open(request, number):
        form = FindForm(initial={"number": number[:64]})
        return render(request, "intake/receipts.html", {"form": form})
    found = Submission.objects.select_related("campaign").get(number=number)
    secret = secret_of(number) if is_given(request, number) else ""
    page = {"standing": standing_of(found), "secret": secret, "campaign": found.campaign, "channel": found.channel}
    return render(request, "intake/receipt.html", page)
