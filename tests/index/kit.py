"""What tests of the index share: evidence in several formats made from events, and the answer in comparable form."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.builders import DNS, FILES, PROXY, need, pack, stage

from nachsorge.model.pack import Indicator, Trace
from nachsorge.model.times import HOUR, SECOND, render
from nachsorge.model.words import IndicatorType, Rung, Weight

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nachsorge.model.assessment import Assessment
    from nachsorge.model.pack import Pack


@dataclass(frozen=True)
class Event:
    """Something a client did: asked for a name, or fetched a URL."""

    time: int
    client: str
    host: str
    path: str = "/"
    agent: str = "curl/8"


def zeek(events: Iterable[Event]) -> str:
    rows = "".join(
        f"{e.time / SECOND:.6f}\tC{e.time}\t{e.client}\t10.9.9.9\t{e.host}\t192.0.2.{e.time % 250}\n" for e in events
    )
    return f"#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tquery\tanswers\n{rows}"


def eve(events: Iterable[Event]) -> str:
    return "".join(
        json.dumps(
            {
                "timestamp": render(e.time),
                "flow_id": e.time % 10_000,
                "event_type": "http",
                "src_ip": e.client,
                "dest_ip": "198.51.100.7",
                "http": {"hostname": e.host, "url": e.path, "http_user_agent": e.agent},
            }
        )
        + "\n"
        for e in events
    )


def table(events: Iterable[Event]) -> str:
    rows = "".join(f"{render(e.time)},{e.client},{e.host},GET http://{e.host}{e.path} by {e.agent}\n" for e in events)
    return f"timestamp,client,query,message\n{rows}"


def syslog(events: Iterable[Event]) -> str:
    return "".join(
        f"{render(e.time)} web1 app[12]: {e.client} fetched http://{e.host}{e.path} ({e.agent})\n" for e in events
    )


def text(events: Iterable[Event]) -> str:
    return "".join(f"note {e.client} -> {e.host}{e.path} mail bob@{e.host} {e.agent}\n" for e in events)


FORMATS = {"dns.log": zeek, "eve.json": eve, "proxy.csv": table, "app.log": syslog, "notes.txt": text}


def write(folder: Path, name: str, events: Iterable[Event], number: int = 0) -> Path:
    path = folder / f"{number}-{name}"
    path.write_text(FORMATS[name](events), encoding="utf-8")
    return path


TYPES = {"domain": DNS, "ip": DNS, "url": PROXY, "user_agent": PROXY, "sha256": FILES}


def incident(*indicators: tuple[str, str], **more: object) -> Pack:
    """A pack with a stage for contact and one for files; user agents and paths are strong, the rest proofs."""
    contacted = stage("contacted", Rung.CONTACTED, needs=[need(DNS, PROXY)])
    ran = stage("ran", Rung.EXECUTED, needs=[need(FILES)])
    traces = (
        Trace(id="c2", stage="contacted", weight=Weight.PROOF, telemetry=(DNS, PROXY)),
        Trace(id="agent", stage="contacted", weight=Weight.STRONG),
        Trace(id="file", stage="ran", weight=Weight.PROOF),
    )
    listed = tuple(Indicator(type=IndicatorType(kind), value=value, trace=_trace(kind)) for kind, value in indicators)
    return pack(ran, contacted, traces=traces, indicators=listed, **more)  # type: ignore[arg-type]


def _trace(kind: str) -> str:
    return {"user_agent": "agent", "string": "agent", "sha256": "file", "path": "file", "file_name": "file"}.get(
        kind, "c2"
    )


def sighted(found: Assessment, types: Iterable[str] | None = None) -> dict[tuple[object, ...], int | None]:
    """Group sightings by hour: (indicator, source, asset, stage, weight, as text, hour) -> first time."""
    paths = {source.id: source.reading.path for source in found.sources}
    first: dict[tuple[object, ...], int | None] = {}
    for s in found.sightings:
        if types is not None and s.type not in types:
            continue
        hour = None if s.time is None else s.time // HOUR
        key = (s.indicator, paths[s.source], s.asset, s.stage, s.weight, s.as_text, hour)
        first[key] = s.time if s.time is None else min(s.time, first.get(key) or s.time)
    return first


def standings(found: Assessment) -> dict[tuple[str, str], str]:
    return {(row.asset.id, cell.stage): cell.standing.value for row in found.assets for cell in row.cells}


def verdicts(found: Assessment) -> dict[str, str]:
    return {row.asset.id: row.verdict.value for row in found.assets}
