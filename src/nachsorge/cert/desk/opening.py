"""Every submission gets its case, its log entry and, if mandatory, its duty, in the transaction that stores it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models.signals import post_save

from nachsorge.cert.desk import log
from nachsorge.cert.desk.deadlines import Clock
from nachsorge.cert.desk.models import Case, Forward, Milestone
from nachsorge.cert.desk.states import State
from nachsorge.cert.intake.signals import opened
from nachsorge.model.words import Tlp
from nachsorge.sharing.labels import at_most

if TYPE_CHECKING:
    from nachsorge.cert.intake.models import Submission

MANDATORY = "mandatory"


def connect() -> None:
    """Listen to what intake stores; intake itself knows nothing of the desk."""
    post_save.connect(_stored, sender="intake.Submission", dispatch_uid="desk-opening")
    opened.connect(_unsealed, dispatch_uid="desk-unsealed")


def open_case(submission: Submission) -> Case:
    """Open the case of a new submission.

    A mandatory one brings the duty to forward it at once (section 34 NISG 2026) and counts as the early warning
    until an analyst says more. A voluntary one brings neither (NIS2 Art. 30(2)).
    """
    case = Case.objects.create(submission=submission, state=State.RECEIVED.value, since=submission.received)
    log.write(log.SERVER, log.Act.RECEIVED, submission.number, channel=submission.channel, label=submission.label)
    _begin(case)
    return case


def _begin(case: Case) -> None:
    """Do what follows from the content: once it can be read, which for a file sealed for another key is later."""
    submission = case.submission
    before = Case.objects.filter(submission__superseded_by=submission).first()
    if before is not None:
        _carry_over(before, case)
    if submission.channel == MANDATORY:
        Forward.objects.get_or_create(case=case, defaults={"since": submission.received})
        warned = {"at": submission.received, "by": log.SERVER}
        Milestone.objects.get_or_create(case=case, clock=Clock.EARLY_WARNING.value, defaults=warned)
        log.write(log.SERVER, log.Act.DUTY, submission.number)


def _carry_over(before: Case, case: Case) -> None:
    """Give an update the people and clocks of what it takes the place of. It is read anew: its state is not kept."""
    case.assignee, case.aware, case.trust_service = before.assignee, before.aware, before.trust_service
    case.save()
    case.named.set(before.named.all())
    Milestone.objects.bulk_create(
        Milestone(case=case, clock=each.clock, at=each.at, by=each.by) for each in before.milestones.all()
    )
    log.write(log.SERVER, log.Act.UPDATE, case.submission.number, of=before.submission.number)
    _raise_labels(before.submission, Tlp(case.submission.label))


def _raise_labels(earlier: Submission | None, label: Tlp) -> None:
    """Let a stricter label of an update hold for everything that was told before: the source has thought again."""
    while earlier is not None:
        if at_most(Tlp(earlier.label), label) and earlier.label != label.value:
            log.write(log.SERVER, log.Act.RAISED, earlier.number, before=earlier.label, after=label.value)
            earlier.label = label.value
            earlier.save(update_fields=["label"])
        earlier = earlier.supersedes


def _stored(instance: Submission, *, created: bool, raw: bool = False, **_details: object) -> None:
    if created and not raw:
        open_case(instance)


def _unsealed(submission: Submission, **_details: object) -> None:
    log.write(log.SERVER, log.Act.OPENED, submission.number, channel=submission.channel, label=submission.label)
    _begin(submission.case)
