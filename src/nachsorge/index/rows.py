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
from typing import TYPE_CHECKING

import orjson

from nachsorge.index.batch import Batch, Key
from nachsorge.index.shapes import MANY, MORE
from nachsorge.model.words import Kind

if TYPE_CHECKING:
    from nachsorge.model.evidence import Record, Software

TOKENS = "tokens"
"""The kind, in the index, of a free text of which only its tokens are kept, one a line."""

FREE, WORD, NUMBER = "free", "word", "number"
"""Kinds of text that was left out: of any characters; one word; digits and what stands between them in times."""

FEW = 64
"""So many distinct free texts of a field are kept whole in each source."""

_LONG = 512
_DIGEST = 32
_FLUSH = 200_000
_SHAPES = 512
"""So many sets of fields a source may have; the records of any further one are kept as JSON."""
_PLACES = 16
_WORD = re.compile(r"[0-9A-Za-z_]+")
_NUMBER = re.compile(r"[0-9TZ:.,+ -]+")
_WORDS = re.compile(r"(?:[0-9A-Za-z_]{0,31}\n)*+")
_NUMBERS = re.compile(r"(?:[0-9TZ,+ -]{0,15}(?:[.:][0-9TZ,+ -]{0,15})?\n)*+")
_PLACE = re.compile(r"(.*?)(0|[1-9][0-9]{0,17})\Z", re.DOTALL)
_TEXT = Kind.TEXT.value

_Fields = tuple[object, ...]


@dataclass(slots=True)
class _Waiting:
    """Records with the same fields, one after the other as they came."""

    texts: list[tuple[str, ...]] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    addresses: list[tuple[str, ...]] = field(default_factory=list)


@dataclass(slots=True)
class Rows:
    """Groups the records of one source and writes them to files that `build` joins.

    `stem` is where: `<stem>-0`, `<stem>-1`, and so on, another one whenever there are many. `tokens` gives what is
    looked up in a free text.
    """

    stem: Path
    tokens: Callable[[str], tuple[str, ...]]
    hidden: Counter[str] = field(default_factory=Counter)
    files: int = 0
    _waiting: dict[_Fields, _Waiting] = field(default_factory=dict)
    _batches: list[Batch] = field(default_factory=list)
    _held: int = 0
    _kept: dict[str, set[str]] = field(default_factory=dict)
    _prefixes: set[str] = field(default_factory=set)
    _sets: set[tuple[Key, ...]] = field(default_factory=set)

    def add(self, record: Record) -> None:
        """Take one record."""
        keys = tuple([(value.kind.value, value.field) for value in record.values])
        texts = tuple([value.text for value in record.values])
        if keys not in self._sets:
            if len(self._sets) < _SHAPES and len(keys) <= MANY // 3:
                self._sets.add(keys)
            else:
                keys, texts = ((MORE, ""),), (_packed(zip(keys, texts, strict=True)),)
        place, number = self._split(record.locator)
        program, timed = _program(record.software), record.time is not None
        fields = (record.telemetry.value, program, place, timed, len(record.addresses), keys)
        held = self._waiting.get(fields)
        if held is None:
            held = self._waiting[fields] = _Waiting()
        held.texts.append(texts)
        held.hosts.append(record.host or "")
        held.addresses.append(record.addresses)
        if record.time is not None:
            held.times.append(record.time)
        if place is None:
            held.places.append(record.locator)
        else:
            held.numbers.append(number)
        self._count(1)

    def add_all(self, batch: Batch) -> None:
        """Take many records."""
        self._batches.append(batch)
        self._count(len(batch))

    def _count(self, records: int) -> None:
        self._held += records
        if self._held >= _FLUSH:
            self.flush()

    def _split(self, place: str) -> tuple[str | None, int]:
        """Part the number at a place's end, which changes from record to record, from what stands before it."""
        found = _PLACE.match(place)
        if found is None or (found[1] not in self._prefixes and len(self._prefixes) >= _PLACES):
            return None, 0
        self._prefixes.add(found[1])
        return found[1], int(found[2])

    def flush(self) -> None:
        """Write what is held and forget it."""
        if not self._held:
            return
        from nachsorge.index.groups import write  # needs the extra, which is only known to be there when one indexes

        batches = [*(_batch(fields, held) for fields, held in self._waiting.items()), *self._batches]
        reduced = [self.reduced(batch) for batch in batches]
        write(self.stem.with_name(f"{self.stem.name}-{self.files}"), _together(reduced))
        self.files += 1
        self._waiting.clear()
        self._batches.clear()
        self._held = 0

    def discard(self) -> None:
        """Forget all that was taken and remove what was written."""
        for number in range(self.files):
            self.stem.with_name(f"{self.stem.name}-{number}").unlink()
        self._waiting.clear()
        self._batches.clear()
        self._held = self.files = 0

    def reduced(self, batch: Batch) -> Batch:
        """Leave out the free texts that are not kept, and put their tokens in their place."""
        keys: list[Key] = []
        columns: list[list[str]] = []
        for at, (key, texts) in enumerate(zip(batch.keys, batch.columns, strict=True)):
            if key[0] != _TEXT:
                keys.append(key)
                columns.append(texts)
                continue
            for kind, kept in zip((_TEXT, TOKENS), self._text(key[1], texts, at in batch.plain), strict=True):
                if kept is not None:
                    keys.append((kind, key[1]))
                    columns.append(kept)
        batch.keys, batch.columns = tuple(keys), columns
        return batch

    def _text(self, name: str, texts: list[str], plain: bool) -> tuple[list[str] | None, list[str] | None]:
        """Give (what is kept whole, tokens of the rest); None where there is none of it."""
        kept = self._kept.setdefault(name, set())
        body = "" if plain else "\n".join([*texts, ""])
        if plain or _NUMBERS.fullmatch(body):
            self.hidden[NUMBER] += len(texts) - texts.count("")
            return None, None
        if _WORDS.fullmatch(body):
            return self._words(kept, texts), None
        whole, tokens = {"": ""}, {"": ""}
        for text, times in Counter(texts).items():
            if text:
                whole[text], tokens[text] = self._one(kept, text, times)
        return (
            [whole[text] for text in texts] if any(whole.values()) else None,
            [tokens[text] for text in texts] if any(tokens.values()) else None,
        )

    def _words(self, kept: set[str], texts: list[str]) -> list[str] | None:
        """Keep some of short words, which hold nothing that is looked up."""
        for text in texts if len(kept) < FEW else ():
            if len(kept) >= FEW:
                break
            if text and not _NUMBER.fullmatch(text):
                kept.add(text)
        whole = None if kept.isdisjoint(texts) else [text if text in kept else "" for text in texts]
        self.hidden[WORD] += (len(texts) if whole is None else whole.count("")) - texts.count("")
        return whole

    def _one(self, kept: set[str], text: str, times: int) -> tuple[str, str]:
        """Keep a text whole, or its tokens, or nothing."""
        hides = NUMBER if _NUMBER.fullmatch(text) else WORD if _WORD.fullmatch(text) else FREE
        if hides is not NUMBER:
            if text in kept:
                return text, ""
            if len(kept) < FEW and len(text) <= _LONG and text[:1] != "\0":
                kept.add(text)
                return text, ""
        self.hidden[hides] += times
        # A number holds no name; an address or a digest in hex may look like one.
        bare = hides is not FREE and len(text) < _DIGEST and text.count(".") < 3 and text.count(":") < 2
        return "", "" if bare else "\n".join(self.tokens(text))


def _together(batches: list[Batch]) -> list[Batch]:
    """Join batches of the same fields: what repeats in them is then numbered once."""
    found: dict[tuple[object, ...], Batch] = {}
    for batch in batches:
        timed, hosted = batch.times is not None, batch.hosts is not None
        fields = (batch.telemetry, batch.software, batch.place, batch.keys, timed, hosted, len(batch.addresses))
        found[fields] = found[fields].joined(batch) if fields in found else batch
    return list(found.values())


def _packed(values: object) -> str:
    """Write values as JSON, a line each."""
    listed = [[*key, text] for key, text in values]  # type: ignore[attr-defined]
    try:
        return orjson.dumps(listed).decode()
    except TypeError:  # a lone surrogate, which UTF-8 cannot write
        return orjson.dumps([[each.encode("utf-8", "replace").decode() for each in one] for one in listed]).decode()


def _program(software: Software | None) -> tuple[str, ...] | None:
    if software is None:
        return None
    platform = software.platform.value if software.platform else ""
    return software.name, software.version, platform, software.publisher, *software.aliases


def _batch(fields: _Fields, held: _Waiting) -> Batch:
    telemetry, program, place, timed, count, keys = fields
    return Batch(
        telemetry=telemetry,  # type: ignore[arg-type]
        software=program,  # type: ignore[arg-type]
        place=place,  # type: ignore[arg-type]
        keys=keys,  # type: ignore[arg-type]
        columns=[list(column) for column in zip(*held.texts, strict=True)],
        times=held.times if timed else None,
        numbers=held.numbers,
        places=held.places,
        hosts=held.hosts,
        addresses=[list(column) for column in zip(*held.addresses, strict=True)] if count else [],
    )
