"""What rows of an index have in common: the fields of their records, and how each field's text is put together.

Most fields of a record repeat one another: the subject of a certificate is `CN=` and the name that was asked for, a URL
begins with the host that stands in a field of its own. Such a text is kept as its parts, each stored once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HOST, ADDRESS, PLACE, MORE = "@host", "@address", "@place", "@more"
"""Kinds of columns that are no values of a record: its host, its addresses, its place, further values as JSON."""

NAMES, NUMBERS, TEXTS, SINGLE = "h", "a", "t", "u"
"""Where texts are kept: host names, addresses, other texts that repeat, and texts that hardly ever do."""

SOME: Final = ""
"""The domain of a slot that holds no number of a text: 1 where a record has the field, 0 where it has not."""

MANY: Final = 63
"""So many columns at most; values beyond them are kept as JSON in one."""


class Column(msgspec.Struct, frozen=True, array_like=True):
    """One field. Its text is its `parts` one after the other: text, the number of another column, None for its own.

    `slot` and `domain` say where its own part is stored, the row's column and the kind of value; -1 where it has none.
    A slot without a domain (`SOME`) says which records have the field: 1, and 0 for those that have not. `rank` is its
    place among the record's values.
    """

    kind: str
    field: str
    parts: tuple[str | int | None, ...] = (None,)
    slot: int = -1
    domain: str = ""
    rank: int = 0


class Shape(msgspec.Struct, frozen=True, array_like=True):
    """What rows share. `place` is what stands before the number in their places; None where these are texts.

    `software` is name, version, platform, publisher and aliases of the program that the records state.
    """

    telemetry: str
    timed: bool
    place: str | None
    software: tuple[str, ...] | None
    columns: tuple[Column, ...]

    @property
    def slots(self) -> list[Column]:
        """Give the columns that have something of their own, in the order of their slots."""
        return [column for column in self.columns if column.slot >= 0]


class Stored(msgspec.Struct, frozen=True):
    """How the rows of a shape are stored.

    `held` has, for slots with few of them, all numbers that stand in them; `after`, for a slot whose numbers are those
    of `pairs`, the slot that holds the name they go with.
    """

    held: dict[int, list[int]] = {}
    after: dict[int, int] = {}


_DECODE = msgspec.json.Decoder(Shape).decode
stored_of = msgspec.json.Decoder(Stored).decode
"""Read how the rows of a shape are stored, as `shapes` has it."""


def written(shape: Shape) -> str:
    """Write a shape as the index keeps it."""
    return msgspec.json.encode(shape).decode()


def read(text: str) -> Shape:
    """Read what `written` wrote."""
    return _DECODE(text)


def texts_of(shape: Shape, ids: Sequence[int], texts: Mapping[tuple[str, int], str]) -> list[str]:
    """Put the texts of a row's columns together; empty where a record has not the field."""
    found: list[str] = []
    for column in shape.columns:
        own = texts.get((column.domain, ids[column.slot]), "") if column.slot >= 0 else ""
        found.append(own)
    # Parts name plain columns only, so one more round is enough.
    return [
        found[at] if column.parts == (None,) else _joined(column, found[at], found) if _has(column, ids) else ""
        for at, column in enumerate(shape.columns)
    ]


def _has(column: Column, ids: Sequence[int]) -> bool:
    return column.slot < 0 or column.domain != SOME or bool(ids[column.slot])


def _joined(column: Column, own: str, found: Sequence[str]) -> str:
    return "".join(own if part is None else part if isinstance(part, str) else found[part] for part in column.parts)


_BREAKS = str.maketrans({"\n": "\x1e", "\x1e": "\x1f2", "\x1f": "\x1f1"})


def line_of(text: str) -> str:
    """Write a text in one line: values are kept as lines of larger texts."""
    return text.translate(_BREAKS) if "\n" in text or "\x1e" in text or "\x1f" in text else text


def text_of(line: str) -> str:
    """Read what `line_of` wrote."""
    if "\x1e" in line or "\x1f" in line:
        return line.replace("\x1e", "\n").replace("\x1f2", "\x1e").replace("\x1f1", "\x1f")
    return line
