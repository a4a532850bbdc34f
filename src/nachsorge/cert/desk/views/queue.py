"""The queue's page, and the same as a file."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from nachsorge.cert.desk import log
from nachsorge.cert.desk.queue import PAGE, Row, Wanted, hidden, matching, row
from nachsorge.cert.desk.roles import Deed
from nachsorge.cert.desk.rules import LOGGED, Way
from nachsorge.cert.desk.states import State
from nachsorge.cert.desk.views.entrance import for_staff
from nachsorge.cert.registry.models import Campaign
from nachsorge.model.words import Tlp

if TYPE_CHECKING:
    from django.http import HttpRequest

    from nachsorge.cert.desk.roles import Viewer

COLUMNS = (
    "number",
    "label",
    "channel",
    "received",
    "state",
    "since",
    "campaign",
    "sector",
    "region",
    "rung",
    "assignee",
)


@require_GET
@for_staff(Deed.READ)
def queue(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show what waits."""
    wanted = Wanted.read(request.GET)
    page = Paginator(matching(viewer, wanted), PAGE).get_page(request.GET.get("page"))
    now = timezone.now()
    rows = [each for each in (row(viewer, case, now) for case in page) if each is not None]
    context = {
        "wanted": wanted,
        "page": page,
        "rows": rows,
        "hidden": hidden(viewer, wanted) if page.number == 1 else [],
        "states": [each.value for each in State],
        "campaigns": Campaign.objects.all(),
        "may_export": viewer.may(Deed.EXPORT),
    }
    return render(request, "desk/queue.html", context)


@require_GET
@for_staff(Deed.EXPORT)
def as_csv(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Give the queue as CSV. TLP:RED is in no export; every restricted row is entered into the log."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for values in _taken(request, viewer):
        writer.writerow([_harmless(value) for value in values])
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="queue.csv"'
    return response


@require_GET
@for_staff(Deed.EXPORT)
def as_json(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Give the queue as JSON."""
    found = [dict(zip(COLUMNS, values, strict=True)) for values in _taken(request, viewer)]
    response = JsonResponse({"label": _label(found), "submissions": found})
    response.headers["Content-Disposition"] = 'attachment; filename="queue.json"'
    return response


def _taken(request: HttpRequest, viewer: Viewer) -> list[list[str]]:
    """Give the rows that leave, all of them, and log which; contents are let go of at once."""
    now, rows, restricted = timezone.now(), list[list[str]](), list[str]()
    for case in matching(viewer, Wanted.read(request.GET), Way.EXPORT).iterator(chunk_size=500):
        line = row(viewer, case, now, Way.EXPORT)
        if line is not None:
            rows.append(_values(line))
            restricted += [case.submission.number] if Tlp(case.submission.label) in LOGGED else []
    for at in range(0, len(restricted), 50):
        log.write(viewer.name, log.Act.EXPORTED, numbers=" ".join(restricted[at : at + 50]), way=Way.EXPORT.value)
    return rows


def _values(line: Row) -> list[str]:
    case, submission = line.case, line.case.submission
    return [
        submission.number,
        f"TLP:{submission.label}",
        submission.channel,
        submission.received.isoformat(),
        case.state,
        case.since.isoformat(),
        submission.campaign.slug if submission.campaign else "",
        submission.sector,
        submission.region,
        line.rung,
        case.assignee.get_username() if case.assignee else "",
    ]


def _harmless(value: str) -> str:
    # A spreadsheet runs what begins with these signs (CWE-1236).
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _label(found: list[dict[str, str]]) -> str:
    order = [f"TLP:{each.value}" for each in Tlp]
    return max((each["label"] for each in found), key=order.index, default="TLP:CLEAR")
