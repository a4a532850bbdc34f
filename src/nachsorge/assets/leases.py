"""Whose an address was, when: leases of DHCP logs and of the inventory, or what machines say, put in order."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING

from nachsorge.model.times import DAY, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nachsorge.model.times import Instant

LEASE_GRACE = DAY
"""A lease is renewed about half-way and logged on renewal, so an address stays with its owner for a while after it.

It ends at once where another machine gets the address.
"""


class Tenancy:
    """Addresses that moved, with those who had them. An owner may be a machine that no asset is known for."""

    def __init__(self, listed: Iterable[tuple[str, Span, str]], grace: int = LEASE_GRACE) -> None:
        """Put (address, time, owner) in order; the order of the input decides nothing."""
        spans: defaultdict[str, list[tuple[Span, str]]] = defaultdict(list)
        for address, span, owner in listed:
            spans[address].append((span, owner))
        self._grace = grace
        self._held: dict[str, list[tuple[Span, str]]] = {}
        self._until: dict[str, list[Instant]] = {}
        for address, some in spans.items():
            found = held(some, grace)
            self._held[address] = [(span, owner) for span, owner, _ in found]
            self._until[address] = [until for _, _, until in found]

    def proper(self, address: str) -> Iterator[tuple[Span, str]]:
        """Give who had an address by the very words of the leases, without any grace."""
        for (span, owner), until in zip(self._held.get(address, ()), self._until.get(address, ()), strict=True):
            yield Span(span.start, until), owner

    def shorten(self, address: str, words: Sequence[tuple[Span, str]], nobodys: Sequence[Span]) -> None:
        """End graces where another says that it has the address by then (`words`, in order), or where it is nobody's.

        What a lease gives by its very words stays.
        """
        starts = [span.start for span, _ in words]
        for at, ((span, owner), until) in enumerate(zip(self.of(address), self._until.get(address, ()), strict=True)):
            end = until if within(until + 1, nobodys) else span.end
            following = bisect_right(starts, until)
            while following < len(words) and starts[following] <= end:
                if words[following][1] != owner:
                    end = starts[following] - 1
                following += 1
            self._held[address][at] = Span(span.start, end), owner

    def of(self, address: str) -> Sequence[tuple[Span, str]]:
        """Give who had an address, in order of time."""
        return self._held.get(address, ())

    def owner(self, address: str, time: Instant | None) -> str | None:
        """Say who had an address at a time; None where nobody did, or no time is known."""
        if time is None:
            return None
        return next((owner for span, owner in self.of(address) if span.start <= time <= span.end), None)

    def stays(self) -> Iterator[tuple[str, str, Span]]:
        """Give (owner, address, time) for all, renewed leases as one, each until the last of them ends."""
        for address in sorted(self._held):
            stay: tuple[str, Span] | None = None
            for (span, owner), until in zip(self._held[address], self._until[address], strict=True):
                if stay and stay[0] == owner and span.start <= stay[1].end + self._grace:
                    stay = owner, Span(stay[1].start, max(stay[1].end, until))
                    continue
                if stay:
                    yield stay[0], address, stay[1]
                stay = owner, Span(span.start, until)
            if stay:
                yield stay[0], address, stay[1]


def within(time: Instant, spans: Sequence[Span]) -> bool:
    """Tell whether a time lies in one of some spans, which are in order and apart."""
    at = bisect_right(spans, time, key=lambda span: span.start)
    return at > 0 and spans[at - 1].end >= time


def held(leases: Iterable[tuple[Span, str]], grace: int = LEASE_GRACE) -> list[tuple[Span, str, Instant]]:
    """Give the time each owner really had an address: with the grace, but not beyond the next owner's start.

    The last of the three is the end without the grace.
    """
    ordered = sorted(set(leases))
    found: list[tuple[Span, str, Instant]] = []
    following: dict[int, Instant] = {}
    later: tuple[Instant, str] | None = None
    # From the end: where the next lease is of the same owner, the next other owner is that one's.
    for index in range(len(ordered) - 1, -1, -1):
        span, owner = ordered[index]
        if later is not None and later[1] != owner:
            following[index] = later[0]
        elif later is not None and index + 1 in following:
            following[index] = following[index + 1]
        later = (span.start, owner)
    for index, (span, owner) in enumerate(ordered):
        end = span.end + grace
        end = end if index not in following else min(end, following[index] - 1)
        if span.start <= end:
            found.append((Span(span.start, end), owner, min(span.end, end)))
    return found


def overlapping(listed: Iterable[tuple[str, Span, str]]) -> Iterator[tuple[str, str, str]]:
    """Name (address, owner, other owner) where two have one address at one time."""
    before: tuple[str, Span, str] | None = None
    for address, span, owner in sorted(listed):
        if before and before[0] == address and before[2] != owner and span.start <= before[1].end:
            yield address, before[2], owner
        if before is None or before[0] != address or span.end >= before[1].end:
            before = (address, span, owner)
