"""Codes that notifications and answers carry, as people say them.

Why something was not looked at and the kinds of evidence are words of the whole program: their German stands in its
own catalogue, so that the desk says what the reporter's report said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from nachsorge.locale import catalogue

if TYPE_CHECKING:
    from nachsorge.locale import Lang

KINDS = {
    "domain": _("domain name"),
    "ip": _("IP address"),
    "cidr": _("IP network"),
    "url": _("URL"),
    "url_pattern": _("pattern of URLs"),
    "sha256": _("SHA-256 of a file"),
    "sha1": _("SHA-1 of a file"),
    "md5": _("MD5 of a file"),
    "path": _("path of a file"),
    "file_name": _("name of a file"),
    "registry": _("registry key"),
    "package": _("software package"),
    "user_agent": _("name of a web client (User-Agent)"),
    "email": _("mail address"),
    "certificate": _("certificate"),
    "named_object": _("named object (mutex, pipe)"),
    "string": _("string of characters"),
}
"""Types of indicators."""

PARTS = {
    "incident": _("incident"),
    "organisation": _("organisation"),
    "contact": _("contact"),
    "assets": _("machines"),
    "coverage": _("what was looked at"),
    "weeks": _("first and last sign"),
    "done": _("what was done"),
    "indicators": _("indicators seen"),
    "help": _("help wanted"),
    "note": _("note"),
}
"""Parts of a notification that may have a label of their own."""


def language() -> Lang:
    """Give the page's language, for what the rest of the program says: `with speaking(language()):`."""
    return "de" if (get_language() or "").startswith("de") else "en"


def word(code: str) -> str:
    """Say a reason or a kind of evidence; a code that has no words is at least no code any more."""
    said = catalogue(language()).gettext(code) if code else code
    return said if said != code else code.replace("_", " ").replace("-", " ")


def kind(code: str) -> str:
    """Say the type of an indicator."""
    return str(KINDS.get(code, code))


def part(code: str) -> str:
    """Say a part of a notification."""
    return str(PARTS.get(code, code))
