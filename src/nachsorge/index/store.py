"""Ask an index: the accounts of its sources, the values that may match, the rows that hold them, who appeared when."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import orjson

from nachsorge.index.build import COLUMNS
from nachsorge.index.engine import connect, quoted
from nachsorge.index.manifest import Manifest, load
from nachsorge.index.rows import TOKENS
from nachsorge.model.evidence import Presence, Reading, Record, Software, Value
from nachsorge.model.times import Instant, Span
from nachsorge.model.words import Kind, Platform, Telemetry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from duckdb import DuckDBPyConnection  # noqa: TC004  the extra may be absent; nothing reads the annotation


BLOCK = 1 << 16
"""So many values are given at once, to be searched as one text."""

Source = tuple[int, int]
"""(part, source in it)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One source of the index: its account, without presence, and what is not in the index of it."""

    source: Source
    unit: int
    early: bool
    reading: Reading
    control: bool | None
    control_note: str
    hidden: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Records of a source and hour that no indicator could tell apart: the first, and the last one's time and place.

    The record's `event` holds its values; of a text of which tokens are kept, the tokens, and `reduced` names it.
    """

    source: Source
    record: Record
    last: Instant | None
    last_locator: str
    count: int
    reduced: frozenset[int] = frozenset()


@dataclass(slots=True)
class Store:
    """An index, open to be asked. InputError where it is damaged, UsageError where it is none."""

    folder: Path
    manifest: Manifest = field(init=False)
    _connection: DuckDBPyConnection = field(init=False)

    def __post_init__(self) -> None:
        """Open it and hold it against its manifest."""
        self._connection = connect()
        self.manifest = load(self.folder)

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()

    def _file(self, part: int, table: str) -> str:
        return f"read_parquet({quoted(self.folder / f'{part:06}.{table}.parquet')})"

    def sources(self) -> list[Kept]:
        """Give the sources of evidence that has not been replaced since, in the order they were read."""
        units = {unit.number: unit for unit in self.manifest.units}
        decode = msgspec.json.Decoder(Reading).decode
        found = []
        for part in self.manifest.parts:
            asked = "SELECT source, unit, control, control_note, hidden, reading FROM"
            for number, unit, control, note, hidden, reading in self._connection.execute(
                f"{asked} {self._file(part.number, 'sources')} ORDER BY source"
            ).fetchall():
                if unit in units:
                    found.append(
                        Kept(
                            source=(part.number, number),
                            unit=unit,
                            early=units[unit].early,
                            reading=decode(reading),
                            control=control,
                            control_note=note,
                            hidden=orjson.loads(hidden),
                        )
                    )
        return found

    def blocks(self) -> Iterator[tuple[int, int, str]]:
        """Give all values as (part, number of the first, their texts joined by line breaks, none of them within)."""
        for part in self.manifest.parts:
            found = self._connection.execute(
                # A line break within a value would shift the numbers; as a word border a blank is as good.
                "SELECT min(id), string_agg(replace(text, chr(10), ' '), chr(10) ORDER BY id)"
                f" FROM {self._file(part.number, 'values')} GROUP BY id // {BLOCK} ORDER BY 1"
            )
            while (row := found.fetchone()) is not None:
                yield part.number, row[0], row[1]

    def values(self, part: int, ids: Collection[int]) -> dict[int, tuple[str, str, str]]:
        """Give (kind, field, text) of values by number."""
        if not ids:
            return {}
        found = self._connection.execute(
            f"SELECT id, kind, field, text FROM {self._file(part, 'values')} WHERE id IN (SELECT unnest($1))",
            [sorted(ids)],
        ).fetchall()
        return {number: (kind, name, text) for number, kind, name, text in found}

    def of_kind(self, part: int, kind: Kind) -> set[int]:
        """Give the numbers of all values of a kind."""
        asked = f"SELECT id FROM {self._file(part, 'values')} WHERE kind = $1"
        return {number for (number,) in self._connection.execute(asked, [kind.value]).fetchall()}

    def shapes(self, part: int) -> list[tuple[str, Software]]:
        """Give the distinct shapes of records that name a program, with that program."""
        asked = f"SELECT DISTINCT shape FROM {self._file(part, 'rows')} WHERE NOT ends_with(shape, ',null]')"
        return [
            (shape, software)
            for (shape,) in self._connection.execute(asked).fetchall()
            if (software := _software(shape))
        ]

    def rows(self, part: int, ids: Collection[int], shapes: Sequence[str]) -> list[Row]:
        """Give the rows that hold any of the values or have any of the shapes, in the order of their places."""
        columns = [f"v{n}" for n in range(COLUMNS)]
        tests = [f"{column} IN (SELECT id FROM wanted)" for column in columns]
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE wanted AS SELECT unnest($1::UINTEGER[]) AS id", [sorted(ids)]
        )
        tests += ["list_has_any(more, (SELECT list(id) FROM wanted))", "shape IN (SELECT unnest($1))"]
        found = self._connection.execute(
            "SELECT source, shape, time, span, count, place, first_no, further, last_place, last_no,"
            f" {', '.join(columns)}, more FROM {self._file(part, 'rows')}"
            f" WHERE {' OR '.join(tests)} ORDER BY source, place, first_no, time",
            [list(shapes)],
        ).fetchall()
        held = {number for row in found for number in _numbers(row)}
        texts = self.values(part, held)
        return [_row(part, row, texts) for row in found]

    def presence(self, addresses: Iterable[str]) -> dict[Source, list[Presence]]:
        """Say when each of some addresses appeared in each source."""
        spelled = {tuple(named_address(address.lower()).values()): address for address in addresses}
        asked = [sorted({n for _, n in spelled if n is not None}), sorted({a for a, _ in spelled if a is not None})]
        spans: dict[tuple[Source, str, str], list[Span]] = defaultdict(list)
        for part in self.manifest.parts if spelled else ():
            found = self._connection.execute(
                f'SELECT source, telemetry, address, ipv4, "start", span FROM {self._file(part.number, "presence")}'
                " WHERE ipv4 IN (SELECT unnest($1::UINTEGER[])) OR address IN (SELECT unnest($2::VARCHAR[]))",
                asked,
            )
            for source, telemetry, address, ipv4, start, length in found.fetchall():
                key = (part.number, source), spelled[address, ipv4], telemetry
                spans[key].append(Span(start, start + length))
        listed: dict[Source, list[Presence]] = defaultdict(list)
        for (owner, address, telemetry), stretches in sorted(spans.items()):
            one = Presence(address=address, telemetry=Telemetry(telemetry), spans=tuple(sorted(stretches)))
            listed[owner].append(one)
        return listed


def named_address(address: str) -> dict[str, str | int | None]:
    """Write an address as the index does: `n`, the number of an IPv4 address, or else `a`, its text in lower case."""
    parts = address.split(".")
    if len(parts) == 4 and all(part.isdecimal() and part == str(int(part)) and int(part) < 256 for part in parts):
        first, second, third, fourth = map(int, parts)
        return {"a": None, "n": first << 24 | second << 16 | third << 8 | fourth}
    return {"a": address.lower(), "n": None}


def _software(shape: str) -> Software | None:
    program = orjson.loads(shape)[3]
    if program is None:
        return None
    name, version, platform, publisher = program
    return Software(name=name, version=version, platform=Platform(platform) if platform else None, publisher=publisher)


def _numbers(row: tuple[object, ...]) -> list[int]:
    single = [number for number in row[10 : 10 + COLUMNS] if isinstance(number, int)]
    more = row[10 + COLUMNS]
    return [*single, *more] if isinstance(more, list) else single


def _row(part: int, row: tuple[object, ...], texts: dict[int, tuple[str, str, str]]) -> Row:
    number, shape, time, span, count, place, at, further, last_place, last_at = row[:10]
    assert isinstance(number, int)
    assert isinstance(shape, str)
    assert isinstance(count, int)
    telemetry, host, addresses, _ = orjson.loads(shape)
    listed = [texts[value] for value in _numbers(row)]
    event: dict[str, str] = {}
    for _, name, text in listed:
        event[name] = f"{event[name]}\n{text}" if name in event else text
    first = time if isinstance(time, int) else None
    to = at + further if isinstance(at, int) and isinstance(further, int) else last_at
    return Row(
        source=(part, number),
        record=Record(
            telemetry=Telemetry(telemetry),
            locator=_place(place, at),
            time=first,
            values=tuple(Value(Kind.TEXT if kind == TOKENS else Kind(kind), name, text) for kind, name, text in listed),
            event=event,
            host=host,
            addresses=tuple(a if isinstance(a, str) else listed[a][2] for a in addresses),
            software=_software(shape),
        ),
        last=first + span if first is not None and isinstance(span, int) else None,
        last_locator=_place(place if last_place is None else last_place, to),
        count=count,
        reduced=frozenset(at for at, (kind, _, _) in enumerate(listed) if kind == TOKENS),
    )


def _place(place: object, number: object) -> str:
    return f"{place}{'' if number is None else number}"
