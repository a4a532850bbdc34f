"""Closed words of a notification in the reader's language; labels as the standard wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nachsorge.cert.intake.forms import DONE, PASS_TO, TELEMETRY, WANTED
from nachsorge.cert.registry import vocabulary
from nachsorge.cert.registry.places import REGIONS, RUNGS, SECTORS, SIZES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.safestring import SafeString

register = template.Library()

_ASKED: dict[str, Any] = dict(TELEMETRY)
_STATES = {
    "received": gettext_lazy("received"),
    "acknowledged": gettext_lazy("acknowledged"),
    "in verification": gettext_lazy("in verification"),
    "verified": gettext_lazy("verified"),
    "refuted": gettext_lazy("refuted"),
    "duplicate": gettext_lazy("duplicate"),
}


@register.simple_tag
def tlp(label: object) -> SafeString:
    """Write a label as TLP 2.0 demands: capitals, no spaces, its colour on black, never translated."""
    word = str(label).removeprefix("TLP:")
    return format_html('<span class="tlp tlp-{}">TLP:{}</span>', word.lower().replace("+", "-"), word)


def _filter(name: str, choices: Iterable[tuple[str, Any]]) -> None:
    names = dict(choices)
    register.filter(name, lambda value: str(names.get(str(value), value)))


_filter("sector_name", SECTORS)
_filter("region_name", REGIONS)
_filter("size_name", SIZES)
_filter("rung_name", RUNGS)
_filter("done_name", (*DONE, ("other", "")))
_filter("want_name", (*WANTED, ("none", gettext_lazy("none"))))
_filter("pass_name", PASS_TO)
_filter("state_name", _STATES.items())


@register.filter
def channel_name(value: str) -> str:
    """Give the channel's name."""
    return _("mandatory") if value == "mandatory" else _("voluntary")


@register.filter
def telemetry_name(value: object) -> str:
    """Give the name of a kind of evidence: as the form asks after it, or as reports call it."""
    return str(_ASKED.get(str(value)) or vocabulary.word(str(value)))


@register.filter
def reason_name(value: object) -> str:
    """Say why something was not looked at."""
    return vocabulary.word(str(value))


@register.filter
def kind_name(value: object) -> str:
    """Say what an indicator is."""
    return vocabulary.kind(str(value))


@register.filter
def part_name(value: object) -> str:
    """Say which part of a notification."""
    return vocabulary.part(str(value))
