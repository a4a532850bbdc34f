"""From columns of records to rows: texts become numbers, what is alike within an hour becomes one row.

Works on whole columns, with NumPy: a record at a time would take ten times as long.
"""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from nachsorge.index.rows import TOKENS
from nachsorge.index.shapes import (
    ADDRESS,
    HOST,
    NAMES,
    NUMBERS,
    PLACE,
    SINGLE,
    SOME,
    TEXTS,
    Column,
    Shape,
    line_of,
    written,
)
from nachsorge.model.times import HOUR
from nachsorge.model.words import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nachsorge.index.batch import Batch, Key

_OFTEN = 2
"""A text that stands in fewer than this many rows on average is not looked for among those known already."""
_FEWEST = 64
_DOMAINS = {Kind.HOST.value: NAMES, HOST: NAMES, Kind.ADDRESS.value: NUMBERS, ADDRESS: NUMBERS}
_SPLICED = frozenset({Kind.URL.value, Kind.CERTIFICATE.value, TOKENS})
"""Kinds of which the texts often hold another field's text."""
_MIX = np.uint64(0x9E3779B97F4A7C15)


class Slot(msgspec.Struct, array_like=True):
    """What rows have of one column: their numbers in `texts` from 1 on (0: none). Without numbers, a text a row."""

    domain: str
    texts: list[str]
    ids: bytes


class Group(msgspec.Struct, array_like=True):
    """Rows of one shape. Times and numbers of places are 64 bits each."""

    shape: str
    size: int
    time: bytes
    span: bytes
    count: bytes
    first: bytes
    last: bytes
    slots: list[Slot]


def write(path: Path, batches: Sequence[Batch]) -> None:
    """Write batches as rows to a file."""
    body = [grouped(batch) for batch in batches]
    try:
        path.write_bytes(msgspec.msgpack.encode(body))
    except UnicodeEncodeError:  # a lone surrogate, which UTF-8 cannot write
        for slot in (slot for group in body for slot in group.slots):
            slot.texts = [text.encode("utf-8", "replace").decode() for text in slot.texts]
        path.write_bytes(msgspec.msgpack.encode(body))


def load(path: Path) -> list[Group]:
    """Read what `write` wrote."""
    return msgspec.msgpack.decode(path.read_bytes(), type=list[Group])


def grouped(batch: Batch) -> Group:
    """Make rows of records."""
    keys, texts, ranks = _all(batch)
    columns: list[Column] = []
    slots: list[tuple[str, Any, list[str]]] = []
    for (kind, name), column, rank in zip(keys, texts, ranks, strict=True):
        parts, rest = _parts(kind, column, columns, texts)
        if rest is None:
            columns.append(Column(kind, name, parts, rank=rank))
            continue
        domain, ids, known = _numbered(kind, rest) if None in parts else (SOME, _flags(rest), [])
        columns.append(Column(kind, name, parts, len(slots), domain, rank))
        slots.append((domain, ids, known))
    size = len(batch)
    time = np.array(batch.times, np.int64) if batch.times is not None else np.zeros(size, np.int64)
    number = np.array(batch.numbers, np.int64) if batch.place is not None else np.zeros(size, np.int64)
    order, starts, counts = _runs(batch, time, [ids for _, ids, _ in slots])
    first, last = order[starts], order[starts + counts - 1]
    shape = Shape(batch.telemetry, batch.times is not None, batch.place, batch.software, tuple(columns))
    kept = [_slot(domain, ids, known, first) for domain, ids, known in slots]
    return Group(
        shape=written(shape),
        size=len(first),
        time=time[first].tobytes(),
        span=(time[last] - time[first]).tobytes(),
        count=counts.astype(np.uint32).tobytes(),
        first=number[first].tobytes(),
        last=number[last].tobytes(),
        slots=kept,
    )


def _all(batch: Batch) -> tuple[list[Key], list[list[str]], list[int]]:
    """List all columns, those last whose texts are made of others; the ranks say how the record has them."""
    keys, texts = list(batch.keys), list(batch.columns)
    keys += [(ADDRESS, "")] * len(batch.addresses)
    texts += batch.addresses
    if batch.hosts is not None:
        keys.append((HOST, ""))
        texts.append(batch.hosts)
    if batch.place is None:
        keys.append((PLACE, ""))
        texts.append(batch.places)
    ranks = sorted((at for at, column in enumerate(texts) if any(column)), key=lambda at: keys[at][0] in _SPLICED)
    return [keys[at] for at in ranks], [texts[at] for at in ranks], ranks


def _parts(
    kind: str, column: list[str], known: list[Column], texts: list[list[str]]
) -> tuple[tuple[str | int | None, ...], list[str] | None]:
    """Give the parts of a column, and what of its texts is its own; None where nothing is.

    Where no part is its own but there are texts, they say which records have the field.
    """
    plain = [(at, texts[at]) for at, one in enumerate(known) if one.parts == (None,)]
    for at, values in plain:
        if values[0] == column[0] and values == column:
            return (at,), None
    for at, values in plain if kind in _SPLICED else ():
        if values[0] and values[0] in column[0] and known[at].kind in _DOMAINS:
            found = _spliced(column, values, at)
            if found is not None:
                return _behind(*found, plain)
    if kind in _SPLICED and "" in column:
        for at, values in plain:
            if all(not text or text == value for text, value in zip(column, values, strict=True)):
                return (at,), column
    return (None,), column


def _behind(
    parts: tuple[str | int | None, ...], rest: list[str] | None, plain: list[tuple[int, list[str]]]
) -> tuple[tuple[str | int | None, ...], list[str] | None]:
    """Name the column whose texts the rest is, where it is one's: an HTTP log has the path in a field of its own."""
    for at, values in plain if rest is not None else ():
        if values == rest:
            return (*parts[:-1], at), None
    return parts, rest


def _flags(texts: list[str]) -> Any:
    return np.fromiter(map(bool, texts), np.uint32, len(texts))


def _spliced(
    column: list[str], values: list[str], at: int
) -> tuple[tuple[str | int | None, ...], list[str] | None] | None:
    """Cut a column's texts at another column's, where all have it behind the same few characters.

    A cut beside `/` or `=` divides no literal of the sieve (`matching.literals`), so each part may be searched alone.
    """
    before = column[0][: column[0].index(values[0])]
    if before and before[-1] not in "/=":
        return None
    heads = [before + value for value in values] if before else values
    if not all(values) or not all(starmap(str.startswith, zip(column, heads, strict=True))):
        return None
    rest = [text[len(head) :] for text, head in zip(column, heads, strict=True)]
    head = (before, at) if before else (at,)
    if not any(rest):
        return head, None
    return ((*head, None), rest) if all(map("/".__eq__, [text[:1] or "/" for text in rest])) else None


def _numbered(kind: str, texts: list[str]) -> tuple[str, Any, list[str]]:
    """Number the texts of a column in the order of their first row; 0 is the empty one."""
    known = dict.fromkeys(texts)
    known.pop("", None)
    numbers = dict(zip(known, range(1, len(known) + 1), strict=True))
    numbers[""] = 0
    ids = np.fromiter(map(numbers.__getitem__, texts), np.uint32, len(texts))
    domain = _DOMAINS.get(kind, TEXTS)
    if domain is TEXTS and len(texts) >= _FEWEST and len(known) * _OFTEN > len(texts):
        domain = SINGLE
    return domain, ids, list(known)


def _runs(batch: Batch, time: Any, slots: Sequence[Any]) -> tuple[Any, Any, Any]:
    """Order records so that those alike stand together, earliest first; gives (order, starts, counts)."""
    size = len(time)
    mixed = (time // HOUR).astype(np.uint64)
    for ids in slots:
        mixed = (mixed ^ ids.astype(np.uint64)) * _MIX
        mixed ^= mixed >> np.uint64(29)
    by_time = np.arange(size) if bool(np.all(time[1:] >= time[:-1])) else np.argsort(time, kind="stable")
    order = by_time[np.argsort(mixed[by_time], kind="stable")]
    sorted_ = mixed[order]
    new = np.ones(size, np.bool_)
    new[1:] = sorted_[1:] != sorted_[:-1]
    hour = time[order] // HOUR
    new[1:] |= hour[1:] != hour[:-1]
    for ids in slots:  # what is alike by its sum may differ: a neighbour that does begins another row
        ordered = ids[order]
        new[1:] |= ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(new)
    counts = np.diff(np.append(starts, size))
    in_file = np.argsort(order[starts], kind="stable")
    return order, starts[in_file], counts[in_file]


def _slot(domain: str, ids: Any, known: list[str], first: Any) -> Slot:
    """Keep the texts of the rows that are left."""
    left = ids[first]
    if domain == SOME:
        return Slot(SOME, [], left.astype(np.uint32).tobytes())
    if domain == SINGLE:
        texts = ["", *known]
        return Slot(SINGLE, [line_of(texts[number]) for number in left.tolist()], b"")
    return Slot(domain, list(map(line_of, known)), left.astype(np.uint32).tobytes())


__all__ = ["Group", "Slot", "grouped", "load", "write"]
