"""Forget old hours: the rows go, and the coverage goes with them and leaves a gap that says so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from nachsorge.index.build import COLUMNS, export
from nachsorge.index.engine import connect, quoted
from nachsorge.index.manifest import TABLES, Manifest, Part
from nachsorge.model.evidence import Gap, Reading, Seen
from nachsorge.model.times import DAY, HOUR, Instant, Span, render
from nachsorge.model.words import SNAPSHOTS, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from duckdb import DuckDBPyConnection

_LEASE = 2 * DAY
"""An expired lease still says for a day whose an address is."""


def forget(folder: Path, scratch: Path, manifest: Manifest, before: Instant) -> Manifest:
    """Write the parts anew without the hours that ended by `before`, and without what newer evidence replaced."""
    cut = before // HOUR * HOUR
    units = {unit.number for unit in manifest.units}
    parts: list[Part] = []
    number = manifest.next_part
    for part in manifest.parts:
        with connect(scratch) as connection:
            _load(connection, folder, part.number)
            _clip(connection, units, cut)
            parts.append(export(connection, folder, number))
        number += 1
    latest = max(cut, manifest.forgotten_before or cut)
    return msgspec.structs.replace(manifest, parts=parts, next_part=number, forgotten_before=latest)


def _load(connection: DuckDBPyConnection, folder: Path, part: int) -> None:
    for table in TABLES:
        path = quoted(folder / f"{part:06}.{table}.parquet")
        connection.execute(f"CREATE TABLE {table} AS SELECT * FROM read_parquet({path})")


def _clip(connection: DuckDBPyConnection, units: Iterable[int], cut: Instant) -> None:
    connection.execute("DELETE FROM sources WHERE unit NOT IN (SELECT unnest($1::UINTEGER[]))", [sorted(units)])
    gone = []
    for number, text in connection.execute("SELECT source, reading FROM sources").fetchall():
        reading = clipped(msgspec.json.decode(text, type=Reading), cut)
        body = msgspec.json.encode(reading).decode()
        connection.execute("UPDATE sources SET reading = $1 WHERE source = $2", [body, number])
        if reading.first is None and not any(seen.spans for seen in reading.seen):
            gone.append(number)
    # A state (a file, a lock file) may be older than the moment it was seen, so its rows stay as long as its source.
    states = " OR ".join(f"starts_with(shape, '[\"{telemetry}\",')" for telemetry in sorted(SNAPSHOTS))
    connection.execute(
        "DELETE FROM rows WHERE source NOT IN (SELECT source FROM sources)"
        f" OR (time < $1 AND (NOT ({states}) OR source IN (SELECT unnest($2::UINTEGER[]))))",
        [cut, gone],
    )
    connection.execute(
        'DELETE FROM presence WHERE source NOT IN (SELECT source FROM sources) OR "start" + span < $1', [cut]
    )
    connection.execute('UPDATE presence SET span = span - ($1 - "start"), "start" = $1 WHERE "start" < $1', [cut])
    # Numbers of values stay what they are; the texts of those that no row holds any more go.
    columns = " UNION ALL ".join(f"SELECT v{n} AS id FROM rows" for n in range(COLUMNS))
    connection.execute(
        "UPDATE values SET kind = '', field = '', text = '' WHERE id NOT IN"
        f" (SELECT id FROM ({columns} UNION ALL SELECT unnest(more) FROM rows) WHERE id IS NOT NULL)"
    )


def clipped(reading: Reading, cut: Instant) -> Reading:
    """Give the account from `cut` on; what it covered before is a gap now."""
    if reading.first is None or reading.first >= cut:
        return reading
    lost = [
        Gap(
            reason=Reason.FORGOTTEN,
            note=f"the index was told to forget everything before {render(cut)}",
            telemetry=seen.telemetry,
            span=Span(min(span.start for span in seen.spans), cut - 1),
            host=seen.host,
        )
        for seen in reading.seen
        if seen.spans and seen.spans[0].start < cut
    ]
    last = reading.last
    gone = last is None or last < cut
    return replace(
        reading,
        first=None if gone else cut,
        last=None if gone else last,
        seen=tuple(_seen(seen, cut) for seen in reading.seen),
        gaps=(*reading.gaps, *dict.fromkeys(lost)),
        leases=tuple(lease for lease in reading.leases if lease.span is None or lease.span.end >= cut - _LEASE),
    )


def _seen(seen: Seen, cut: Instant) -> Seen:
    spans = tuple(Span(max(span.start, cut), span.end) for span in seen.spans if span.end >= cut)
    return replace(seen, spans=spans)
