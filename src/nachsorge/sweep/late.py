"""Sensors' logs once more, where addresses became known only after they were read.

Whose addresses are meant stands in logs of leases. Those that are recognised as such are read first. But leases within
archives and images, and those of a file that holds queries as well (dnsmasq, a relay's syslog), are known too late to
have noted when the addresses appeared; so whatever sensors wrote is then read a second time, with all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nachsorge.evidence.units import Unit
from nachsorge.model.words import SENSOR
from nachsorge.sweep.outcome import Orders, Outcome

if TYPE_CHECKING:
    from nachsorge.sweep.pool import Pool


@dataclass(frozen=True, slots=True)
class Read:
    """Units that were read together, what came of each, and the orders that they were read by."""

    orders: Orders
    units: Sequence[Unit]
    outcomes: Sequence[list[Outcome]]


def all_of(*parts: Read) -> list[Outcome]:
    """Give the outcomes, sorted by path."""
    found = [outcome for part in parts for listed in part.outcomes for outcome in listed]
    return sorted(found, key=lambda outcome: outcome.reading.path)


def once_more(pool: Pool, part: Read, addresses: frozenset[str]) -> Read:
    """Read again what sensors wrote, where an address was not known then; an interrupted run is left as it is."""
    if addresses <= part.orders.addresses:
        return part
    affected = [index for index, listed in enumerate(part.outcomes) if any(map(_is_of_a_sensor, listed))]
    units = [part.units[index] for index in affected]
    pool.total += sum(unit.size for unit in units)
    again = pool.lists(replace(part.orders, addresses=addresses), units)
    if pool.stopped:
        return part
    outcomes = list(part.outcomes)
    for index, listed in zip(affected, again, strict=True):
        outcomes[index] = listed
    return replace(part, outcomes=outcomes)


def _is_of_a_sensor(outcome: Outcome) -> bool:
    return any(seen.telemetry in SENSOR and seen.host is None and seen.spans for seen in outcome.reading.seen)
