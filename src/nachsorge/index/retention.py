"""Forget old hours: the rows go, and the coverage goes with them and leaves a gap that says so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from nachsorge.index.build import export
from nachsorge.index.engine import connect, quoted
from nachsorge.index.manifest import TABLES, Manifest, Part
from nachsorge.index.pairs import unpack
from nachsorge.index.shapes import NUMBERS, SOME, Shape, read
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
            _erase(connection)
            parts.append(export(connection, folder, number))
        number += 1
    latest = max(cut, manifest.forgotten_before or cut)
    return msgspec.structs.replace(manifest, parts=parts, next_part=number, forgotten_before=latest)


def _load(connection: DuckDBPyConnection, folder: Path, part: int) -> None:
    for table in TABLES:
        path = quoted(folder / f"{part:06}.{table}.parquet")
        connection.execute(f'CREATE TABLE "{table}" AS SELECT * FROM read_parquet({path})')
    unpack(connection)


def _clip(connection: DuckDBPyConnection, units: Iterable[int], cut: Instant) -> None:
    connection.execute("DELETE FROM sources WHERE unit NOT IN (SELECT unnest($1::UINTEGER[]))", [sorted(units)])
    gone = []
    for number, text in connection.execute("SELECT source, reading FROM sources").fetchall():
        reading = clipped(msgspec.json.decode(text, type=Reading), cut)
        body = msgspec.json.encode(reading).decode()
        connection.execute("UPDATE sources SET reading = $1 WHERE source = $2", [body, number])
        if reading.first is None and not any(seen.spans for seen in reading.seen):
            gone.append(number)
    shapes = _shapes(connection)
    timed = [number for number, shape in shapes.items() if shape.timed]
    # A state (a file, a lock file) may be older than the moment it was seen, so its rows stay as long as its source.
    states = [number for number, shape in shapes.items() if shape.telemetry in SNAPSHOTS]
    connection.execute(
        "DELETE FROM rows WHERE source NOT IN (SELECT source FROM sources)"
        " OR (time < $1 AND shape IN (SELECT unnest($2::UINTEGER[]))"
        " AND (shape NOT IN (SELECT unnest($3::UINTEGER[])) OR source IN (SELECT unnest($4::UINTEGER[]))))",
        [cut, timed, states, gone],
    )
    connection.execute(
        'DELETE FROM presence WHERE source NOT IN (SELECT source FROM sources) OR "start" + span < $1', [cut]
    )
    connection.execute('UPDATE presence SET span = span - ($1 - "start"), "start" = $1 WHERE "start" < $1', [cut])


def _shapes(connection: DuckDBPyConnection) -> dict[int, Shape]:
    found = connection.execute("SELECT shape, description FROM shapes").fetchall()
    return {number: read(text) for number, text in found}


def _erase(connection: DuckDBPyConnection) -> None:
    """Blank the texts that no row holds any more; their numbers stay what they are."""
    connection.execute("DELETE FROM shapes WHERE shape NOT IN (SELECT shape FROM rows)")
    connection.execute("CREATE TEMP TABLE held (domain VARCHAR, number UINTEGER)")
    connection.execute(f"INSERT INTO held SELECT DISTINCT '{NUMBERS}', address FROM presence")
    for number, shape in _shapes(connection).items():
        for column in (one for one in shape.slots if one.domain != SOME):
            connection.execute(
                f"INSERT INTO held SELECT DISTINCT '{column.domain}', v{column.slot} FROM rows WHERE shape = {number}"
            )
    for domain, first, texts in connection.execute('SELECT domain, first, texts FROM "values"').fetchall():
        lines = texts.split("\n")
        asked = "SELECT DISTINCT number FROM held WHERE domain = $1 AND number BETWEEN $2 AND $3"
        held = {n for (n,) in connection.execute(asked, [domain, first, first + len(lines) - 1]).fetchall()}
        left = "\n".join(line if first + at in held else "" for at, line in enumerate(lines))
        if left != texts:
            connection.execute('UPDATE "values" SET texts = $1 WHERE domain = $2 AND first = $3', [left, domain, first])


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
