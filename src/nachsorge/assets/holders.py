"""Whose an address was, by all that say so: leases first, then what machines say of themselves where it is believed.

An address that two have by words which both count is nobody's for that time.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from nachsorge.assets.leases import Tenancy, within
from nachsorge.assets.own_words import HELD, Stay, judge
from nachsorge.model.times import EARLIEST_PLAUSIBLE, Span, subtract, union

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nachsorge.assets.own_words import Networks
    from nachsorge.model.times import Instant

ALWAYS = Span(EARLIEST_PLAUSIBLE, 2**53)
"""The time of an address that the inventory gives without limit; its end is still exact in JSON."""


class Holders:
    """Who had which address when. The inventory's addresses without limit are the registry's matter."""

    def __init__(
        self,
        fixed: Mapping[str, str],
        leases: Iterable[tuple[str, Span, str]],
        stays: Iterable[Stay],
        networks: Networks,
    ) -> None:
        """Put leases (address, time, owner) and machines' own words together."""
        self._leased = Tenancy(leases)
        self.judged = judge(stays, networks, fixed, self._leased)
        self._nobodys = _by_address(
            (one.stay.address, Span(one.stay.span.start, one.stay.span.end + HELD)) for one in self.judged.contested
        )
        words: dict[str, list[tuple[Span, str]]] = defaultdict(list)
        for stay in (*self.judged.believed, *(one.stay for one in self.judged.contested)):
            words[stay.address].append((stay.span, stay.owner))
        for address, some in words.items():
            self._leased.shorten(address, sorted(some), self._nobodys.get(address, ()))
        self._own = Tenancy(((stay.address, stay.span, stay.owner) for stay in self.judged.believed), grace=0)
        open_words = [*self.judged.hints, *(one.stay for one in self.judged.contested)]
        self._open: dict[str, list[Stay]] = defaultdict(list)
        for stay in open_words:
            self._open[stay.address].append(stay)

    def of(self, address: str) -> Sequence[tuple[Span, str]]:
        """Give who had an address, leases before words."""
        return (*self._leased.of(address), *self._own.of(address))

    def owner(self, address: str, time: Instant | None) -> str | None:
        """Say who had an address at a time; None where nobody did, or no time is known."""
        if self.is_nobodys(address, time):
            return None
        return self._leased.owner(address, time) or self._own.owner(address, time)

    def is_nobodys(self, address: str, time: Instant | None) -> bool:
        """Tell whether several have an address at a time, so that none has it."""
        return time is not None and within(time, self._nobodys.get(address, ()))

    def undisputed(self, address: str, spans: Iterable[Span]) -> Iterator[Span]:
        """Give the parts of some time in which an address is not nobody's."""
        for span in spans:
            yield from subtract(span, self._nobodys.get(address, ()))

    def disputed(self, address: str) -> Sequence[Span]:
        """Give the time in which an address is nobody's."""
        return self._nobodys.get(address, ())

    def stays(self) -> Iterator[tuple[str, str, Span]]:
        """Give (owner, address, time) for all."""
        for tenancy in (self._leased, self._own):
            for owner, address, span in tenancy.stays():
                yield from ((owner, address, part) for part in self.undisputed(address, (span,)))

    def may_be(self, address: str, time: Instant | None) -> list[Stay]:
        """Give the words by which an address may be somebody's at a time, although it is given to none of them."""
        if time is None:
            return []
        return [stay for stay in self._open.get(address, ()) if stay.span.start <= time <= stay.span.end + HELD]

    def borders(self, address: str) -> Iterator[Instant]:
        """Give the instants at which an address came to somebody or was lost, or may have been."""
        for span, _ in self.of(address):
            yield span.start
            yield span.end
        for stay in self._open.get(address, ()):
            yield stay.span.start
            yield stay.span.end + HELD
        for span in self._nobodys.get(address, ()):
            yield span.end


def _by_address(listed: Iterable[tuple[str, Span]]) -> dict[str, tuple[Span, ...]]:
    spans: dict[str, list[Span]] = defaultdict(list)
    for address, span in listed:
        spans[address].append(span)
    return {address: union(some) for address, some in spans.items()}
