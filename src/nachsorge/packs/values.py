"""What an indicator's value must look like, how defanged values are written back, and which type a bare value has."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from packageurl import PackageURL

from nachsorge.model.words import IndicatorType

if TYPE_CHECKING:
    from collections.abc import Callable

HEX_LENGTH = {IndicatorType.SHA256: 64, IndicatorType.SHA1: 40, IndicatorType.MD5: 32}

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")
_NAME = re.compile(r"(?:(?!-)[a-z0-9_-]{1,63}(?<!-)\.)+(?!-|[0-9]+\Z)[a-z0-9_-]{1,63}(?<!-)\Z")
"""A host name as nearly all are written; others are taken apart, to say what is wrong with them."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_FANGED = re.compile(r"[\[({*]|__|xx", re.IGNORECASE)
"""What every defanged value has; most have none of it."""
_URL = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#]+)", re.IGNORECASE)
_REFANG = (
    (re.compile(r"\bh(?:xx|XX|\*\*|__)p(s?)\b", re.IGNORECASE), r"http\1"),
    (re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)", re.IGNORECASE), "."),
    (re.compile(r"\[:\]"), ":"),
    (re.compile(r"\[://\]"), "://"),
    (re.compile(r"\[@\]|\(at\)|\[at\]", re.IGNORECASE), "@"),
    (re.compile(r"\[/\]"), "/"),
)


class ValueProblem(ValueError):
    """A value that its type does not allow; `remedy` says what to do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        """Keep both."""
        super().__init__(message)
        self.remedy = remedy


def refang(value: str) -> str:
    """Undo the defanging in use among analysts: `hxxps://c2[.]example` becomes `https://c2.example`."""
    for pattern, plain in _REFANG if _FANGED.search(value) else ():
        value = pattern.sub(plain, value)
    return value.strip()


def checked(kind: IndicatorType, value: str) -> str:
    """Give the value in its normal spelling (host names and hashes in lower case).

    Raises:
        ValueProblem: the value is not of this type, or so short or so wide that it would match everything.
    """
    if _CONTROL.search(value):
        raise ValueProblem("control characters in the value", "remove them")
    if not value:
        raise ValueProblem("the value is empty", "fill it in or remove the row")
    return _CHECKS[kind](value)


def guess(value: str) -> IndicatorType | None:
    """Say of what type a bare value is; None where its look does not tell."""
    if len(value) <= 253 and _NAME.match(value.lower()) and not _FILE.match(value):
        # What is asked before host names below takes no value of this look: most lines of long lists end here.
        return IndicatorType.DOMAIN
    return next((kind for kind, look in _LOOKS if look.match(value) and _takes(kind, value)), None)


def _takes(kind: IndicatorType, value: str) -> bool:
    try:
        checked(kind, value)
    except ValueProblem:
        return False
    return True


def _domain(value: str) -> str:
    lowered = value.lower().rstrip(".")
    if len(lowered) <= 253 and _NAME.match(lowered):
        return lowered
    if _is_address(lowered):
        raise ValueProblem(f"{value} is an address, not a host name", "use the type ip")
    if "/" in lowered or ":" in lowered:
        raise ValueProblem(f"{value} is not a bare host name", "use the type url, or drop scheme, port and path")
    if "*" in lowered:
        raise ValueProblem(f"wildcard in {value}", "a domain already stands for all its subdomains")
    labels = _ascii(lowered).split(".")
    if len(labels) < 2 or not all(_LABEL.match(label) for label in labels) or len(lowered) > 253:
        raise ValueProblem(f"{value} is not a host name", "labels of letters, digits and `-`, with a dot between")
    if labels[-1].isdigit():
        raise ValueProblem(f"{value} is not a host name", "a top-level domain is never a number")
    return ".".join(labels)


def _ascii(name: str) -> str:
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueProblem(f"{name} is not a host name", "check the spelling") from error


def _is_address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def _ip(value: str) -> str:
    if not _is_address(value):
        raise ValueProblem(f"{value} is not an IP address", "one address without port; networks have the type cidr")
    return str(ip_address(value))


def _cidr(value: str) -> str:
    if "/" not in value:
        raise ValueProblem(f"{value} has no prefix length", "write e.g. 192.0.2.0/24, or use the type ip")
    try:
        network = ip_network(value, strict=False)
    except ValueError as error:
        raise ValueProblem(f"{value} is not a network", "write e.g. 192.0.2.0/24") from error
    if value.split("/")[0].lower() not in (str(network.network_address), network.network_address.exploded):
        raise ValueProblem(f"{value} has host bits set", f"did you mean {network}?")
    if network.prefixlen == 0:
        raise ValueProblem(f"{value} is the whole address space", "name the network that is meant")
    return str(network)


def _url(value: str) -> str:
    if not _URL.match(value) or " " in value:
        raise ValueProblem(f"{value} is not a URL", "scheme://host/path; without a scheme use the type url_pattern")
    return value


def _url_pattern(value: str) -> str:
    if " " in value or not re.search(r"[A-Za-z0-9]{4}", value) or value.strip("*/:.") == "":
        raise ValueProblem(f"{value} is no usable URL pattern", "host and path, with * for any text")
    return value


def _hash(kind: IndicatorType) -> Callable[[str], str]:
    length = HEX_LENGTH[kind]

    def check(value: str) -> str:
        if not re.fullmatch(r"[0-9A-Fa-f]+", value):
            raise ValueProblem(f"{value} is not a {kind} in hexadecimal", f"{length} digits 0-9 a-f")
        if len(value) != length:
            fits = next((each for each, digits in HEX_LENGTH.items() if digits == len(value)), None)
            remedy = f"{len(value)} digits are a {fits}" if fits else f"{length} digits are needed"
            raise ValueProblem(f"a {kind} has {length} digits, this one has {len(value)}", remedy)
        return value.lower()

    return check


def _path(value: str) -> str:
    if "/" not in value and "\\" not in value:
        raise ValueProblem(f"{value} is not a path", "a name without folders has the type file_name")
    if not re.search(r"[^/\\*?]{2}", value):
        raise ValueProblem(f"{value} would match every path", "name at least one folder or file")
    return value


def _file_name(value: str) -> str:
    if "/" in value or "\\" in value:
        raise ValueProblem(f"{value} holds folders", "use the type path")
    if len(value.strip("*?.")) < 2:
        raise ValueProblem(f"{value} would match every file", "name the file")
    return value


def _registry(value: str) -> str:
    if "\\" not in value:
        raise ValueProblem(f"{value} is not a registry path", r"e.g. HKLM\Software\Vendor\Value")
    return value


def _package(value: str) -> str:
    try:
        package = PackageURL.from_string(value)
    except ValueError as error:
        raise ValueProblem(f"{value} is not a package URL", "e.g. pkg:npm/name@1.2.3") from error
    if not package.version:
        raise ValueProblem(f"{value} has no version", "a package matches by name and version: pkg:npm/name@1.2.3")
    return value


def _email(value: str) -> str:
    local, at, host = value.rpartition("@")
    if not local or not at or " " in value:
        raise ValueProblem(f"{value} is not an e-mail address", "name@host")
    return f"{local}@{_domain(host)}"


def _words(least: int) -> Callable[[str], str]:
    def check(value: str) -> str:
        if len(value.strip("*?. ")) < least:
            raise ValueProblem(f"{value!r} is too short to mean anything", f"at least {least} characters")
        return value

    return check


_CHECKS: dict[IndicatorType, Callable[[str], str]] = {
    IndicatorType.DOMAIN: _domain,
    IndicatorType.IP: _ip,
    IndicatorType.CIDR: _cidr,
    IndicatorType.URL: _url,
    IndicatorType.URL_PATTERN: _url_pattern,
    IndicatorType.SHA256: _hash(IndicatorType.SHA256),
    IndicatorType.SHA1: _hash(IndicatorType.SHA1),
    IndicatorType.MD5: _hash(IndicatorType.MD5),
    IndicatorType.PATH: _path,
    IndicatorType.FILE_NAME: _file_name,
    IndicatorType.REGISTRY: _registry,
    IndicatorType.PACKAGE: _package,
    IndicatorType.USER_AGENT: _words(6),
    IndicatorType.EMAIL: _email,
    IndicatorType.CERTIFICATE: _words(4),
    IndicatorType.NAMED_OBJECT: _words(4),
    IndicatorType.STRING: _words(4),
}

_ANY = re.compile(r"")
_FILE = re.compile(
    r"[^/\\:*?\"<>|@]+\.(?:exe|dll|sys|msi|ps1|bat|vbs|js|hta|lnk|scr|dmg|dylib|nupkg|jar|elf)\Z", re.IGNORECASE
)
_LOOKS = (
    (IndicatorType.REGISTRY, re.compile(r"HK(?:LM|CU|CR|U|CC|EY_)", re.IGNORECASE)),
    (IndicatorType.FILE_NAME, _FILE),
    (IndicatorType.SHA256, _ANY),
    (IndicatorType.SHA1, _ANY),
    (IndicatorType.MD5, _ANY),
    (IndicatorType.IP, _ANY),
    (IndicatorType.CIDR, _ANY),
    (IndicatorType.PACKAGE, _ANY),
    (IndicatorType.URL, _ANY),
    (IndicatorType.EMAIL, _ANY),
    (IndicatorType.DOMAIN, _ANY),
    (IndicatorType.PATH, re.compile(r"[A-Za-z]:\\|%[A-Za-z]+%\\|\\\\|[/~]/?\w")),
    (IndicatorType.URL_PATTERN, re.compile(r"[\w-]+(?:\.[\w-]+)+/\S*\Z")),
)
"""How a bare value of a type looks, the most telling first."""
