"""Releases as they are kept."""

from __future__ import annotations

import json
from typing import Any, ClassVar, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from nachsorge.cert.picture.rules import Circle

NAME = 150


class ReleaseRows(models.QuerySet["Release"]):
    """Releases are not changed in bulk, and never deleted."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise TypeError("a release is never changed")

    def delete(self) -> NoReturn:
        """Refuse."""
        raise TypeError("a release is never deleted")


class Release(models.Model):
    """Numbers prepared by one person for an audience, and approved or rejected by another. Immutable but for that.

    Attributes:
        content: the bytes that leave, see `content.content`.
        behind: the numbers that do not, to hold later releases against.
        inputs: SHA-256 over the digests of all reports that were counted.
    """

    class State(models.TextChoices):
        """What became of it. Once decided, it stays so."""

        PREPARED = "prepared", _("waits for approval")
        APPROVED = "approved", _("released")
        REJECTED = "rejected", _("rejected")

    campaign = models.ForeignKey("registry.Campaign", on_delete=models.PROTECT, related_name="releases")
    number = models.PositiveIntegerField(_("number"))
    circle = models.CharField(_("audience"), max_length=10, choices=[(one.value, one.value) for one in Circle])
    content = models.BinaryField()
    behind = models.JSONField()
    digest = models.CharField(max_length=64)
    inputs = models.CharField(max_length=64)
    prepared_by = models.CharField(_("prepared by"), max_length=NAME)
    prepared_at = models.DateTimeField(_("prepared"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PREPARED)
    decided_by = models.CharField(_("decided by"), max_length=NAME, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    why = models.TextField(_("reason"), max_length=2_000, blank=True)

    objects = ReleaseRows.as_manager()

    class Meta:
        """Newest first; numbered within the campaign."""

        ordering: ClassVar = ["-number"]
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "number"], name="one_number_per_release"),
            models.CheckConstraint(
                condition=~models.Q(state="approved") | ~models.Q(decided_by=models.F("prepared_by")),
                name="approved_by_another_person",
            ),
        ]

    def __str__(self) -> str:
        """Give campaign and number."""
        return f"{self.campaign_id}/{self.number}"

    def read(self) -> dict[str, Any]:
        """Give the content."""
        found: dict[str, Any] = json.loads(bytes(self.content))
        return found

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new one, or the decision on one; nothing else may change."""
        if not self._state.adding:
            kwargs["update_fields"] = ["state", "decided_by", "decided_at", "why"]
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise TypeError("a release is never deleted")


class Preparation(models.Model):
    """A release that somebody asked for, while it is worked out and after. It holds no number.

    Attributes:
        minimum: what was asked for, if more than the audience's own.
        beat: when the work was last known to go on. A server that stops leaves it behind, see `preparing.lost`.
    """

    class State(models.TextChoices):
        """How far it has come."""

        COMPUTING = "computing", _("is being computed")
        DONE = "done", _("done")
        REFUSED = "refused", _("nothing can be released without giving something away")
        TOO_LONG = "too-long", _("took too long and was ended")
        FAILED = "failed", _("ended by an error of the program")

    campaign = models.ForeignKey("registry.Campaign", on_delete=models.PROTECT, related_name="preparations")
    circle = models.CharField(_("audience"), max_length=10, choices=[(one.value, one.value) for one in Circle])
    minimum = models.PositiveIntegerField(_("at least this many a cell"))
    asked_by = models.CharField(_("asked for by"), max_length=NAME)
    asked_at = models.DateTimeField(_("asked for"))
    beat = models.DateTimeField()
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.COMPUTING)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-pk"]
        verbose_name = _("preparation")
        verbose_name_plural = _("preparations")

    def __str__(self) -> str:
        """Give campaign and state."""
        return f"{self.campaign_id}: {self.state}"
