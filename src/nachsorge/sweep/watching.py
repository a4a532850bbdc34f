"""Whom sensors watch as people declare it, and what of their word, or of the evidence, does not go together."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from typing import TYPE_CHECKING

from nachsorge.model.times import EARLIEST_PLAUSIBLE, Span
from nachsorge.model.words import SENSOR, Telemetry
from nachsorge.verdicts.coverage import Watch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nachsorge.assets.registry import Registry
    from nachsorge.model.evidence import Reading
    from nachsorge.sweep.outcome import Outcome
    from nachsorge.verdicts.coverage import Facts

ALWAYS = Span(EARLIEST_PLAUSIBLE, 2**53)
"""The time of an address that the inventory gives without limit; its end is still exact in JSON."""

_NAMED = 3
_MOST_NAMES = 3
"""A log file with more machines in it is a collector's; one with two may be of one that was renamed."""

_EVENT_LOGS = ("evtx", "windows_xml", "windows_ndjson")


def watches_of(registry: Registry) -> tuple[Watch, ...]:
    """Say which assets were in the networks that the declared sensors watch, and when."""
    sensors = [(s, [ipaddress.ip_network(text) for text in s.networks]) for s in registry.sensors if s.networks]
    if not sensors:
        return ()
    spans: defaultdict[tuple[str, Telemetry, str], list[Span]] = defaultdict(list)
    for owner, text, span in registry.tenures():
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            continue
        for sensor, networks in sensors:
            if any(address in network for network in networks):
                for telemetry in sensor.telemetry:
                    spans[owner, telemetry, sensor.part].append(span or ALWAYS)
    return tuple(
        Watch(asset=asset, telemetry=telemetry, part=part, spans=tuple(sorted(listed)))
        for (asset, telemetry, part), listed in sorted(spans.items())
    )


def sensors_of(registry: Registry) -> tuple[tuple[Telemetry, str], ...]:
    """List the declared sensors by what they record."""
    return tuple(sorted((telemetry, sensor.part) for sensor in registry.sensors for telemetry in sensor.telemetry))


def claim_of(reading: Reading) -> str:
    """Say of a sensor's log that it counts as one machine's own, because people or a collection say whose it is."""
    kinds = sorted({s.telemetry for s in reading.seen if s.telemetry in SENSOR and s.host is None and s.records})
    if not kinds or not reading.asset:
        return ""
    return f"a sensor's log ({', '.join(kinds)}) given to {reading.asset}: all of it counts as that machine's own"


def claimed(outcomes: Sequence[Outcome]) -> list[str]:
    """List the sensors' logs that were given to one machine, by machine."""
    given: defaultdict[str, list[str]] = defaultdict(list)
    for reading in (outcome.reading for outcome in outcomes):
        if claim_of(reading):
            given[reading.asset or ""].append(reading.path)
    return [
        f"{asset} was given the logs of a sensor: {', '.join(paths[:_NAMED])}{_more(paths)}; all that they hold counts "
        "as this machine's, whomever else it is about"
        for asset, paths in sorted(given.items())
    ]


def _more(paths: Sequence[str]) -> str:
    return f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""


def unclear_watches(registry: Registry, facts: Facts) -> list[str]:
    """Say where `watched` names no sensor although there are several, so that nobody can tell when a log is missing."""
    found = []
    for telemetry in sorted({t for asset in registry.assets for t in asset.watched if "@" not in t}):
        sensors = {o.sensor for o in facts.observations if o.telemetry.value == telemetry and o.asset is None}
        declared = any(one.value == telemetry for one, _ in facts.sensors)
        if len(sensors) > 1 and not declared:
            found.append(
                f"watched: {telemetry} names no sensor, and {len(sensors)} gave their logs: only time that all of them "
                "recorded counts; declare the sensors, or a log that is left out will not be missed"
            )
    return found


def strangers(outcomes: Iterable[Outcome], registry: Registry) -> list[str]:
    """Say which addresses were in use (Zeek's known_hosts) that are no asset's: they stand in no row."""
    if not any(asset.declared for asset in registry.assets):
        return []
    marks = {mark for outcome in outcomes for identity in outcome.reading.identities for mark in identity.marks}
    used = {mark.removeprefix("address:") for mark in marks if mark.startswith("address:")}
    unknown = sorted(used - registry.addresses)
    if not unknown:
        return []
    return [
        f"{len(unknown)} addresses were in use that are no asset's: {', '.join(unknown[:_NAMED])}{_more(unknown)}; "
        "whose they are is not known, and nothing was judged for them"
    ]


def renamed(outcomes: Iterable[Outcome]) -> list[str]:
    """Name event logs that more than one name stands in: one machine that was renamed, or logs that were forwarded."""
    found = []
    for reading in (outcome.reading for outcome in outcomes):
        hosts = sorted({seen.host for seen in reading.seen if seen.host})
        if reading.reader in _EVENT_LOGS and 1 < len(hosts) <= _MOST_NAMES and "forwarded" not in reading.path.lower():
            found.append(
                f"{reading.path} has records of {' and '.join(hosts)}, which count as several machines: if it is one "
                "that was renamed, write its names into one row of the inventory"
            )
    return found
