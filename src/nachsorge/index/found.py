"""Rows of an index as records: what a shape, its slots and the texts that they name come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from nachsorge.index.rows import TOKENS
from nachsorge.index.shapes import ADDRESS, HOST, MORE, PLACE, SOME, Shape, texts_of
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.times import Instant
from nachsorge.model.words import Kind, Platform, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Source = tuple[int, int]
"""(part, source in it)."""

Key = tuple[str, int]
"""(domain, number) of a text in a part."""

FIXED = 7
"""So many columns of a row stand before its slots."""

_HIDDEN = frozenset({HOST, ADDRESS, PLACE, MORE})


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


def keys_of(shape: Shape, ids: Sequence[int]) -> Iterator[Key]:
    """Name the texts that the slots of a row hold."""
    for column in shape.slots:
        if column.domain != SOME and (number := ids[column.slot]):
            yield column.domain, number


def row_of(part: int, row: tuple[int, ...], shape: Shape, texts: Mapping[Key, str]) -> Row:
    """Give a row of a part, its slots holding numbers of texts, as what stands in it."""
    source, _, time, span, count, first_no, further = row[:FIXED]
    fields = sorted(
        (column.rank, column.kind, column.field, text)
        for column, text in zip(shape.columns, texts_of(shape, row[FIXED:], texts), strict=True)
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
