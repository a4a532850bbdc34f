"""What arrived, as it arrived: never changed afterwards, except that a later update takes its place."""

from __future__ import annotations

from typing import ClassVar

import msgspec
from django.db import models
from django.utils.translation import gettext_lazy as _

from nachsorge.cert.registry.models import LABELS, ApiToken, Campaign, Organisation
from nachsorge.cert.registry.places import REGIONS, SECTORS
from nachsorge.model.words import Tlp
from nachsorge.sharing.notification import Notification


class Source(models.TextChoices):
    """By which way it came."""

    API = "api", _("interface")
    UPLOAD = "upload", _("sealed file")
    FORM = "form", _("form")
    IMPORT = "import", _("import")


class Submission(models.Model):
    """One notification, with the number of its receipt.

    `number` is public and random: it tells nothing of how many there are. `secret_hash` is the SHA-256 of the receipt's
    secret. `raw` are the canonical bytes of the notification, `digest` their SHA-256. A file that was sealed for a key
    off this server has `sealed` and an empty `raw` until it was opened elsewhere; `digest` is then of the sealed bytes.
    What stands in columns beside `raw` was read from it, so that queries have conditions to stand on. `current` tells
    that no later update has taken its place.
    """

    number = models.CharField(_("receipt"), max_length=24, unique=True)
    secret_hash = models.CharField(max_length=64)
    notification_id = models.UUIDField(_("notification"), null=True)
    sequence = models.PositiveIntegerField(_("sequence"), default=1)
    current = models.BooleanField(default=True)
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    campaign = models.ForeignKey(
        Campaign, null=True, on_delete=models.PROTECT, related_name="submissions", verbose_name=_("campaign")
    )
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="submissions", verbose_name=_("organisation")
    )
    token = models.ForeignKey(ApiToken, null=True, on_delete=models.PROTECT, related_name="submissions")
    source = models.CharField(_("way"), max_length=10, choices=Source)
    channel = models.CharField(
        _("channel"), max_length=10, choices=[("voluntary", _("voluntary")), ("mandatory", _("mandatory"))]
    )
    label = models.CharField(_("label"), max_length=12, choices=LABELS, default=Tlp.AMBER_STRICT.value)
    sector = models.CharField(_("sector"), max_length=30, choices=SECTORS, default="unknown")
    region = models.CharField(_("region"), max_length=10, choices=REGIONS, default="unknown")
    may_count = models.BooleanField(_("may be counted"), default=False)
    received = models.DateTimeField(_("received"), db_index=True)
    digest = models.CharField(max_length=64, unique=True)
    raw = models.BinaryField(default=b"")
    sealed = models.BinaryField(default=b"")

    class Meta:
        """Oldest first; one submission for each step of a notification."""

        ordering: ClassVar = ["received", "pk"]
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notification_id", "sequence"], name="one_submission_per_step"),
            models.UniqueConstraint(
                fields=["notification_id"], condition=models.Q(supersedes=None), name="one_first_step"
            ),
            models.UniqueConstraint(
                fields=["notification_id"], condition=models.Q(current=True), name="one_current_step"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["campaign", "current"])]

    def __str__(self) -> str:
        """Give the number only: this may stand in an error text."""
        return self.number

    @property
    def opened(self) -> bool:
        """Tell whether its content can be read here."""
        return bool(self.raw)

    def notification(self) -> Notification | None:
        """Give the content; None while it is sealed. It was checked when it came, so it is only decoded here."""
        return msgspec.json.decode(bytes(self.raw), type=Notification) if self.raw else None
