"""The account that a reader keeps while it reads: what it saw, when, of whom, and what it could not read."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.model.evidence import Gap, Identity, Lease, Logged, Presence, Seen
from nachsorge.model.times import HOUR, Instant, Span, union
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Sequence

FINE = HOUR
"""Sightings of time at most this far apart join into one stretch while reading; larger silences stay visible."""

NAMED = 5
"""How many unreadable records are named by their place; all are counted."""

MOST_IDENTITIES = 1_000_000
"""So many statements of who is who are kept of one source."""

MOST_OWN = 100_000
"""So many addresses that machines state of themselves are kept of one source."""

_COMPACT = 4096


class _Stretches:
    """A growing set of spans that stays small: joined at `FINE` whenever it has become long."""

    __slots__ = ("_limit", "_spans")

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._limit = _COMPACT

    def add(self, start: Instant, end: Instant) -> None:
        spans = self._spans
        if spans and spans[-1].start <= start <= spans[-1].end + FINE:
            if end > spans[-1].end:
                spans[-1] = Span(spans[-1].start, end)
            return
        spans.append(Span(start, end))
        if len(spans) > self._limit:
            self._spans = list(union(spans, FINE))
            # What stays apart would be joined in vain at every further step.
            self._limit = max(_COMPACT, 2 * len(self._spans))

    def close(self) -> tuple[Span, ...]:
        return union(self._spans, FINE)


@dataclass(slots=True)
class Ledger:
    """Readers write here; `read.py` closes it into a `Reading`.

    Time is reported as stretches that were really recorded. Silences longer than an hour stay visible between them and
    are judged later; a reader that can prove a silence complete (record numbers run on) reports one stretch over it.
    """

    records: int = 0
    unreadable: int = 0
    unreadable_at: list[str] = field(default_factory=list)
    first: Instant | None = None
    last: Instant | None = None
    gaps: list[Gap] = field(default_factory=list)
    leases: list[Lease] = field(default_factory=list)
    identities: dict[Identity, None] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    logged: Counter[tuple[Telemetry, str, str, int]] = field(default_factory=Counter)
    scanned: int = 0
    platform: Platform | None = None
    host: str | None = None
    _own: dict[tuple[str, str], _Stretches] = field(default_factory=dict)
    _seen: dict[tuple[Telemetry, str | None], _Stretches] = field(default_factory=lambda: defaultdict(_Stretches))
    _counts: dict[tuple[Telemetry, str | None], int] = field(default_factory=lambda: defaultdict(int))
    _presence: dict[tuple[str, Telemetry], _Stretches] = field(default_factory=lambda: defaultdict(_Stretches))
    # Text of no known meaning is whatever somebody wrote: that there was some says nothing of what there was not.
    _never: set[Telemetry] = field(default_factory=lambda: {Telemetry.TEXT})
    _one_sided: Counter[tuple[Telemetry, str]] = field(default_factory=Counter)

    def count(self, telemetry: Telemetry, records: int, host: str | None = None) -> None:
        """Add records of a telemetry, whether or not they were decoded. Makes the telemetry known even without time."""
        self.records += records
        self._counts[telemetry, host] += records

    def spoil(self, locator: str, records: int = 1) -> None:
        """Mark records, counted already, as such that could not be decoded, with the place of the first."""
        self.unreadable += records
        if len(self.unreadable_at) < NAMED:
            self.unreadable_at.append(locator)

    def saw(self, telemetry: Telemetry, start: Instant, end: Instant | None = None, host: str | None = None) -> None:
        """Report that this telemetry was really recorded from start to end (microseconds, UTC, closed)."""
        end = start if end is None else end
        if telemetry not in self._never:
            self._seen[telemetry, host].add(start, end)
        self.dated(start, end)

    def dated(self, start: Instant, end: Instant) -> None:
        """Report that records bear times from start to end, which covers nothing."""
        self.first = start if self.first is None else min(self.first, start)
        self.last = end if self.last is None else max(self.last, end)

    def never_clears(self, *telemetry: Telemetry) -> None:
        """Say, before the first record, that this source proves and never clears: its stretches cover nothing.

        So it is where nobody can tell what the source left out: a printed log may have been filtered, a list of
        detections is silent whether or not somebody looked.
        """
        self._never.update(telemetry)

    def counted(self, telemetry: Telemetry) -> int:
        """Give how many records of a telemetry were counted so far."""
        return sum(records for (kind, _), records in self._counts.items() if kind is telemetry)

    def one_sided(self, telemetry: Telemetry, records: int = 1, lacks: str = "") -> None:
        """Say of records, counted already, that they do not show what was let through, or with whom.

        They are of traffic that was refused, that failed or gave an alarm; or `lacks` names what they have nothing in.
        """
        self._one_sided[telemetry, lacks] += records

    def one_sided_counts(self) -> tuple[tuple[Telemetry, int, str], ...]:
        """Give what was said so, by telemetry and by what is lacking, in the order in which it was first said."""
        return tuple((kind, records, lacks) for (kind, lacks), records in self._one_sided.items() if records)

    def settle(self) -> None:
        """Take back the stretches of traffic of which no record shows what was let through; once the source is read.

        A device that logs what it refuses is silent about what it lets through, and that is what did harm.
        """
        for telemetry in sorted({kind for kind, _ in self._one_sided}):
            why = {lacks: records for kind, records, lacks in self.one_sided_counts() if kind is telemetry}
            said = sum(why.values())
            if not said or said < self.counted(telemetry):
                continue
            self._never.add(telemetry)
            for key in [key for key in self._seen if key[0] is telemetry]:
                del self._seen[key]
            for place in [place for place in self._presence if place[1] is telemetry]:
                del self._presence[place]
            if telemetry is not Telemetry.NETWORK_NOTICE:
                self.gap(Reason.NOT_PROVIDED, _one_sided_note(said, tuple(why)), telemetry=telemetry)
            elif self._nothing_but_notices():
                note = f"all {said} records are alerts or notices: traffic that raised none is not logged here"
                self.gap(Reason.NOT_PROVIDED, note, telemetry=telemetry)

    def _nothing_but_notices(self) -> bool:
        """Tell whether somebody may take this for a log of traffic; beside others, notices are what they are."""
        told = {kind for (kind, _), records in self._counts.items() if records}
        return told <= {Telemetry.NETWORK_NOTICE, Telemetry.TEXT}

    def present(self, address: str, telemetry: Telemetry, start: Instant, end: Instant) -> None:
        """Report that an address appeared in this network telemetry within the stretch."""
        self._presence[address, telemetry].add(start, end)

    def gap(
        self,
        reason: Reason,
        note: str = "",
        *,
        telemetry: Telemetry | None = None,
        span: Span | None = None,
        host: str | None = None,
    ) -> None:
        """Report something that was not looked at."""
        gap = Gap(reason=reason, note=note, telemetry=telemetry, span=span, host=host)
        if gap not in self.gaps[-16:]:
            self.gaps.append(gap)

    def log(self, telemetry: Telemetry, product: str, service: str, number: int, records: int = 1) -> None:
        """Add records, counted already, to their Sigma log source, whether or not they are decoded."""
        self.logged[telemetry, product, service, number] += records

    def log_sources(self) -> tuple[Logged, ...]:
        """Give the records by Sigma log source, sorted."""
        return tuple(
            Logged(telemetry=telemetry, product=product, service=service, number=number, records=records)
            for (telemetry, product, service, number), records in sorted(self.logged.items())
        )

    def lease(self, lease: Lease) -> None:
        """Report that an address belonged to a named machine."""
        self.leases.append(lease)

    def states(self, host: str, address: str, start: Instant, end: Instant | None = None) -> None:
        """Report that a machine itself says that it had an address; words within an hour (`FINE`) are one stay."""
        stay = self._own.get((host, address))
        if stay is None:
            if len(self._own) >= MOST_OWN:
                self.gap(Reason.LIMIT, f"machines state more than {MOST_OWN} own addresses: the rest make no lease")
                return
            stay = self._own[host, address] = _Stretches()
        stay.add(start, start if end is None else end)

    def own_leases(self) -> tuple[Lease, ...]:
        """Give what machines said of their own addresses, sorted."""
        return tuple(
            Lease(address=address, host=host, span=span, own=True)
            for (host, address), stays in sorted(self._own.items())
            for span in stays.close()
        )

    def identify(self, identity: Identity) -> None:
        """Report what the source states of a machine's names and marks; said twice it is kept once."""
        if identity in self.identities or len(self.identities) < MOST_IDENTITIES:
            self.identities[identity] = None
        else:
            self.gap(Reason.LIMIT, f"states of more than {MOST_IDENTITIES} machines: the rest were not told apart")

    def seen(self) -> tuple[Seen, ...]:
        """Give the stretches per telemetry and host, sorted; a telemetry without any usable time has none."""
        keys = sorted({*self._seen, *self._counts}, key=lambda key: (key[0], key[1] or ""))
        return tuple(
            Seen(telemetry=t, host=h, spans=self._seen[t, h].close(), records=self._counts[t, h]) for t, h in keys
        )

    def presence(self) -> tuple[Presence, ...]:
        """Give the stretches in which each looked-for address appeared, sorted."""
        return tuple(
            Presence(address=address, telemetry=telemetry, spans=stretches.close())
            for (address, telemetry), stretches in sorted(self._presence.items())
        )


def _one_sided_note(records: int, why: Sequence[str]) -> str:
    """Say it the same however a source was cut: refusals where there were any, else all the columns."""
    if all(why):
        named = ", ".join(dict.fromkeys(name for lacks in why for name in lacks.split(", ")))
        return f"{records} rows have nothing in {named}: they were searched, but cover nothing"
    return f"all {records} records are refusals, errors or alarms: traffic that was let through is not logged here"
