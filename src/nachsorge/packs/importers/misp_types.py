"""Attribute types of MISP (its core format's list of types), and what values of them are to look for."""

from __future__ import annotations

from nachsorge.model.words import IndicatorType as T
from nachsorge.packs.importers import vocabulary

_COMPOSITE = {
    "domain|ip": (T.DOMAIN, T.IP),
    "ip-dst|port": (T.IP, None),
    "ip-src|port": (T.IP, None),
    "hostname|port": (T.DOMAIN, None),
    "filename|md5": (T.FILE_NAME, T.MD5),
    "filename|sha1": (T.FILE_NAME, T.SHA1),
    "filename|sha256": (T.FILE_NAME, T.SHA256),
    "malware-sample": (T.FILE_NAME, T.MD5),
    "regkey|value": (T.REGISTRY, None),
}
"""Attribute types of two values with a bar between."""
CONTEXT = frozenset({"text", "comment", "link", "other", "datetime", "port", "size-in-bytes", "float", "counter"})
CONTEXT |= {"boolean", "hex", "target-org", "threat-actor", "campaign-name", "vulnerability", "attachment"}
CONTEXT |= {"mime-type", "AS", "github-username", "whois-registrar", "email-subject", "email-body", "phone-number"}
"""Types that tell about the event and are nothing to look for."""


def values_of(kind: str, value: str) -> list[tuple[T, str]]:
    """Give what an attribute's value holds to look for; nothing where its type is none of that."""
    if kind in _COMPOSITE:
        first, bar, second = value.partition("|")
        one, two = _COMPOSITE[kind]
        pairs = [(one, first)] + ([(two, second)] if two is not None and bar else [])
        # A file's hash says which file is meant; its name alone would meet others.
        return [pair for pair in pairs if pair[0] is not T.FILE_NAME] or pairs
    if kind == "uri":
        return [(T.URL if "://" in value else T.URL_PATTERN, value)]
    known = vocabulary.kind_of(kind) if kind not in CONTEXT else None
    if known is None:
        return []
    if known is T.IP and "/" in value:
        known = T.CIDR
    if known is T.FILE_NAME and ("/" in value or "\\" in value):
        known = T.PATH
    return [(known, value)]
