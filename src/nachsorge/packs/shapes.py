"""The language in which the layout of a pack file is said once, for checking, publishing and documenting it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from nachsorge.packs.findings import Findings, Place

if TYPE_CHECKING:
    from enum import StrEnum


class Section(dict[str, Any]):
    """A checked mapping: its values by key, and where it and each of its keys stand."""

    def __init__(self, place: Place) -> None:
        """Start empty at this place."""
        super().__init__()
        self.place = place
        self.places: dict[str, Place] = {}

    def at(self, key: str) -> Place:
        """Give the place of a key, or of the whole mapping where the key is absent."""
        return self.places.get(key, self.place)


Check: TypeAlias = Callable[[Section, Findings], None]


@dataclass(frozen=True, slots=True)
class Text:
    """Words as they stand in the file: `18.10` stays `18.10`."""


@dataclass(frozen=True, slots=True)
class Localised:
    """A text, or a mapping with `en` and, if there is one, `de`; becomes a pair (English, German or empty)."""


@dataclass(frozen=True, slots=True)
class Ident:
    """The id by which the rest of the pack names this thing; lower-case letters, digits, `-` and `.`."""

    kind: str


@dataclass(frozen=True, slots=True)
class Ref:
    """The id of something that the pack defines."""

    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a closed list; `make` turns it into the program's own value."""

    words: tuple[str, ...]
    make: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """An ISO 8601 time; with `end`, a bare day or month means its last microsecond."""

    end: bool = False


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time such as `36h` or `7d`, in microseconds."""


@dataclass(frozen=True, slots=True)
class Count:
    """A whole number, not negative."""


@dataclass(frozen=True, slots=True)
class Flag:
    """`true` or `false`."""


@dataclass(frozen=True, slots=True)
class Many:
    """A list, with at least so many entries."""

    of: Kind
    least: int = 1


@dataclass(frozen=True, slots=True)
class Prose:
    """A text for people, or a mapping that can be computed as well; a bare text is the mapping with only this key."""

    of: Shape
    key: str


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a mapping: what stands there, what it means, whether it may be absent."""

    key: str
    kind: Kind
    doc: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A mapping with these keys and no others; `check` holds what concerns several keys at once."""

    name: str
    fields: tuple[Field, ...]
    check: Check | None = None
    doc: str = ""
    by_key: dict[str, Field] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        """Index the fields once."""
        object.__setattr__(self, "by_key", {each.key: each for each in self.fields})


Kind: TypeAlias = Text | Localised | Ident | Ref | Word | Moment | Duration | Count | Flag | Many | Prose | Shape


def words_of(enum: type[StrEnum]) -> Word:
    """Make the kind for a closed list of the vocabulary."""
    return Word(tuple(each.value for each in enum), enum)
