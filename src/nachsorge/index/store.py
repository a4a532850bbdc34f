"""Ask an index: the accounts of its sources, the texts that may match, the rows that hold them, who appeared when."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import orjson

from nachsorge.index.engine import connect, quoted
from nachsorge.index.manifest import Manifest, check, load
from nachsorge.index.rows import TOKENS
from nachsorge.index.shapes import ADDRESS, HOST, MORE, NUMBERS, PLACE, Shape, line_of, read, text_of, texts_of
from nachsorge.model.evidence import Presence, Reading, Record, Software, Value
from nachsorge.model.times import Instant, Span
from nachsorge.model.words import Kind, Platform, Telemetry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from duckdb import DuckDBPyConnection  # noqa: TC004  the extra may be absent; nothing reads the annotation

Source = tuple[int, int]
"""(part, source in it)."""

Key = tuple[str, int]
"""(domain, number) of a text in a part."""

_CACHED = 1 << 28
"""So many bytes of texts are held after they were searched, so that those of the rows found need no reading."""

_HIDDEN = frozenset({HOST, ADDRESS, PLACE, MORE})


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


@dataclass(frozen=True, slots=True)
class Block:
    """Texts of a domain, numbered from `first` on, each a line of `texts`."""

    domain: str
    first: int
    texts: bytes


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
            asked = f"SELECT shape, description FROM {self._file(part, 'shapes')} ORDER BY shape"
            self._shapes[part] = {n: read(text) for n, text in self._connection.execute(asked).fetchall()}
        return self._shapes[part]

    def blocks(self, part: int) -> Iterator[Block]:
        """Give all texts of a part."""
        asked = f"SELECT domain, first, encode(texts) FROM {self._file(part, 'values')}"
        found = self._connection.execute(asked)
        held: list[Block] | None = []
        while listed := found.fetchmany(64):
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
        asked: dict[str, list[int]] = defaultdict(list)
        for domain, number in sorted(set(wanted)):
            asked[domain].append(number)
        found: dict[Key, str] = {}
        for block in self._blocks[part] if part in self._blocks else self.blocks(part):
            numbers = asked.get(block.domain)
            if not numbers or numbers[-1] < block.first:
                continue
            lines: list[bytes] | None = None
            for number in _within(numbers, block):
                lines = block.texts.split(b"\n") if lines is None else lines
                if number - block.first < len(lines):
                    found[block.domain, number] = text_of(lines[number - block.first].decode())
        return found

    def rows(self, part: int, wanted: Mapping[int, Mapping[int, Collection[int]]]) -> list[Row]:
        """Give the rows of shapes that hold one of some texts, in the order of their places.

        `wanted` is shape -> slot -> numbers of texts; a shape without slots is wanted whole.
        """
        shapes, found = self.shapes(part), []
        for shape, slots in wanted.items():
            size = len(shapes[shape].slots)
            held = " OR ".join(f"v{slot} IN ({', '.join(map(str, sorted(ids)))})" for slot, ids in slots.items())
            found += self._connection.execute(
                "SELECT source, shape, time, span, count, first_no, further"
                f"{''.join(f', v{slot}' for slot in range(size))} FROM {self._file(part, 'rows')}"
                f" WHERE shape = {shape}" + (f" AND ({held})" if held else "")
            ).fetchall()
        if not found:
            return []
        keys = {key for row in found for key in _keys(shapes[row[1]], row[7:])}
        texts = self.texts(part, keys)
        # The sweep meets records in the order of their lines.
        found.sort(key=lambda row: (row[0], row[5], row[1]))
        return [_row(part, row, shapes[row[1]], texts) for row in found]

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


def _within(numbers: Sequence[int], block: Block) -> Sequence[int]:
    """Give the sorted numbers that may be of a block: it has no more lines than bytes and one."""
    return numbers[bisect_left(numbers, block.first) : bisect_right(numbers, block.first + len(block.texts))]


def software_of(shape: Shape) -> Software | None:
    """Give the program that a shape's records state."""
    if shape.software is None:
        return None
    name, version, platform, publisher, *aliases = shape.software
    return Software(
        name=name,
        version=version,
        platform=Platform(platform) if platform else None,
        publisher=publisher,
        aliases=tuple(aliases),
    )


def _keys(shape: Shape, ids: Sequence[int]) -> Iterator[Key]:
    for column in shape.slots:
        if number := ids[column.slot]:
            yield column.domain, number


def _row(part: int, row: tuple[int, ...], shape: Shape, texts: Mapping[Key, str]) -> Row:
    source, _, time, span, count, first_no, further = row[:7]
    fields = sorted(
        (column.rank, column.kind, column.field, text)
        for column, text in zip(shape.columns, texts_of(shape, row[7:], texts), strict=True)
        if text
    )
    hidden = {kind: text for _, kind, _, text in fields if kind in _HIDDEN}
    values = [each for _, kind, name, text in fields for each in _values(kind, name, text)]
    event: dict[str, str] = {}
    for _, name, text in values:
        event[name] = f"{event[name]}\n{text}" if name in event else text
    place = hidden.get(PLACE, "")
    return Row(
        source=(part, source),
        record=Record(
            telemetry=Telemetry(shape.telemetry),
            locator=place if shape.place is None else f"{shape.place}{first_no}",
            time=time if shape.timed else None,
            values=tuple(Value(Kind.TEXT if k == TOKENS else Kind(k), name, text) for k, name, text in values),
            event=event,
            host=hidden.get(HOST),
            addresses=tuple(text for _, kind, _, text in fields if kind == ADDRESS),
            software=software_of(shape),
        ),
        last=time + span if shape.timed else None,
        last_locator=place if shape.place is None else f"{shape.place}{first_no + further}",
        count=count,
        reduced=frozenset(at for at, (kind, _, _) in enumerate(values) if kind == TOKENS),
    )


def _values(kind: str, name: str, text: str) -> Iterator[tuple[str, str, str]]:
    if kind == MORE:
        yield from (tuple(each) for each in orjson.loads(text))
    elif kind not in _HIDDEN:
        yield kind, name, text
