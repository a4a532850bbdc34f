"""The reporter's side: which answers wait, and handing one over to whoever shows the receipt's secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from nachsorge.cert.desk import log
from nachsorge.cert.desk.models import Answer
from nachsorge.cert.intake.models import Submission
from nachsorge.cert.intake.receipts import find
from nachsorge.cert.intake.standing import Waiting
from nachsorge.cert.intake.unlocked import is_open
from nachsorge.cert.site.limits import limited

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

HEADER = "Receipt-Secret"


def waiting(submission: Submission) -> list[Waiting]:
    """Give the answers that this reporter may fetch now."""
    return [
        Waiting(
            each.number,
            each.at,
            each.label,
            reverse("desk:fetch", args=(submission.number, each.number)),
        )
        for each in ready(submission)
    ]


def ready(submission: Submission) -> QuerySet[Answer]:
    """Give the answers that are neither withdrawn nor made for a recipient that the report is no longer linked to."""
    same = Answer.objects.filter(case__submission=submission, withdrawn=None)
    return same.filter(organisation=submission.organisation_id)


@require_GET
@limited("receipt", methods=("GET",))
def fetch(request: HttpRequest, number: str, answer: int) -> HttpResponse:
    """Hand over a signed answer to a browser that has shown the secret, or to a program that sends it as a header.

    Whatever is wrong, the reply is the same: there is nothing here. The file's name is the receipt and says no more.
    """
    submission = _reported(request, number)
    found = ready(submission).filter(number=answer).first() if submission is not None else None
    if found is None or submission is None:
        raise Http404
    Answer.objects.filter(pk=found.pk, fetched=None).update(fetched=timezone.now())
    log.write(log.REPORTER, log.Act.FETCHED, submission.number, answer=str(found.number))
    response = HttpResponse(bytes(found.signed), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{submission.number}-{found.number}.asc"'
    return response


def _reported(request: HttpRequest, number: str) -> Submission | None:
    if secret := request.headers.get(HEADER, ""):
        return find(number, secret)
    return Submission.objects.filter(number=number).first() if is_open(request, number) else None
