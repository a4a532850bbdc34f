"""Records, grouped: those of one source and hour that no indicator could tell apart are one row.

Kept of a record is what indicators are compared with: its typed values, whole. Free text is the bulk of a log, so only
what tables look up in it is kept (`tokens`), once a field has shown more than a few texts; how often text was left out,
and of which kind, is counted, because a value that may have stood there has not been looked for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import orjson

from nachsorge.model.times import HOUR, Instant
from nachsorge.model.words import Kind

if TYPE_CHECKING:
    from nachsorge.model.evidence import Record

TOKENS = "tokens"
"""The kind, in the index, of a free text of which only its tokens are kept, one a line."""

FREE, WORD, NUMBER = "free", "word", "number"
"""Kinds of text that was left out: of any characters; one word; digits and what stands between them in times."""

FEW = 64
"""So many distinct free texts of a field are kept whole in each source."""

_LONG = 512
_DIGEST = 32
_FLUSH = 200_000
_WORD = re.compile(r"[0-9A-Za-z_]+")
_NUMBER = re.compile(r"[0-9TZ:.,+ -]+")
_PLACE = re.compile(r"(.*?)(0|[1-9][0-9]{0,17})\Z", re.DOTALL)

Entry: TypeAlias = tuple[str, str, str]
"""(kind, field, text)."""


@dataclass(slots=True)
class _Group:
    first: Instant | None
    last: Instant | None
    count: int
    place: str
    last_place: str

    def add(self, time: Instant | None, place: str) -> None:
        self.count += 1
        if time is None or self.first is None or self.last is None:
            return
        if time < self.first:
            self.first, self.place = time, place
        if time > self.last:
            self.last, self.last_place = time, place


@dataclass(slots=True)
class Rows:
    """Groups the records of one source and writes them to files that `build` joins.

    `stem` is where: `<stem>-0.values`, `<stem>-0.rows`, and so on, a pair whenever there are many. `tokens` gives what
    is looked up in a free text.
    """

    stem: Path
    tokens: Callable[[str], tuple[str, ...]]
    hidden: Counter[str] = field(default_factory=Counter)
    files: int = 0
    _ids: dict[Entry, int] = field(default_factory=dict)
    _groups: dict[tuple[int | None, str, tuple[int, ...]], _Group] = field(default_factory=dict)
    _kept: dict[str, set[str]] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Take one record."""
        entries = [entry for value in record.values if (entry := self._entry(value.kind, value.field, value.text))]
        ids = tuple([self._ids.setdefault(entry, len(self._ids)) for entry in entries])
        hour = None if record.time is None else record.time // HOUR
        key = hour, _shape(record, entries), ids
        group = self._groups.get(key)
        if group is None:
            self._groups[key] = _Group(record.time, record.time, 1, record.locator, record.locator)
            if len(self._groups) >= _FLUSH:
                self.flush()
        else:
            group.add(record.time, record.locator)

    def _entry(self, kind: Kind, name: str, text: str) -> Entry | None:
        if kind is not Kind.TEXT:
            return kind.value, name, text
        hides = NUMBER if _NUMBER.fullmatch(text) else WORD if _WORD.fullmatch(text) else FREE
        if hides is not NUMBER:
            kept = self._kept.setdefault(name, set())
            if text in kept:
                return kind.value, name, text
            if len(kept) < FEW and len(text) <= _LONG and text[:1] != "\0":
                kept.add(text)
                return kind.value, name, text
        self.hidden[hides] += 1
        # A number holds no name; an address or a digest in hex may look like one.
        bare = hides is not FREE and len(text) < _DIGEST and text.count(".") < 3 and text.count(":") < 2
        tokens = () if bare else self.tokens(text)
        return (TOKENS, name, "\n".join(tokens)) if tokens else None

    def flush(self) -> None:
        """Write what is held and forget it."""
        if not self._groups:
            return
        values = self.stem.with_name(f"{self.stem.name}-{self.files}.values")
        with values.open("wb") as stream:
            for (kind, name, text), number in self._ids.items():
                stream.write(_line({"i": number, "k": kind, "f": name, "x": text}))
        with values.with_suffix(".rows").open("wb") as stream:
            for (_, shape, ids), group in self._groups.items():
                stream.write(_line(_row(shape, ids, group)))
        self.files += 1
        self._ids.clear()
        self._groups.clear()


def _row(shape: str, ids: tuple[int, ...], group: _Group) -> dict[str, object]:
    place, at = _split(group.place)
    last, to = _split(group.last_place)
    time, span = group.first, (group.last or 0) - (group.first or 0)
    row: dict[str, object] = {"s": shape, "t": time, "d": span, "n": group.count, "p": place, "a": at, "z": to}
    return {**row, "l": None if last == place else last, "v": ids}


def _split(place: str) -> tuple[str, int | None]:
    """Part the number at a place's end, which changes from record to record, from what stands before it."""
    found = _PLACE.match(place)
    return (found[1], int(found[2])) if found else (place, None)


def _shape(record: Record, entries: list[Entry]) -> str:
    """Write down what a record has beside its values; an address is named by the value that spells it."""
    texts = [text for _, _, text in entries]
    addresses = [texts.index(address) if address in texts else address for address in record.addresses]
    software = record.software
    program = software and [software.name, software.version, software.platform, software.publisher]
    return orjson.dumps([record.telemetry, record.host, addresses, program]).decode()


def _line(row: dict[str, object]) -> bytes:
    try:
        return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # a lone surrogate, which UTF-8 cannot write
        clean = {
            name: text.encode("utf-8", "replace").decode() if isinstance(text, str) else text
            for name, text in row.items()
        }
        return orjson.dumps(clean, option=orjson.OPT_APPEND_NEWLINE)
