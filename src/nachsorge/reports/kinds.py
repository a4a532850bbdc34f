"""What an indicator is and where a record stands, as people call it. Said with `_`.

The codes themselves stand in the JSON document; places stay the same numbers in every language, so that they can be
looked up.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.locale import N_, _
from nachsorge.model.words import IndicatorType

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    IndicatorType.DOMAIN: N_("domain"),
    IndicatorType.IP: N_("IP address"),
    IndicatorType.CIDR: N_("network"),
    IndicatorType.URL: N_("URL"),
    IndicatorType.URL_PATTERN: N_("URL pattern"),
    IndicatorType.SHA256: N_("SHA-256"),
    IndicatorType.SHA1: N_("SHA-1"),
    IndicatorType.MD5: N_("MD5"),
    IndicatorType.PATH: N_("path"),
    IndicatorType.FILE_NAME: N_("file name"),
    IndicatorType.REGISTRY: N_("registry entry"),
    IndicatorType.PACKAGE: N_("package"),
    IndicatorType.USER_AGENT: N_("user agent"),
    IndicatorType.EMAIL: N_("e-mail address"),
    IndicatorType.CERTIFICATE: N_("certificate"),
    IndicatorType.NAMED_OBJECT: N_("named object"),
    IndicatorType.STRING: N_("string"),
    "product": N_("product"),
    "sigma": N_("Sigma rule"),
    "yara": N_("YARA rule"),
    "stored_time": N_("stored time"),
}
"""Types of indicators, and what else a sighting may be of (`matching.tests`)."""

_PLACES: Mapping[str, str] = {
    "line": N_("line {at}"),
    "record": N_("record {at}"),
    "row": N_("row {at}"),
    "event": N_("event {at}"),
    "entry": N_("entry {at}"),
    "package": N_("package {at}"),
    "run": N_("run {at}"),
    "byte": N_("byte {at}"),
    "offset": N_("offset {at}"),
    "version": N_("version {at}"),
}
_ALONE: Mapping[str, str] = {
    "file": N_("the file itself"),
    "unit": N_("the unit itself"),
    "task": N_("the task itself"),
    "shortcut": N_("the shortcut itself"),
    "settings": N_("the settings"),
    "version resource": N_("version resource"),
}
_PLACE = re.compile(rf"({'|'.join(_PLACES)}) (\d+|0x[0-9a-f]+)")


def kind(type_: str) -> str:
    """Say what an indicator is; a type that nobody knows here stays as it is."""
    return _(KINDS[type_]) if type_ in KINDS else type_


def place(locator: str) -> str:
    """Say where in its source a record stands; what is a path or a name of the evidence stays as it is."""
    return ", ".join(map(_part, locator.split(", ")))


def _part(text: str) -> str:
    if found := _PLACE.fullmatch(text):
        return _(_PLACES[found[1]]).format(at=found[2])
    return _(_ALONE[text]) if text in _ALONE else text
