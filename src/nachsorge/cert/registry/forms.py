"""Forms of the registry's pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from nachsorge.cert.registry.models import LINE, ApiToken, Campaign, Contact, Group, Organisation, PartnerCount

if TYPE_CHECKING:
    from typing import Any


class OrganisationForm(forms.ModelForm):  # type: ignore[type-arg]  # a subscript only in the stubs
    """An organisation; the group is named in words and made when it is new."""

    group_name = forms.CharField(
        label=_("Controlling group"),
        max_length=200,
        required=False,
        validators=[LINE],
        help_text=_("Statistics count a group once. Empty: the organisation stands for itself."),
    )

    class Meta:
        """What is asked for."""

        model = Organisation
        fields: ClassVar = ["name", "sector", "region", "size", "note"]
        widgets: ClassVar = {"note": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.group is not None:
            self.initial.setdefault("group_name", self.instance.group.name)

    def save(self, commit: bool = True) -> Organisation:
        """Keep the organisation with its group."""
        name = " ".join(self.cleaned_data["group_name"].split())
        self.instance.group = Group.objects.get_or_create(name=name)[0] if name else None
        saved: Organisation = super().save(commit)
        return saved


class ContactForm(forms.ModelForm):  # type: ignore[type-arg]  # a subscript only in the stubs
    """Somebody to talk to."""

    class Meta:
        """What is asked for."""

        model = Contact
        fields: ClassVar = ["name", "email", "phone", "fingerprint", "verified"]
        help_texts: ClassVar = {"verified": _("We have checked by another way that this person speaks for it.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fingerprint"] = forms.CharField(
            label=self.fields["fingerprint"].label, max_length=100, required=False
        )

    def clean_fingerprint(self) -> str:
        """Take a fingerprint as people copy it: in groups, in either case."""
        return re.sub(r"[\s:]", "", self.cleaned_data["fingerprint"]).upper()


class PartnerCountForm(forms.ModelForm):  # type: ignore[type-arg]  # a subscript only in the stubs
    """A partner's number."""

    class Meta:
        """What is asked for."""

        model = PartnerCount
        fields: ClassVar = [
            "partner",
            "campaign",
            "number",
            "rung",
            "sector",
            "region",
            "label",
            "publishable",
            "source",
        ]
        help_texts: ClassVar = {
            "number": _("Organisations, without names. It is never added to reports."),
            "rung": _("What the partner's number is of."),
            "label": _("As the partner said it."),
        }


class CampaignForm(forms.ModelForm):  # type: ignore[type-arg]  # a subscript only in the stubs
    """A campaign; packs are named by their ids."""

    pack_ids = forms.CharField(
        label=_("Packs"),
        max_length=500,
        help_text=_("Ids of the packs that reports may name, separated by spaces: 3cx-2023"),
        validators=[LINE],
    )

    class Meta:
        """What is asked for."""

        model = Campaign
        fields: ClassVar = ["slug", "title", "title_de", "summary", "summary_de", "opened", "state"]
        widgets: ClassVar = {"opened": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("pack_ids", " ".join(self.instance.packs))

    def save(self, commit: bool = True) -> Campaign:
        """Keep the campaign with its packs."""
        self.instance.packs = list(dict.fromkeys(self.cleaned_data["pack_ids"].split()))
        saved: Campaign = super().save(commit)
        return saved


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]  # a subscript only in the stubs
    """A new token."""

    class Meta:
        """What is asked for."""

        model = ApiToken
        fields: ClassVar = ["name", "organisation"]
        help_texts: ClassVar = {"name": _("What it is for; the sender does not see it.")}
