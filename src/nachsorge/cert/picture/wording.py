"""The picture's closed words in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from nachsorge.cert.registry.places import REGIONS, RUNGS, SECTORS

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

OUTCOMES = {
    "affected": _("affected"),
    "suspected": _("suspected"),
    "not-looked-at": _("not everything looked at"),
    "ruled-out": _("ruled out"),
}
BASES = {"verified": _("verified"), "reported": _("reported")}
CIRCLES = {"closed": _("closed circle"), "community": _("community"), "public": _("public")}
TABLES = {
    "basis": _("Organisations by what is known"),
    "rung": _("Affected organisations by how far the attacker got"),
    "region": _("Organisations by region"),
    "sector": _("Organisations by sector"),
    "month": _("Organisations by month of the report"),
    "assets": _("Assets by what is known"),
}
LEFT_OUT = {
    "no-consent": _("the reporter did not allow counting"),
    "sealed": _("sealed for a key that is not on this server"),
    "refuted": _("refuted"),
    "duplicate": _("a duplicate"),
    "test": _("an exercise"),
}
INITIALS = {
    "AT-1": pgettext_lazy("tile", "Bgld"),
    "AT-2": pgettext_lazy("tile", "Car"),
    "AT-3": pgettext_lazy("tile", "Lower A"),
    "AT-4": pgettext_lazy("tile", "Upper A"),
    "AT-5": pgettext_lazy("tile", "Sbg"),
    "AT-6": pgettext_lazy("tile", "Styria"),
    "AT-7": pgettext_lazy("tile", "Tyrol"),
    "AT-8": pgettext_lazy("tile", "Vbg"),
    "AT-9": pgettext_lazy("tile", "Vienna"),
    "several": pgettext_lazy("tile", "several"),
    "unknown": pgettext_lazy("tile", "unknown"),
}
_PLACES: dict[str, dict[str, str | _StrPromise]] = {
    "basis": dict(BASES),
    "assets": dict(BASES),
    "rung": dict(RUNGS),
    "region": dict(REGIONS),
    "sector": {**dict(SECTORS), "several": _("Several")},
    "outcome": dict(OUTCOMES),
}


def name(dimension: str, value: str) -> str:
    """Give the name of a value; what has none, such as a month or a kind of evidence, is its own."""
    return str(_PLACES.get(dimension, {}).get(value, value))


def columns(table: str) -> str:
    """Give the dimension of a table's columns."""
    return "basis" if table == "rung" else "outcome"


def total() -> str:
    """Name the margin."""
    return gettext("Total")
