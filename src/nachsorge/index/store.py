"""Ask an index: the accounts of its sources, the texts that may match, the rows that hold them, who appeared when."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import orjson

from nachsorge.index.blocks import Block, ahead, bounded, texts_in, unbounded
from nachsorge.index.engine import connect, quoted
from nachsorge.index.found import FIXED, Key, Row, Source, keys_of, row_of
from nachsorge.index.manifest import Manifest, check, load
from nachsorge.index.shapes import (
    NUMBERS,
    Shape,
    Stored,
    line_of,
    read,
    stored_of,
)
from nachsorge.model.evidence import Presence, Reading
from nachsorge.model.times import Span
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from duckdb import DuckDBPyConnection  # noqa: TC004  the extra may be absent; nothing reads the annotation

_CACHED = 1 << 28
"""So many bytes of texts are held after they were searched, so that those of the rows found need no reading."""


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


@dataclass(slots=True)
class Store:
    """An index, open to be asked. InputError where it is damaged, UsageError where it is none.

    Its files are held against their digests while they are asked; `intact` tells.
    """

    folder: Path
    manifest: Manifest = field(init=False)
    _connection: DuckDBPyConnection = field(init=False)
    _checking: Future[None] = field(init=False)
    _thread: ThreadPoolExecutor = field(init=False)
    _shapes: dict[int, dict[int, Shape]] = field(default_factory=dict)
    _stored: dict[int, dict[int, Stored]] = field(default_factory=dict)
    _blocks: dict[int, list[Block]] = field(default_factory=dict)
    _cached: int = 0

    def __post_init__(self) -> None:
        """Open it and begin to hold it against its manifest."""
        self._connection = connect()
        self.manifest = load(self.folder)
        self._thread = ThreadPoolExecutor(1, "digests")
        self._checking = self._thread.submit(check, self.folder, self.manifest)

    def intact(self) -> None:
        """Wait until all files are compared; InputError names those that are not what the manifest says."""
        self._checking.result()

    def close(self) -> None:
        """Let go of it."""
        self._thread.shutdown()
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

    def shapes(self, part: int) -> dict[int, Shape]:
        """Give what the rows of a part have in common, by number."""
        if part not in self._shapes:
            asked = f"SELECT shape, description, stored FROM {self._file(part, 'shapes')} ORDER BY shape"
            found = self._connection.execute(asked).fetchall()
            self._shapes[part] = {number: read(text) for number, text, _ in found}
            self._stored[part] = {number: stored_of(text) for number, _, text in found}
        return self._shapes[part]

    def blocks(self, part: int) -> Iterator[Block]:
        """Give all texts of a part."""
        asked = f"SELECT domain, first, encode(texts) FROM {self._file(part, 'values')}"
        found = self._connection.cursor().execute(asked)  # one of its own: another thread reads it
        held: list[Block] | None = []
        for listed in ahead(partial(found.fetchmany, 64)):
            for row in listed:
                block = Block(*row)
                self._cached += len(block.texts)
                if self._cached > _CACHED:
                    held = None
                if held is not None:
                    held.append(block)
                yield block
        if held is not None:
            self._blocks[part] = held

    def texts(self, part: int, wanted: Iterable[Key]) -> dict[Key, str]:
        """Give some texts of a part."""
        held = self._blocks.get(part)
        return texts_in(unbounded(self.blocks(part)) if held is None else bounded(held), wanted)

    def rows(self, part: int, wanted: Mapping[int, Mapping[int, Collection[int]]]) -> list[Row]:
        """Give the rows of shapes that hold one of some texts, in the order of their places.

        `wanted` is shape -> slot -> numbers of texts; a shape without slots is wanted whole.
        """
        shapes, found = self.shapes(part), []
        for shape, slots in wanted.items():
            size = len(shapes[shape].slots)
            held = " OR ".join(self._holding(part, shape, slots))
            if held or not slots:
                found += self._connection.execute(
                    "SELECT source, shape, time, span, count, first_no, further"
                    f"{''.join(f', v{slot}' for slot in range(size))} FROM {self._file(part, 'rows')}"
                    f" WHERE shape = {shape}" + (f" AND ({held})" if held else "")
                ).fetchall()
        if not found:
            return []
        found = self._numbered(part, found)
        keys = {key for row in found for key in keys_of(shapes[row[1]], row[FIXED:])}
        texts = self.texts(part, keys)
        # The sweep meets records in the order of their lines.
        found.sort(key=lambda row: (row[0], row[5], row[1]))
        return [row_of(part, row, shapes[row[1]], texts) for row in found]

    def _holding(self, part: int, shape: int, slots: Mapping[int, Collection[int]]) -> Iterator[str]:
        """Say in SQL which rows of a shape may hold some texts: all that do, and of names that have one, a few more."""
        stored = self._stored[part][shape]
        for slot, asked in slots.items():
            ids = set(stored.held.get(slot, asked)).intersection(asked)
            if ids and slot in stored.after:
                domain = self._shapes[part][shape].slots[slot].domain
                pairs = self._pairs(part, domain, "child", ids)
                if pairs:
                    parents, ranks = {parent for parent, _, _ in pairs}, {rank for _, rank, _ in pairs}
                    yield f"(v{stored.after[slot]} IN ({_listed(parents)}) AND v{slot} IN ({_listed(ranks)}))"
            elif ids:
                yield f"v{slot} IN ({_listed(ids)})"

    def _pairs(self, part: int, domain: str, by: str, numbers: Iterable[int]) -> list[tuple[int, int, int]]:
        """Give (parent, rank, child) of those with some parents, or children."""
        return self._connection.execute(
            f"SELECT parent, rank, child FROM {self._file(part, 'pairs')} WHERE domain = '{domain}'"
            f" AND {by} IN (SELECT unnest($1::UINTEGER[]))",
            [sorted(set(numbers))],
        ).fetchall()

    def _numbered(self, part: int, rows: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
        """Put numbers of texts in the place of ranks."""
        shapes, stored = self._shapes[part], self._stored[part]
        parents: dict[str, set[int]] = defaultdict(set)
        for row in rows:
            for child, parent in stored[row[1]].after.items():
                parents[shapes[row[1]].slots[child].domain].add(row[FIXED + parent])
        known = {
            (domain, parent, rank): child
            for domain, asked in parents.items()
            for parent, rank, child in self._pairs(part, domain, "parent", asked)
        }
        found = []
        for row in rows:
            ids, shape = list(row), shapes[row[1]]
            for child, parent in stored[row[1]].after.items():
                if row[FIXED + child]:
                    ids[FIXED + child] = known[shape.slots[child].domain, row[FIXED + parent], row[FIXED + child]]
            found.append(tuple(ids))
        return found

    def presence(self, addresses: Iterable[str]) -> dict[Source, list[Presence]]:
        """Say when each of some addresses appeared in each source."""
        spelled = {line_of(address.lower()): address for address in addresses}
        spans: dict[tuple[Source, str, str], list[Span]] = defaultdict(list)
        for part in self.manifest.parts if spelled else ():
            numbers = self._numbers_of(part.number, spelled)
            found = self._connection.execute(
                f'SELECT source, telemetry, address, "start", span FROM {self._file(part.number, "presence")}'
                " WHERE address IN (SELECT unnest($1::UINTEGER[]))",
                [sorted(numbers)],
            )
            for source, telemetry, number, start, length in found.fetchall():
                key = (part.number, source), spelled[numbers[number]], telemetry
                spans[key].append(Span(start, start + length))
        listed: dict[Source, list[Presence]] = defaultdict(list)
        for (owner, address, telemetry), stretches in sorted(spans.items()):
            one = Presence(address=address, telemetry=Telemetry(telemetry), spans=tuple(sorted(stretches)))
            listed[owner].append(one)
        return listed

    def _numbers_of(self, part: int, spelled: Mapping[str, str]) -> dict[int, str]:
        found = self._connection.execute(
            f"SELECT first, texts FROM {self._file(part, 'values')} WHERE domain = '{NUMBERS}'"
        ).fetchall()
        lines = ((first + at, line) for first, texts in found for at, line in enumerate(texts.split("\n")))
        return {number: line for number, line in lines if line in spelled}


@contextmanager
def intact(store: Store) -> Iterator[None]:
    """Let nothing pass that was read from a damaged index, nor what the damage led to."""
    try:
        yield
    finally:
        store.intact()


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))
