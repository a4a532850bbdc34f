"""What names a person or a machine of the house, searched for in everything that is about to leave."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.model.assessment import Assessment
    from nachsorge.sharing.notification import Notification

_ADDRESS = re.compile(
    r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\d|\.\d)|(?<![\w:])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?![\w:])"
)
_MAIL = re.compile(r"[^\s@<>\"',;:]+@[^\s@<>\"',;]+\.[A-Za-z]{2,}")
_INTERNAL = tuple(
    map(
        ipaddress.ip_network,
        # RFC 1918, 6598, 3927; 4193, 4291.
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7", "fe80::/10"),
    )
)
_USER = re.compile(
    r"(?:\\Users\\|/Users/|/home/|\\Documents and Settings\\)(?!<user>|public\b|\*)[^\\/\s]+", re.IGNORECASE
)
_USER_FIELDS = ("user", "account", "subjectusername", "targetusername", "username", "logon_user")
_SHORT = 3
"""Names of fewer characters are words of any text."""
_NOT_SEARCHED = ("contact", "organisation.name")
"""Fields that exist to name somebody: filled only where somebody asked for it."""


@dataclass(frozen=True, slots=True)
class Leak:
    """Something that names a person or a machine: where it stands and of which kind it is."""

    place: str
    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Known:
    """Names of the house's own machines and people, in lower case."""

    machines: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()


def known_of(found: Assessment) -> Known:
    """Collect the names that an assessment knows: of all assets, and of users in the records that were met."""
    machines = {name for row in found.assets for name in (row.asset.id, *row.asset.names, *row.asset.addresses)}
    people = {
        value.rpartition("\\")[2]
        for one in found.sightings
        for name, value in one.fields.items()
        if name.lower().replace(".", "_").endswith(_USER_FIELDS)
    }
    return Known(_names(machines), _names(people))


def _names(found: Iterable[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in found if len(name) >= _SHORT)


def leaks(notification: Notification, known: Known = Known()) -> list[Leak]:
    """List everything in it that names a person or a machine of the house."""
    texts = _texts(msgspec.to_builtins(notification), "")
    return [leak for place, text in texts if not place.startswith(_NOT_SEARCHED) for leak in _in(place, text, known)]


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield place, value
        case dict():
            for key, item in value.items():
                yield from _texts(item, f"{place}.{key}" if place else key)
        case list() | tuple():
            for index, item in enumerate(value):
                yield from _texts(item, f"{place}[{index}]")


def _in(place: str, text: str, known: Known) -> Iterator[Leak]:
    low = text.lower()
    for kind, names in (("host", known.machines), ("user", known.people)):
        for name in sorted(names):
            if name in low and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", low):
                yield Leak(place, kind, name)
    attackers = place.startswith("indicators[") and place.endswith(".value")
    yield from (Leak(place, "internal address", found) for found in _ADDRESS.findall(text) if _internal(found))
    yield from (Leak(place, "user", found) for found in _USER.findall(text))
    if not attackers:  # an attacker's mail address may be an indicator
        yield from (Leak(place, "mail address", found) for found in _MAIL.findall(text))


def _internal(text: str) -> bool:
    try:
        found = ipaddress.ip_address(text.rstrip("."))
    except ValueError:
        return False
    return any(found in network for network in _INTERNAL if network.version == found.version)
