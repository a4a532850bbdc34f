"""What happened when, per asset and for all: sightings, stored times, decisions; as lines, CSV, and for Timesketch.

Messages are in the language that is spoken when the timeline is made; the kinds of events are always the same words.

Timesketch asks every event for `message`, `datetime` and `timestamp_desc` (its user guide, "Import from JSON or CSV").
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nachsorge.cases.told import KINDS
from nachsorge.locale import _
from nachsorge.model.labels import UNLABELLED, Label
from nachsorge.model.times import Instant, parse_instant, render
from nachsorge.model.words import Rung, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nachsorge.cases.store import Entry
    from nachsorge.model.assessment import Assessment, CleanVersion, Sighting

COLUMNS = (
    *("datetime", "timestamp_desc", "message", "asset", "stage", "pack", "indicator", "source", "locator"),
    *("tlp", "pap"),
)

_EVENTS = {
    Rung.EXPOSED.word: "Affected Version Present",
    Rung.EXECUTED.word: "Affected Version Ran",
    Rung.CONTACTED.word: "Contact",
    Rung.COLLECTED.word: "Data Taken",
    Rung.IMPLANTED.word: "Implant",
    Rung.HANDS_ON.word: "Hands On",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One moment. `what` is the kind of event, `message` says it in words; `label` is of what it was made."""

    time: Instant
    what: str
    message: str
    asset: str = ""
    stage: str = ""
    pack: str = ""
    indicator: str = ""
    source: str = ""
    locator: str = ""
    label: Label = UNLABELLED


@dataclass(frozen=True, slots=True)
class Timeline:
    """Events in order, and how many sightings have no time and stand in none of them; `label` is of the whole."""

    events: tuple[Event, ...]
    timeless: int
    label: Label = UNLABELLED


def timeline(found: Assessment, entries: Iterable[Entry] = (), asset: str = "") -> Timeline:
    """Put all moments of an assessment and of a case in order; of one asset only, where it is named."""
    rungs = {(c.pack, c.stage): c.rung for row in found.assets for c in row.cells}
    paths = {source.id: source.reading.path for source in found.sources}
    mine = [s for s in found.sightings if asset in ("", s.asset)]
    events = [e for s in mine for e in _sighted(s, rungs.get((s.pack, s.stage), ""), paths.get(s.source, ""))]
    whole = found.label
    events += [_clean(c, paths, whole) for c in found.clean_versions if c.time is not None and asset in ("", c.asset)]
    events += _marked(events)
    events += [e for entry in entries for e in _decided(entry, whole) if asset in ("", e.asset)]
    ordered = sorted(events, key=lambda e: (e.time, e.asset, e.what, e.message, e.source, e.locator))
    return Timeline(tuple(ordered), sum(s.time is None for s in mine), whole)


def _sighted(sighting: Sighting, rung: str, path: str) -> Iterator[Event]:
    said = f"{sighting.indicator}" + (f" ({sighting.title})" if sighting.title else "")
    about: dict[str, Any] = {
        "label": sighting.label,
        "asset": sighting.asset,
        "stage": sighting.stage,
        "pack": sighting.pack,
        "indicator": sighting.indicator,
        "source": path,
        "locator": sighting.locator,
    }
    if sighting.time is not None:
        what = "Antivirus Detection" if sighting.telemetry is Telemetry.ANTIVIRUS else _EVENTS.get(rung, "Sighting")
        what = f"Evidence Against: {what}" if sighting.refutes else what
        yield Event(time=sighting.time, what=what, message=f"{sighting.asset}: {said} [{_(sighting.weight)}]", **about)
    if sighting.type == "stored_time":
        for name, text in sorted(sighting.fields.items()):
            try:
                due = parse_instant(text)
            except ValueError:
                continue
            message = _("{asset}: {name} in {path}").format(asset=sighting.asset, name=name, path=path)
            yield Event(time=due, what="Stored Time", message=message, **about)


def _clean(clean: CleanVersion, paths: Mapping[str, str], label: Label) -> Event:
    return Event(
        time=clean.time or 0,
        what="Clean Version Present",
        message=f"{clean.asset}: {clean.software}",
        asset=clean.asset,
        pack=clean.pack,
        indicator=clean.exposure,
        source=paths.get(clean.source, ""),
        locator=clean.locator,
        label=label,
    )


def _marked(events: Iterable[Event]) -> list[Event]:
    """Add the moments that people look for: the first run of an asset, the first contact after an antivirus acted."""
    found: list[Event] = []
    first: dict[str, Event] = {}
    cleaned: dict[str, Instant] = {}
    later: set[str] = set()
    for event in sorted(events, key=lambda e: (e.time, e.message)):
        if event.what == "Affected Version Ran" and event.asset not in first:
            first[event.asset] = event
            found.append(_named(event, "First Run Seen"))
        if event.what == "Antivirus Detection":
            cleaned.setdefault(event.asset, event.time)
        if event.what == "Contact" and event.asset in cleaned and event.asset not in later:
            later.add(event.asset)
            found.append(_named(event, "Contact After Antivirus"))
    return found


def _named(event: Event, what: str) -> Event:
    return replace(event, what=what)


def _decided(entry: Entry, label: Label) -> Iterator[Event]:
    if entry.kind in KINDS:
        at = entry.body.get("at") or entry.time
        reason = entry.body.get("reason", "")
        asset = entry.body.get("asset", "")
        yield Event(
            time=parse_instant(at),
            what=f"Decision: {entry.kind}",
            message=_("{asset}: {what} by {who}: {reason}").format(
                asset=asset or _("the case"), what=_(KINDS[entry.kind]), who=entry.by, reason=reason
            ),
            asset=asset,
            label=label,
        )


def timesketch(listed: Timeline) -> bytes:
    """Give JSON Lines with Timesketch's three mandatory fields."""
    return b"".join(json.dumps(_row(event)).encode() + b"\n" for event in listed.events)


def as_csv(listed: Timeline) -> bytes:
    """Give a table. Cells that a spreadsheet would run as a formula begin with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for event in listed.events:
        row = _row(event)
        writer.writerow([_harmless(row[name]) for name in COLUMNS])
    return out.getvalue().encode("utf-8", "backslashreplace")


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _row(event: Event) -> dict[str, str]:
    return {
        "datetime": render(event.time),
        "timestamp_desc": event.what,
        "message": event.message,
        "asset": event.asset,
        "stage": event.stage,
        "pack": event.pack,
        "indicator": event.indicator,
        "source": event.source,
        "locator": event.locator,
        "tlp": event.label.tlp.value,
        "pap": event.label.pap.value,
    }
