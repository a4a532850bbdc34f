"""The public forms. What is no number and no choice is short, and nothing is required that can be unknown."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from nachsorge.cert.registry.models import LINE, Campaign
from nachsorge.cert.registry.places import REGIONS, RUNGS, SECTORS, SIZES
from nachsorge.model.words import Tlp

MOST_ASSETS = 10_000_000

# The same as in `sharing.notification`, said at the field and in the reader's language.
TEXT = RegexValidator(
    r"\A[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*\Z",
    _("There are characters in it that cannot be shown."),
)
PHONE = RegexValidator(r"\A[0-9+()/ .-]*\Z", _("Digits, spaces and + ( ) / . - only, please."))
FINGERPRINT = RegexValidator(r"\A([0-9A-F]{40}|[0-9A-F]{64})?\Z", _("A fingerprint has 40 or 64 hexadecimal digits."))

CHANNELS = (
    ("voluntary", _("Voluntary. It stays with us; nothing goes to an authority without your consent.")),
    ("mandatory", _("Mandatory under NISG/NIS2. We have to forward it to the authority at once.")),
)
TLP = (
    (Tlp.CLEAR.value, _("TLP:CLEAR – no limit")),
    (Tlp.GREEN.value, _("TLP:GREEN – the community, not the public")),
    (Tlp.AMBER.value, _("TLP:AMBER – us and those who need it to protect themselves")),
    (Tlp.AMBER_STRICT.value, _("TLP:AMBER+STRICT – us only")),
    (Tlp.RED.value, _("TLP:RED – persons we name to each other only")),
)
DONE = (
    ("isolated", _("isolated machines")),
    ("rebuilt", _("rebuilt machines")),
    ("updated", _("installed the clean version")),
    ("credentials-changed", _("changed credentials")),
    ("blocked", _("blocked addresses or domains")),
    ("nothing", _("nothing yet")),
)
WANTED = (
    ("technical-details", _("technical details (indicators, rules, next steps)")),
    ("forensics", _("help with forensics")),
    ("coordination", _("coordination")),
    ("contact-others", _("contact with others concerned")),
)
PASS_TO = (
    ("constituency", _("organisations in Austria that need it to protect themselves")),
    ("community", _("the security community")),
    ("partners", _("partner CERTs")),
)
YES_NO = (("yes", _("Yes")), ("no", _("No")))

TELEMETRY = (
    ("installed_software", _("lists of installed software")),
    ("filesystem", _("files on the machines")),
    ("process_creation", _("what ran on the machines (EDR, logs)")),
    ("dns_query", _("name look-ups (DNS)")),
    ("proxy", _("proxy or firewall logs")),
)
"""Kinds of evidence the form asks after; nachsorge itself knows more."""


def _count(label: Any = "", help_text: Any = "") -> forms.IntegerField:
    field = forms.IntegerField(label=label, help_text=help_text, min_value=0, max_value=MOST_ASSETS, required=False)
    field.widget.attrs["inputmode"] = "numeric"
    return field


def _line(label: Any, length: int = 200, help_text: Any = "", **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=length, required=False, help_text=help_text, validators=[LINE], **more
    )


def _text(label: Any, length: int, rows: int, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(
        label=label, max_length=length, required=False, help_text=help_text, widget=widget, validators=[TEXT]
    )


def _many(label: Any, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple)


def _one(label: Any, choices: Any, **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, **more)


class CampaignField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Campaigns by their title in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        """Give the title."""
        return str(obj.name)


class ReportForm(forms.Form):
    """One organisation's report of one incident, as numbers. `draft` makes a repeated sending recognisable."""

    draft = forms.CharField(widget=forms.HiddenInput, max_length=300)
    website = forms.CharField(required=False, max_length=200)
    """For machines that fill in everything; people do not see it."""

    channel = _one(_("This report is"), CHANNELS, initial="voluntary")
    name = _line(
        _("Name of the organisation"), help_text=_("May stay empty. It is needed only if you want to be contacted.")
    )
    sector = forms.ChoiceField(label=_("Sector"), choices=SECTORS, initial="unknown")
    region = forms.ChoiceField(label=_("Region"), choices=REGIONS, initial="unknown")
    size = forms.ChoiceField(label=_("Size"), choices=SIZES, initial="unknown")

    scope = forms.IntegerField(
        label=_("Machines in question"),
        help_text=_("All that could be concerned, also those that nobody has looked at."),
        min_value=0,
        max_value=MOST_ASSETS,
    )
    compromised = _count(_("of these compromised"), _("An affected version at any time counts."))
    suspected = _count(_("suspected"))
    ruled_out = _count(_("looked at and ruled out"))

    first = forms.DateField(
        label=_("First sign"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Only the week is kept."),
    )
    last = forms.DateField(
        label=_("Last sign"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    done = _many(_("What was done"), DONE)
    done_other = _line(_("Something else that was done"))
    indicators = _text(
        _("Addresses, domains, hashes you saw"),
        20_000,
        4,
        _("One a line, at most 100. Those of the attacker only: no names or addresses of your own."),
    )
    wanted = _many(_("What help would you like?"), WANTED)
    help_text = _text(_("Your question"), 4000, 3)

    person = _line(_("Person to talk to"))
    email = forms.EmailField(label=_("Mail address"), required=False, max_length=254)
    phone = _line(_("Telephone"), 40)
    fingerprint = _line(_("OpenPGP fingerprint"), 90, _("We seal our answer for this key."))

    tlp = _one(_("Who may know the content?"), TLP, initial=Tlp.AMBER_STRICT.value)
    count = _one(_("May we count your report in statistics that do not give you away?"), YES_NO)
    pass_to = _many(_("What you saw of the attacker may be passed on, without your name, to"), PASS_TO)
    named = forms.BooleanField(label=_("We may be named as concerned."), required=False)
    note = _text(_("Anything else?"), 4000, 4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["campaign"] = CampaignField(
            label=_("Incident"),
            queryset=Campaign.objects.filter(state=Campaign.State.OPEN),
            to_field_name="slug",
            empty_label=None,
        )
        for word, _label in RUNGS:
            self.fields[f"shown_{word}"] = _count()
            self.fields[f"suspected_{word}"] = _count()
            self.fields[f"out_{word}"] = _count()
        for word, _label in TELEMETRY:
            self.fields[f"whole_{word}"] = _count()
            self.fields[f"partly_{word}"] = _count()

    def clean_phone(self) -> str:
        """Hold a number to what a notification takes."""
        PHONE(self.cleaned_data["phone"])
        return str(self.cleaned_data["phone"])

    def clean_fingerprint(self) -> str:
        """Take a fingerprint as people copy it: in groups, in either case."""
        text = re.sub(r"[\s:]", "", self.cleaned_data["fingerprint"]).upper()
        FINGERPRINT(text)
        return text

    def clean(self) -> dict[str, Any]:
        """Find contradictions, each at its field."""
        values = super().clean() or self.cleaned_data
        scope = values.get("scope")
        if scope is not None:
            self._sums(values, scope)
        first, last = values.get("first"), values.get("last")
        if first and last and first > last:
            self.add_error("last", _("This is earlier than the first sign."))
        if values.get("named") and not values.get("name"):
            self.add_error("named", _("To be named, the organisation needs a name above."))
        done = values.get("done") or []
        if "nothing" in done and (len(done) > 1 or values.get("done_other")):
            self.add_error("done", _("“Nothing yet” and something else contradict each other."))
        self._label(values)
        return values

    def _sums(self, values: dict[str, Any], scope: int) -> None:
        more = _("Together these are more than the machines in question.")
        if sum(values.get(name) or 0 for name in ("compromised", "suspected", "ruled_out")) > scope:
            self.add_error("scope", more)
        for word, _label in RUNGS:
            if sum(values.get(f"{part}_{word}") or 0 for part in ("shown", "suspected", "out")) > scope:
                self.add_error(f"shown_{word}", more)
        for word, _label in TELEMETRY:
            if sum(values.get(f"{part}_{word}") or 0 for part in ("whole", "partly")) > scope:
                self.add_error(f"whole_{word}", more)

    def _label(self, values: dict[str, Any]) -> None:
        # The same limits as in `sharing.consistent`, said at the field and in the reader's language.
        limits = {
            "constituency": ("CLEAR", "GREEN", "AMBER"),
            "community": ("CLEAR", "GREEN"),
            "partners": ("CLEAR", "GREEN"),
        }
        if any(values.get("tlp") not in limits[word] for word in values.get("pass_to") or []):
            self.add_error(
                "pass_to", _("The label chosen does not allow this: choose a wider label, or pass on to fewer.")
            )


class UploadForm(forms.Form):
    """A file that `nachsorge notify seal` has made."""

    file = forms.FileField(label=_("Sealed file"), help_text=_("At most 2 MiB."), max_length=200)


class FindForm(forms.Form):
    """Number and secret of a receipt."""

    number = forms.CharField(label=_("Number"), max_length=64)
    secret = forms.CharField(label=_("Secret"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"}))
