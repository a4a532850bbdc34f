"""The condition on every query: no view asks the database for submissions, notes or entries but through this module.

`rules` decides which labels a person may see by which way; here that becomes a condition of the query itself, so that
what may not be seen is never loaded, counted, sorted or searched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from nachsorge.cert.desk.models import Answer, Case, Entry, Note
from nachsorge.cert.desk.roles import Deed, Viewer
from nachsorge.cert.desk.rules import Way, may_see, named_labels, open_labels
from nachsorge.cert.intake.models import Submission
from nachsorge.cert.registry.models import PartnerCount
from nachsorge.model.labels import Purpose
from nachsorge.model.words import Tlp

if TYPE_CHECKING:
    from collections.abc import Iterable


def cases(viewer: Viewer, way: Way) -> QuerySet[Case]:
    """Give the cases whose content this person may see by this way."""
    rows = Case.objects.filter(seen(viewer, way, "submission__label", "named"))
    return rows.select_related("submission", "submission__campaign", "submission__organisation", "assignee")


def stubs(viewer: Viewer) -> QuerySet[Case]:
    """Give the cases that this person may only know to exist: number, label, time, state and who works on it.

    A TLP:RED report has to be seen waiting before somebody can be named on it. Nothing of it is loaded.
    """
    if not viewer.may(Deed.READ):
        return Case.objects.none()
    hidden = Case.objects.filter(submission__label=Tlp.RED.value).exclude(named__username=viewer.name)
    return hidden.select_related("submission", "assignee").only(
        "state",
        "since",
        "assignee__username",
        "submission__number",
        "submission__label",
        "submission__received",
        "submission__channel",
        "submission__current",
    )


def visible(viewer: Viewer, purpose: Purpose = Purpose.HELP) -> QuerySet[Submission]:
    """Give the submissions that this person may use for this purpose, with their cases.

    To count, consent for counting is what decides, for every label; the numbers still pass disclosure control. All
    other purposes see what a page would show.
    """
    rows = Submission.objects.select_related("case", "campaign", "organisation")
    if purpose is Purpose.COUNT:
        return rows.filter(may_count=True) if viewer.may(Deed.READ) else rows.none()
    return rows.filter(seen(viewer, Way.PAGE, "label", "case__named"))


def notes(viewer: Viewer, case: Case, way: Way = Way.PAGE) -> QuerySet[Note]:
    """Give the notes of a case that this person may see."""
    return Note.objects.filter(seen(viewer, way, "label", "case__named"), _case(viewer, way, case))


def answers(viewer: Viewer, case: Case, way: Way = Way.PAGE) -> QuerySet[Answer]:
    """Give the answers of a case that this person may see."""
    return Answer.objects.filter(seen(viewer, way, "label", "case__named"), _case(viewer, way, case))


def entries(viewer: Viewer, subject: str = "") -> QuerySet[Entry]:
    """Give the log as far as this person may see what it is about; entries without a subject are for all staff."""
    if not viewer.may(Deed.READ):
        return Entry.objects.none()
    if subject:
        known = cases(viewer, Way.HISTORY).filter(submission__number=subject)
        return Entry.objects.filter(subject=subject) if known.exists() else Entry.objects.none()
    seen = cases(viewer, Way.HISTORY).order_by().values("submission__number")
    return Entry.objects.filter(Q(subject="") | Q(subject__in=seen))


def partner_counts(viewer: Viewer, way: Way = Way.PAGE) -> QuerySet[PartnerCount]:
    """Give the numbers of partners that this person may see; a TLP:RED one is for whom it was told, who entered it."""
    always, if_named = open_labels(viewer, way), named_labels(viewer, way)
    found = Q(label__in=_values(always)) | Q(label__in=_values(if_named - always), entered_by=viewer.name)
    return PartnerCount.objects.filter(found).select_related("campaign")


def is_named(viewer: Viewer, case: Case) -> bool:
    """Tell whether this person stands on the record's list."""
    return bool(viewer.name) and case.named.filter(username=viewer.name).exists()


def may_open(viewer: Viewer, case: Case, way: Way = Way.PAGE) -> bool:
    """Tell whether this person may see a case that is already loaded."""
    return may_see(viewer, Tlp(case.submission.label), way, named=is_named(viewer, case))


def seen(viewer: Viewer, way: Way, label: str, named: str) -> Q:
    """Give the condition: `label` is the field that holds the label, `named` the way to the list of named persons."""
    always, if_named = open_labels(viewer, way), named_labels(viewer, way)
    found = Q(**{f"{label}__in": _values(always)})
    if more := if_named - always:
        on_list = Case.named.through.objects.filter(user__username=viewer.name).values("case_id")
        case_id = named.rpartition("__")[0]
        found |= Q(**{f"{label}__in": _values(more), f"{f'{case_id}__' if case_id else ''}pk__in": on_list})
    return found


def _case(viewer: Viewer, way: Way, case: Case) -> Q:
    return Q(case__in=cases(viewer, way).filter(pk=case.pk).order_by().values("pk"))


def _values(labels: Iterable[Tlp]) -> list[str]:
    return sorted(each.value for each in labels)
