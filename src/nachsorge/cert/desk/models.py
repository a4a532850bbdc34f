"""What the desk keeps beside a submission: its case, notes, links of duplicates, answers, duties, and the log."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from nachsorge.cert.desk.deadlines import Clock
from nachsorge.cert.desk.states import State
from nachsorge.model.labels import Pap
from nachsorge.model.words import Rung, Tlp

STATES = [(each.value, each.value) for each in State]
LABELS = [(each.value, f"TLP:{each.value}") for each in Tlp]
PAPS = [(each.value, f"PAP:{each.value}") for each in Pap]
RUNGS = [(each.value, each.word) for each in Rung]
CLOCKS = [(each.value, each.value) for each in Clock]
NAME = 150


class Case(models.Model):
    """The work on one submission. `aware` is when the organisation became aware, once an analyst knows it."""

    submission = models.OneToOneField("intake.Submission", on_delete=models.PROTECT, related_name="case")
    state = models.CharField(max_length=16, choices=STATES, default=State.RECEIVED.value)
    since = models.DateTimeField()
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    named = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    aware = models.DateTimeField(null=True)
    trust_service = models.BooleanField(default=False)

    class Meta:
        """The queue is read by state and age."""

        indexes: ClassVar = [models.Index(fields=["state", "since"])]

    def __str__(self) -> str:
        """Give the number only: this may stand in an error text."""
        return f"case {self.pk}"


class Milestone(models.Model):
    """When a clock was met: the early warning came, the notification came, the CERT replied."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="milestones")
    clock = models.CharField(max_length=16, choices=CLOCKS)
    at = models.DateTimeField()
    by = models.CharField(max_length=NAME)

    class Meta:
        """Each clock is met once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "clock"], name="one_milestone_per_clock")]


class Note(models.Model):
    """What somebody of the CERT wrote down. It never leaves the CERT; a TLP:RED note is for the named only."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes")
    author = models.CharField(max_length=NAME)
    at = models.DateTimeField()
    label = models.CharField(max_length=12, choices=LABELS, default=Tlp.AMBER_STRICT.value)
    text = models.TextField(max_length=10_000)

    class Meta:
        """Oldest first, as it was written."""

        ordering: ClassVar = ["at", "pk"]


class Link(models.Model):
    """One submission tells of the same as another. Undoing keeps the row, with who, when and why."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links")
    original = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="copies")
    by = models.CharField(max_length=NAME)
    at = models.DateTimeField()
    why = models.TextField(max_length=2_000)
    undone_by = models.CharField(max_length=NAME, blank=True)
    undone_at = models.DateTimeField(null=True)
    undone_why = models.TextField(max_length=2_000, blank=True)

    class Meta:
        """A submission is the duplicate of at most one other at a time, and never of itself."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case"], condition=models.Q(undone_at=None), name="one_link_at_a_time"),
            models.CheckConstraint(condition=~models.Q(case=models.F("original")), name="no_duplicate_of_itself"),
        ]


class Answer(models.Model):
    """Technical details for the reporter: a `nachsorge.answer/1`, its canonical bytes, and them signed in clear.

    `organisation` is whom it was made for; if the report is linked to another one later, it is not handed out any more.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="answers")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.CharField(max_length=NAME)
    organisation = models.ForeignKey("registry.Organisation", null=True, on_delete=models.PROTECT, related_name="+")
    pack = models.CharField(max_length=100)
    rung = models.PositiveSmallIntegerField(choices=RUNGS)
    label = models.CharField(max_length=12, choices=LABELS)
    pap = models.CharField(max_length=5, choices=PAPS)
    content = models.BinaryField()
    signed = models.BinaryField(blank=True, default=b"")
    withheld = models.PositiveIntegerField(default=0)
    fetched = models.DateTimeField(null=True)
    withdrawn = models.DateTimeField(null=True)

    class Meta:
        """Numbered within the case, so that a file name says nothing else."""

        ordering: ClassVar = ["number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "number"], name="one_number_per_answer")]


class Forward(models.Model):
    """The duty to pass a mandatory report on to the authority at once (section 34 NISG 2026)."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="forward")
    since = models.DateTimeField()
    done = models.DateTimeField(null=True)
    by = models.CharField(max_length=NAME, blank=True)
    reference = models.CharField(max_length=200, blank=True)


class Head(models.Model):
    """The end of the log's chain: one row, locked by whoever appends, so that two never follow the same entry."""

    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64)


class EntryRows(models.QuerySet["Entry"]):
    """Entries are appended and read, nothing else."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise TypeError("entries of the log are never changed")

    def delete(self) -> NoReturn:
        """Refuse."""
        raise TypeError("entries of the log are never deleted")


class Entry(models.Model):
    """One entry of the log; see `chain`. Written by `log.write` only."""

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.CharField(max_length=27)
    who = models.CharField(max_length=NAME)
    act = models.CharField(max_length=20)
    subject = models.CharField(max_length=40, blank=True, db_index=True)
    why = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64, unique=True)

    objects = EntryRows.as_manager()

    class Meta:
        """In the order of the chain."""

        ordering: ClassVar = ["number"]
        verbose_name = _("log entry")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Append; refuse to change."""
        if not self._state.adding:
            raise TypeError("entries of the log are never changed")
        super().save(*args, **(kwargs | {"force_insert": True}))

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise TypeError("entries of the log are never deleted")
