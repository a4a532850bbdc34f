"""An indicator -> a STIX 2.1 pattern with one comparison (OASIS STIX 2.1, section 9)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.model.words import IndicatorType

if TYPE_CHECKING:
    from collections.abc import Callable

    from nachsorge.model.pack import Indicator

_I = IndicatorType
_HASHES = {_I.SHA256: "'SHA-256'", _I.SHA1: "'SHA-1'", _I.MD5: "MD5"}
_AGENT = "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'"
_FINGERPRINTS = {64: "'SHA-256'", 40: "'SHA-1'", 32: "MD5"}
_BY_TEXT = "x_nachsorge_value has the value; no STIX object has a place for it that other tools read"


def pattern(indicator: Indicator) -> tuple[str, str]:
    """Give the pattern, and what it says less or otherwise than the pack; empty where it says the same."""
    return _WAYS[indicator.type](indicator)


def quoted(text: str) -> str:
    """Write a string literal; backslash and quote are escaped by a backslash (section 9.2)."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _compare(path: str, value: str, operator: str = "=") -> str:
    return f"[{path} {operator} {quoted(value)}]"


def _like(path: str, value: str) -> str:
    """Write `=`, or `LIKE` where the value holds `*` or `?` (section 9.6.1: `%` any text, `_` one character)."""
    if not re.search(r"[*?]", value):
        return _compare(path, value)
    return _compare(path, value.replace("*", "%").replace("?", "_"), "LIKE")


def _domain(indicator: Indicator) -> tuple[str, str]:
    return _compare("domain-name:value", indicator.value), "in STIX a name does not stand for its subdomains"


def _address(indicator: Indicator) -> tuple[str, str]:
    kind = "ipv6-addr" if ":" in indicator.value else "ipv4-addr"
    operator = "ISSUBSET" if indicator.type is _I.CIDR else "="
    return _compare(f"{kind}:value", indicator.value, operator), ""


def _url_pattern(indicator: Indicator) -> tuple[str, str]:
    value = "%" + indicator.value.replace("*", "%").strip("%") + "%"
    lost = "`_` in LIKE stands for any character" if "_" in indicator.value else ""
    return _compare("url:value", value, "LIKE"), lost


def _hash(indicator: Indicator) -> tuple[str, str]:
    return _compare(f"file:hashes.{_HASHES[indicator.type]}", indicator.value), ""


def _path(indicator: Indicator) -> tuple[str, str]:
    # `file:path` is what phone and host scanners read; STIX itself would take two comparisons over two objects.
    lost = "file:path is in use, but not in STIX, which splits a path into two objects"
    if re.search(r"[%~<]", indicator.value):
        lost += "; variables in the path are the pack's"
    return _like("file:path", indicator.value), lost


def _file_name(indicator: Indicator) -> tuple[str, str]:
    return _like("file:name", indicator.value), ""


def _registry(indicator: Indicator) -> tuple[str, str]:
    lost = "STIX splits key and value; the pack does not say where the key ends"
    return _like("windows-registry-key:key", indicator.value), lost


def _certificate(indicator: Indicator) -> tuple[str, str]:
    bare = indicator.value.replace(":", "").lower()
    algorithm = _FINGERPRINTS.get(len(bare)) if re.fullmatch(r"[0-9a-f]+", bare) else None
    if algorithm:
        return _compare(f"x509-certificate:hashes.{algorithm}", bare), ""
    if re.fullmatch(r"[0-9a-f]{8,}", bare):
        return _compare("x509-certificate:serial_number", bare), "taken as a serial number by its look"
    return _compare("x509-certificate:x_nachsorge_value", indicator.value), _BY_TEXT


def _one(path: str, lost: str = "") -> Callable[[Indicator], tuple[str, str]]:
    return lambda indicator: (_compare(path, indicator.value), lost)


_WAYS: dict[IndicatorType, Callable[[Indicator], tuple[str, str]]] = {
    _I.DOMAIN: _domain,
    _I.IP: _address,
    _I.CIDR: _address,
    _I.URL: _one("url:value"),
    _I.URL_PATTERN: _url_pattern,
    _I.SHA256: _hash,
    _I.SHA1: _hash,
    _I.MD5: _hash,
    _I.PATH: _path,
    _I.FILE_NAME: _file_name,
    _I.REGISTRY: _registry,
    _I.PACKAGE: _one("software:x_nachsorge_purl", "STIX 2.1 has no package URL; no other tool reads this property"),
    _I.USER_AGENT: _one(_AGENT),
    _I.EMAIL: _one("email-addr:value"),
    _I.CERTIFICATE: _certificate,
    _I.NAMED_OBJECT: _one("mutex:name", "an event or semaphore of this name would be no mutex"),
    _I.STRING: _one("artifact:x_nachsorge_string", _BY_TEXT),
}
