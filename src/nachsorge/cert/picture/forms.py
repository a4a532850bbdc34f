"""What is filled in to prepare a release, and to decide on one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nachsorge.cert.picture.rules import Circle, Rules, least


class PrepareForm(forms.Form):
    """Who reads it, and a minimum if it is to be stricter than theirs."""

    circle = forms.ChoiceField(
        label=_("Audience"),
        choices=[
            ("closed", _("closed circle: at least 3 a cell")),
            ("community", _("community: at least 5 a cell, rounded to 5")),
            ("public", _("public: at least 10 a cell")),
        ],
        initial="public",
    )
    minimum = forms.IntegerField(
        label=_("At least this many a cell"),
        required=False,
        min_value=3,
        max_value=1000,
        help_text=_("Only if it is to be more than the audience's own."),
    )

    def rules(self) -> Rules:
        """Give the rules asked for.

        Raises:
            RuleError: they protect less than the audience's own.
        """
        circle = Circle(self.cleaned_data["circle"])
        own = least(circle)
        return Rules(circle, self.cleaned_data["minimum"] or own.minimum, own.base)


class DecisionForm(forms.Form):
    """Approve, or reject with a reason."""

    decision = forms.ChoiceField(choices=[("approve", _("Approve")), ("reject", _("Reject"))])
    why = forms.CharField(
        label=_("Reason"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), strip=True
    )

    def clean(self) -> dict[str, Any]:
        """Demand a reason for a rejection."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if found.get("decision") == "reject" and not found.get("why"):
            self.add_error("why", _("Say why you reject it."))
        return found
