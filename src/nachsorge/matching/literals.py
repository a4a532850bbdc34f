"""What every possible sighting of a test must contain, as raw bytes in any spelling that a reader understands.

A literal is one word of the value: letters, digits, underscore and hyphen only, since those are written the same in
JSON, TSV, CSV, `(6)google(3)com(0)` and on the command line. Dots, slashes, blanks and backslashes are not.
None means that nothing can be named, and then everything has to be read.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any

from packageurl import PackageURL

from nachsorge.matching import normal
from nachsorge.model.pack import Exposure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nachsorge.matching.tests import Test

SHORTEST = 3
"""A shorter literal is in most lines; it would only slow the sieve down, so the test is left unsieved."""

_PLAIN_NAME = re.compile(r"[0-9a-z_.-]+\Z")
_SAFE = re.compile(r"[0-9A-Za-z_-]+")
_HOLES = re.compile(r"%[^%\\/]+%|<[^>]*>|%d|%s|[*?]")

_COMMON = frozenset(
    [
        "windows",
        "system32",
        "syswow64",
        "users",
        "user",
        "program",
        "programs",
        "files",
        "programdata",
        "appdata",
        "local",
        "locallow",
        "roaming",
        "desktop",
        "library",
        "application",
        "applications",
        "support",
        "microsoft",
        "google",
        "http",
        "https",
        "html",
        "www",
        "com",
        "net",
        "org",
        "update",
        "updates",
        "main",
        "data",
        "temp",
        "config",
        "software",
        "currentversion",
        "private",
        "public",
        "downloads",
        "documents",
        "system",
        "local_machine",
        "hklm",
        "hkcu",
        "default",
        "githubusercontent",
        "github",
        "raw",
        "mozilla",
        "applewebkit",
        "khtml",
        "gecko",
        "chrome",
        "safari",
        "trojan",
        "win32",
        "win64",
    ]
)

_ADDED = frozenset({"http", "https"})
"""Words that readers put in themselves, where they make one URL of a host and a path."""

Literals = frozenset[str]


def literals_of(test: Test, rule_literals: Callable[[Test], Literals | None]) -> Literals | None:
    """Give literals of which every match holds at least one, folded; None where there are none."""
    match test.type:
        case "domain":
            return _domain(test.value)
        case "ip":
            return _ip(test.value)
        case "cidr":
            return _cidr(test.value)
        case "sha256" | "sha1" | "md5":
            return _digest(test.value)
        case "certificate":
            return _certificate(test.value)
        case "product" | "clean_version":
            assert isinstance(test.origin, Exposure)
            return _all(_longest(name) for name in test.origin.names)
        case "stored_time":
            return frozenset()  # its reader is never sieved
        case "sigma" | "yara":
            return rule_literals(test)
        case "package":
            return _package(test.value)
        case "url" | "url_pattern":
            return _url(test.value)
        case "path" | "file_name":
            return _longest(normal.path(test.value))
        case "registry":
            return rarest(normal.key_words(normal.registry(test.value)))
        case "named_object":
            return _longest(test.value.rpartition("\\")[2])
        case "string":
            # JSON may write a number in another way than the text that becomes of it.
            return rarest(word for word in _SAFE.findall(test.value) if not word.isdigit())
        case _:
            return _longest(test.value)


def _all(parts: Iterable[Literals | None]) -> Literals | None:
    """Join alternatives; one that cannot be named spoils them all."""
    joined: set[str] = set()
    for part in parts:
        if part is None:
            return None
        joined |= part
    return frozenset(joined)


def _longest(value: str) -> Literals | None:
    return rarest(_HOLES.split(value))


def rarest(pieces: Iterable[str]) -> Literals | None:
    """Give the word of some literal pieces that will be met most seldom; None where all are too short."""
    words = (normal.fold(word) for piece in pieces for word in _SAFE.findall(piece))
    best = max((word for word in words if len(word) >= SHORTEST and word not in _ADDED), key=rarity, default="")
    return frozenset({best}) if best else None


def rarity(word: str) -> float:
    """Rank words by how seldom they will be met: by length, but words that every host's logs hold come last."""
    return len(word) / 8 if word in _COMMON else float(len(word))


def _domain(value: str) -> Literals | None:
    """Choose one label; if it is beyond ASCII, it may be written in punycode or as it is."""
    name = normal.host(value)
    if _PLAIN_NAME.match(name) and "xn--" not in name:
        words = (label for label in name.split(".") if len(label) >= SHORTEST and label not in _ADDED)
        best = max(words, key=rarity, default="")
        return frozenset({best}) if best else None
    named = [found for label in name.split(".") if (found := _label(label)) is not None]
    return max(named, key=lambda found: min(map(rarity, found)), default=None)


def _label(label: str) -> Literals | None:
    if not label.startswith("xn--"):
        return _longest(label)
    try:
        written = label[4:].encode().decode("punycode")
    except UnicodeError:
        return _longest(label)  # no name beyond ASCII becomes this label
    return _all((_longest(label), _longest(written)))


def _ip(value: str) -> Literals | None:
    parsed = ipaddress.ip_address(normal.address(value) or value)
    if parsed.version == 4:
        return frozenset({str(parsed), *_mapped(parsed, octets=2)})
    return _groups(parsed, 6)


def mapped_literals(address: str) -> Literals:
    """Give what an IPv4 address begins with where it is written as IPv6 in hexadecimal."""
    return frozenset(_mapped(ipaddress.IPv4Address(address), octets=2))


def _mapped(address: Any, octets: int) -> set[str]:
    """Give the beginning of an IPv4 address within IPv6 in hexadecimal, `::ffff:c000:0201`, whatever its zeros."""
    first, second = address.packed[:2]
    if octets == 1:
        return {f"ffff:{first:02x}", f"ffff:{first:x}"} if first else {"ffff:"}
    group = f"{first:x}{second:02x}" if first else f"{second:x}"
    return {f"ffff:{group.rjust(width, '0')}" for width in range(len(group), 5)} | (
        {"ffff::"} if group == "0" else set()
    )


def _groups(address: Any, fixed: int) -> Literals | None:
    """Choose among the first groups of an IPv6 address.

    Zeros may be written or left out, so only a group as such is sure to stand there; the last two groups may be
    written as IPv4.
    """
    groups = [group.lstrip("0") for group in address.exploded.split(":")[: min(fixed, 6)]]
    best = max(groups, key=len, default="")
    return frozenset({best}) if len(best) >= SHORTEST else None


def _cidr(value: str) -> Literals | None:
    network = normal.network(value)
    if network.version == 6:
        return _groups(network.network_address, network.prefixlen // 16)
    octets = 3 if network.prefixlen >= 16 else 2 if network.prefixlen >= 8 else 0
    if not octets:
        return None
    whole = network if network.prefixlen <= octets * 8 else network.supernet(new_prefix=octets * 8)
    subnets = whole.subnets(new_prefix=octets * 8)
    dotted = {".".join(str(net.network_address).split(".")[:octets]) + "." for net in subnets}
    return frozenset(dotted | _mapped(network.network_address, octets=2 if octets == 3 else 1))


def _url(value: str) -> Literals | None:
    """Choose between host and path; scheme, user, port and fragment may be lacking in the evidence."""
    split = normal.url(value)
    if split is None:
        return None
    name, path, query = split
    host = _domain(name) if normal.address(name) is None else _ip(name)
    named = [found for found in (host, _longest(path + query)) if found is not None]
    return max(named, key=lambda found: min(map(rarity, found)), default=None)


def _package(value: str) -> Literals | None:
    """Choose a word of the name; a purl may, against its own rules, write letters as `%6e`."""
    name = PackageURL.from_string(value).name
    found = rarest(re.findall(r"[0-9A-Za-z]+", name))
    return None if found is None else found.union(f"%{ord(c):02x}" for word in found for c in word + word.upper())


def _digest(value: str) -> Literals | None:
    digits = normal.fold(value.strip())
    pairs = [digits[i : i + 2] for i in range(0, 8, 2)]
    return frozenset({digits, *(mark.join(pairs) for mark in ":- ")})


def _certificate(value: str) -> Literals | None:
    bare = normal.certificate(value)
    if not all(c in "0123456789abcdef" for c in bare):
        return _longest(value)
    if len(bare) < 8:
        return None
    # A serial may be written with or without a leading zero, which moves the pairs by one digit.
    pairs = [bare[i : i + 2] for i in range(len(bare) % 2, len(bare) % 2 + 6, 2)]
    return frozenset({bare, *(mark.join(pairs) for mark in ":- ")})
