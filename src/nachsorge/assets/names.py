"""How names of machines compare: without case, and a full name with its first label."""

from __future__ import annotations

import ipaddress
from functools import lru_cache


def plain(name: str) -> str:
    """Spell a name for comparison. Folders whose names differ in case alone may well be two."""
    return name if "/" in name else name.strip().lower().rstrip(".")


def short(name: str) -> str:
    """Give the first label; an address has none, and the dots of a folder (a repository) part no labels."""
    spelled = plain(name)
    return spelled if "/" in spelled or is_address(spelled) else spelled.partition(".")[0]


def is_full(name: str) -> bool:
    """Tell whether a name has a domain, so that it is of one machine only."""
    return short(name) != plain(name)


@lru_cache(maxsize=4096)
def is_address(text: str) -> bool:
    """Tell whether the text is one IPv4 or IPv6 address and nothing else."""
    if "." not in text and ":" not in text:
        return False  # as most names of machines: an exception for each would cost twenty times as much
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_private(address: str) -> bool:
    """Tell whether an address is of a network that is not routed in public."""
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False
