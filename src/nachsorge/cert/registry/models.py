"""What the CERT knows beside the reports: campaigns, organisations, people to talk to, partners' numbers, tokens."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from nachsorge.cert.registry.places import REGIONS, RUNGS, SECTORS, SIZES
from nachsorge.model.words import Tlp

LABELS = [(each.value, f"TLP:{each.value}") for each in Tlp]
"""TLP 2.0; never translated (standard, section 3)."""

LINE = RegexValidator(
    r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]*\Z", _("One line of text, please.")
)


class Campaign(models.Model):
    """One incident that the CERT asks organisations about. `packs` are ids of packs; what is reported names one."""

    class State(models.TextChoices):
        """Whether reports are asked for. A closed campaign still takes updates of what was reported."""

        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    slug = models.SlugField(_("short name"), max_length=50, unique=True)
    title = models.CharField(_("title"), max_length=200, validators=[LINE])
    title_de = models.CharField(_("title in German"), max_length=200, blank=True, validators=[LINE])
    summary = models.TextField(_("summary"), max_length=4000, blank=True)
    summary_de = models.TextField(_("summary in German"), max_length=4000, blank=True)
    packs = models.JSONField(_("packs"), default=list)
    opened = models.DateField(_("opened"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-opened", "slug"]
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")

    def __str__(self) -> str:
        """Give the short name."""
        return self.slug

    @property
    def name(self) -> str:
        """Give the title in the reader's language."""
        return self._read(self.title, self.title_de)

    @property
    def about(self) -> str:
        """Give the summary in the reader's language."""
        return self._read(self.summary, self.summary_de)

    @staticmethod
    def _read(english: str, german: str) -> str:
        return german if german and (get_language() or "").startswith("de") else english


class Group(models.Model):
    """Who controls organisations: the unit that statistics count, so that one provider with forty customers is one."""

    name = models.CharField(_("name"), max_length=200, unique=True, validators=[LINE])

    class Meta:
        """By name."""

        ordering: ClassVar = ["name"]
        verbose_name = _("controlling group")
        verbose_name_plural = _("controlling groups")

    def __str__(self) -> str:
        """Give the name."""
        return self.name


class Organisation(models.Model):
    """An organisation that reports, or that the CERT knows otherwise. `group` None: it stands for itself."""

    name = models.CharField(_("name"), max_length=200, unique=True, validators=[LINE])
    group = models.ForeignKey(
        Group,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="members",
        verbose_name=_("controlling group"),
    )
    sector = models.CharField(_("sector"), max_length=30, choices=SECTORS, default="unknown")
    region = models.CharField(_("region"), max_length=10, choices=REGIONS, default="unknown")
    size = models.CharField(_("size"), max_length=10, choices=SIZES, default="unknown")
    note = models.TextField(_("note"), max_length=4000, blank=True)

    class Meta:
        """By name."""

        ordering: ClassVar = ["name"]
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")

    def __str__(self) -> str:
        """Give the name."""
        return self.name

    @property
    def unit(self) -> str:
        """Give what statistics count it as: its group, or itself."""
        return f"group:{self.group_id}" if self.group_id else f"organisation:{self.pk}"


class Contact(models.Model):
    """Somebody to talk to. `verified` says that the CERT has checked that the person speaks for the organisation."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="contacts", verbose_name=_("organisation")
    )
    name = models.CharField(_("name"), max_length=200, validators=[LINE])
    email = models.EmailField(_("mail address"), max_length=254, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True, validators=[LINE])
    fingerprint = models.CharField(
        _("OpenPGP fingerprint"),
        max_length=64,
        blank=True,
        validators=[
            RegexValidator(r"\A([0-9A-F]{40}|[0-9A-F]{64})\Z", _("40 or 64 hexadecimal digits, without spaces"))
        ],
    )
    verified = models.BooleanField(_("verified"), default=False)

    class Meta:
        """By name."""

        ordering: ClassVar = ["name"]
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")

    def __str__(self) -> str:
        """Give the name."""
        return self.name


class PartnerCount(models.Model):
    """A partner's number without names: "we see 14". A kind of its own: held against reports, never added to them.

    `publishable` is the partner's word that the number itself may be told, under the label; by default it may not.
    """

    partner = models.CharField(_("partner"), max_length=200, validators=[LINE])
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="partner_counts", verbose_name=_("campaign")
    )
    rung = models.CharField(_("rung"), max_length=10, choices=RUNGS, default="exposed")
    region = models.CharField(_("region"), max_length=10, choices=REGIONS, blank=True)
    sector = models.CharField(_("sector"), max_length=30, choices=SECTORS, blank=True)
    number = models.PositiveIntegerField(_("number of organisations"))
    label = models.CharField(_("label"), max_length=12, choices=LABELS, default=Tlp.AMBER_STRICT.value)
    publishable = models.BooleanField(_("the partner allows the number to be told"), default=False)
    source = models.CharField(_("how the partner knows"), max_length=200, blank=True, validators=[LINE])
    entered = models.DateTimeField(_("entered"), auto_now_add=True)
    entered_by = models.CharField(_("entered by"), max_length=150)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-entered", "-pk"]
        verbose_name = _("partner's count")
        verbose_name_plural = _("partners' counts")

    def __str__(self) -> str:
        """Give no number: this may stand in an error text."""
        return f"count {self.pk}"


class ApiToken(models.Model):
    """What a program shows to submit. Only its SHA-256 is kept: the token is 256 random bits, so that is enough."""

    name = models.CharField(_("name"), max_length=100, validators=[LINE])
    digest = models.CharField(max_length=64, unique=True)
    organisation = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tokens",
        verbose_name=_("organisation"),
    )
    made = models.DateTimeField(_("made"), auto_now_add=True)
    made_by = models.CharField(_("made by"), max_length=150, blank=True)
    used = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-made", "-pk"]
        verbose_name = _("token")
        verbose_name_plural = _("tokens")

    def __str__(self) -> str:
        """Give the name."""
        return self.name
