"""The forms of the desk. They check shapes; what may be done is checked where it is done."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from nachsorge.cert.desk.log import LONGEST
from nachsorge.cert.desk.models import LABELS, PAPS
from nachsorge.cert.desk.names import CLOCKS
from nachsorge.cert.desk.roles import DEEDS, Deed, Role
from nachsorge.cert.desk.states import State
from nachsorge.cert.registry.models import Organisation
from nachsorge.cert.registry.places import RUNGS
from nachsorge.model.labels import Pap
from nachsorge.model.words import Rung, Tlp

if TYPE_CHECKING:
    from datetime import datetime

MINUTES = "%Y-%m-%dT%H:%M"
"""How a browser's own field for a time writes it (HTML, "local date and time")."""

STATES = [(each.value, each.value) for each in State]
WORKERS = [role.value for role in Role if Deed.WORK in DEEDS[role]]


class Why(forms.Form):
    """A reason."""

    why = forms.CharField(label=_("Reason"), max_length=LONGEST, required=False)


class Reason(forms.Form):
    """A reason that must be given."""

    why = forms.CharField(label=_("Reason"), max_length=LONGEST)


class Move(Why):
    """A step to another state; `seen` is the state that the page showed."""

    there = forms.ChoiceField(choices=STATES)
    seen = forms.ChoiceField(choices=STATES)


class Assign(Why):
    """To whom the case is given; nobody is empty."""

    field_order = ("to", "why")

    to = forms.ModelChoiceField(
        User.objects.filter(groups__name__in=WORKERS, is_active=True).distinct().order_by("username"),
        to_field_name="username",
        required=False,
        empty_label="–",
        label=_("Worked on by"),
    )


class Name(Reason):
    """Who may see a TLP:RED case as well."""

    field_order = ("to", "why")

    to = forms.ModelChoiceField(
        User.objects.filter(groups__name__in=[*WORKERS, Role.APPROVER.value], is_active=True)
        .distinct()
        .order_by("username"),
        to_field_name="username",
        label=_("Name"),
    )


class NoteForm(forms.Form):
    """A note."""

    text = forms.CharField(label=_("Note"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 4}))
    label = forms.ChoiceField(label=_("Label"), choices=LABELS, initial=Tlp.AMBER_STRICT.value)


class LinkForm(Reason):
    """Of which other submission this one is the duplicate."""

    field_order = ("original", "why")

    original = forms.CharField(label=_("Receipt of the other one"), max_length=24)


class Moment(Why):
    """A time of day in Vienna, not after now."""

    field_order = ("clock", "at", "why")

    at = forms.DateTimeField(
        label=_("When"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTES)
    )

    def clean_at(self) -> datetime:
        """Refuse times that have not been."""
        at: datetime = self.cleaned_data["at"]
        if at > timezone.now() + timedelta(minutes=1):
            raise forms.ValidationError(_("This time has not been yet."))
        return at


class Aware(Moment):
    """When the organisation became aware, and whether it provides trust services."""

    field_order = ("at", "trust_service", "why")

    trust_service = forms.BooleanField(label=_("Provider of trust services"), required=False)


class Met(Moment):
    """Which clock was met."""

    clock = forms.ChoiceField(label=_("Clock"), choices=list(CLOCKS.items()))


class BelongsTo(Reason):
    """Which registered organisation it is."""

    field_order = ("organisation", "why")

    organisation = forms.ModelChoiceField(Organisation.objects.all(), required=False, label=_("Organisation"))


class Forwarded(forms.Form):
    """The authority's reference."""

    reference = forms.CharField(label=_("Reference of the authority"), max_length=200)


class Key(forms.Form):
    """The reporter's public key."""

    key = forms.CharField(label=_("Public key"), max_length=200_000, widget=forms.Textarea(attrs={"rows": 4}))


class AnswerForm(forms.Form):
    """What the answer is made from; the rung decides what helps, the door what may go."""

    pack = forms.ChoiceField(label=_("Pack"))
    rung = forms.ChoiceField(label=_("Stage"), choices=[(each.value, dict(RUNGS)[each.word]) for each in Rung])
    pap = forms.ChoiceField(label=_("Permissible actions, at most"), choices=PAPS, initial=Pap.AMBER.value)
    text = forms.CharField(
        label=_("Text to the reporter"), max_length=4_000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    text_label = forms.ChoiceField(label=_("Label of the text"), choices=LABELS, initial=Tlp.AMBER_STRICT.value)

    def __init__(self, *args: Any, packs: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pack"] = forms.ChoiceField(label=_("Pack"), choices=[(each, each) for each in packs])

    def clean_text(self) -> str:
        """Take line breaks as the format knows them."""
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")
