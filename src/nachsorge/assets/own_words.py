"""What machines say of their own addresses, and when it is believed.

A machine says which address it had, and not in which network: `192.168.1.20` at home is another than `192.168.1.20` at
the office, whose sensors' logs are looked at. So a word of a network that is routed in public is believed; one of a
private network only where people or a DHCP server name that network as the organisation's, and where it is none of
those that routers and hypervisors come with. All others are hints. Where nobody names any network, what a machine keeps
of its addresses (its registry, an agent's answers) is believed in all but the latter: nobody else says whose they were.
A word that is believed and that somebody else's contradicts makes the address nobody's for that time. See
docs/decisions/0021.
"""

from __future__ import annotations

import ipaddress
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from nachsorge.model.times import HOUR, MINUTE, Instant, Span, union

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nachsorge.assets.leases import Tenancy

OWN, LEASE, FIXED = "own", "lease", "fixed"
"""By whose word an address is somebody's: a machine's own, a DHCP server's, the inventory's without limit."""

JOINED = HOUR
"""Two words of a machine for one address, this far apart, are one stay.

Nobody else had it in between: whoever got it would have had to lose it again, and the shortest lease that is usual is
an hour's (dnsmasq(8); Windows' servers give eight days).
"""

HELD = 30 * MINUTE
"""So long a machine still has an address after its last word.

A lease is renewed at half of its time (RFC 2131, 4.4.5), so that of an hour's at least half is left.
"""

_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_COMMON = tuple(
    ipaddress.ip_network(text)
    for text in (
        "192.168.0.0/16",  # nearly every router for homes, VirtualBox's and VMware's networks
        *("10.0.0.0/24", "10.0.1.0/24", "10.1.1.0/24", "10.1.10.0/24"),  # cable modems and access points
        *("10.0.2.0/24", "10.0.3.0/24"),  # guests of VirtualBox: each has 10.0.2.15; containers of LXC
        *("172.16.0.0/24", "172.17.0.0/16", "172.20.10.0/28"),  # routers, Docker, telephones that share their network
    )
)
"""Networks that many have at once, as devices and programs come with them."""


@dataclass(frozen=True, slots=True)
class Stay:
    """That a machine (its asset) had an address, from one time to another, by its own word.

    `kept` is what it holds to be its address (its registry, an agent's answer), and not what it did with it.
    """

    address: str
    span: Span
    owner: str
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Contested:
    """A stay that another's word contradicts: of an address in the inventory, of a lease, of another machine."""

    stay: Stay
    other: str
    by: str


@dataclass(slots=True)
class Judged:
    """What became of the words: believed stays, contested ones, and hints of which nobody knows the network."""

    believed: list[Stay] = field(default_factory=list)
    contested: list[Contested] = field(default_factory=list)
    hints: list[Stay] = field(default_factory=list)


class Networks:
    """The private networks that are known to be the organisation's."""

    def __init__(self, addresses: Iterable[str], networks: Iterable[str]) -> None:
        """Take addresses, each for all of its /24 or /64, and whole networks, of what people and DHCP servers say."""
        self._near = {near for text in addresses if (near := near_of(text)) is not None}
        self._given = [ipaddress.ip_network(text, strict=False) for text in networks]

    def tell(self, address: str, *, kept: bool = False) -> bool:
        """Tell whether an address says where it is: a public one, or one of a known network that few others have.

        For one that a machine keeps the latter is enough where no network is known.
        """
        parsed = _parsed(address)
        if parsed is None:
            return False
        if parsed.is_global:
            return True
        if is_common(address):
            return False
        if not self._near and not self._given:
            return kept
        return near_of(address) in self._near or any(parsed in one for one in self._given)


def is_common(address: str) -> bool:
    """Tell whether an address is of a network that many have at once, at home as well."""
    parsed = _parsed(address)
    return parsed is not None and any(parsed in one for one in _COMMON if one.version == parsed.version)


@lru_cache(maxsize=65536)
def _parsed(text: str) -> _Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def near_of(address: str) -> _Network | None:
    """Give the network that is around an address as networks mostly are; None where it is no address."""
    parsed = _parsed(address)
    if parsed is None:
        return None
    return ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 64), strict=False)


def judge(
    stays: Iterable[Stay],
    networks: Networks,
    fixed: Mapping[str, str],
    leased: Tenancy,
) -> Judged:
    """Part what machines say; `fixed` and `leased` are the words of the inventory and of DHCP servers."""
    telling: dict[bool, list[Stay]] = {True: [], False: []}
    for stay in stays:
        telling[networks.tell(stay.address, kept=stay.kept)].append(stay)
    out, likely = Judged(hints=_joined(telling[False])), defaultdict[str, list[Stay]](list)
    for stay in _joined(telling[True]):
        if fixed.get(stay.address) != stay.owner:
            likely[stay.address].append(stay)
    believed = []
    for address in sorted(likely):
        words = [_Word(stay.span, stay.owner, OWN, stay) for stay in likely[address]]
        words += [_Word(span, owner, LEASE) for span, owner in leased.proper(address)]
        holder = fixed.get(address)
        for stay, rival in _rivals(sorted(words, key=lambda word: (word.span, word.owner, word.by))):
            if holder is not None and leased.owner(address, stay.span.start) != stay.owner:
                out.contested.append(Contested(stay, holder, FIXED))
            elif rival is not None:
                out.contested.append(Contested(stay, rival.owner, rival.by))
            else:
                believed.append(stay)
    out.believed = _prolonged(believed, out.contested, leased)
    return out


def _joined(stays: Iterable[Stay]) -> list[Stay]:
    """Join what several files, or several parts of one, say of one machine and address."""
    spans: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for stay in stays:
        spans[stay.address, stay.owner].append(stay.span)
    return sorted(
        (Stay(address, span, owner) for (address, owner), some in spans.items() for span in union(some, JOINED)),
        key=lambda stay: (stay.address, stay.span, stay.owner),
    )


@dataclass(frozen=True, slots=True)
class _Word:
    span: Span
    owner: str
    by: str
    stay: Stay | None = None


def _rivals(words: Sequence[_Word]) -> Iterator[tuple[Stay, _Word | None]]:
    """Give the stays among the words (in order), each with one of another owner that overlaps it, if there is one."""
    later: dict[int, _Word] = {}
    for at in range(len(words) - 2, -1, -1):
        following = words[at + 1]
        if following.owner != words[at].owner:
            later[at] = following
        elif at + 1 in later:
            later[at] = later[at + 1]
    # The two that last longest, of two owners: one of them is not the word's own.
    longest: list[_Word] = []
    for at, word in enumerate(words):
        if word.stay is not None:
            others = [one for one in (*longest, later.get(at)) if one is not None and one.owner != word.owner]
            yield word.stay, next((one for one in others if one.span.overlaps(word.span)), None)
        by_owner: dict[str, _Word] = {}
        for one in sorted((*longest, word), key=lambda one: one.span.end):
            by_owner[one.owner] = one
        longest = sorted(by_owner.values(), key=lambda one: one.span.end)[-2:]


def _prolonged(believed: Sequence[Stay], contested: Sequence[Contested], leased: Tenancy) -> list[Stay]:
    """Give stays to the end of what is left of a lease, but not into what another, or the machine itself, says next."""
    begins: dict[object, list[Instant]] = defaultdict(list)
    for stay in (*believed, *(one.stay for one in contested)):
        begins[stay.address].append(stay.span.start)
        begins[stay.owner, near_of(stay.address)].append(stay.span.start)
    for address in {stay.address for stay in believed}:
        begins[address] += [span.start for span, _ in leased.proper(address)]
    for starts in begins.values():
        starts.sort()
    return [Stay(stay.address, Span(stay.span.start, _end(stay, begins)), stay.owner) for stay in believed]


def _end(stay: Stay, begins: Mapping[object, Sequence[Instant]]) -> Instant:
    """Find the end: its own next word for this address is further away than what is left, or it would be one stay."""
    end = stay.span.end + HELD
    for key in (stay.address, (stay.owner, near_of(stay.address))):
        starts = begins[key]
        at = bisect_right(starts, stay.span.end)
        if at < len(starts):
            end = min(end, starts[at] - 1)
    return max(end, stay.span.end)
