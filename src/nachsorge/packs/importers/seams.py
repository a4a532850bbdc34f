"""The seam of an importer, and what it gives one after the other: the contents of an indicator file.

An importer is handed an opened file and yields while it reads, so that a list costs what its rows cost and not what the
file does. What a format makes it keep until later (`docs/reference/importers.md`) is small or belongs to one record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeAlias

from nachsorge.model.pack import Rule
from nachsorge.model.words import IndicatorType, Rung, Weight
from nachsorge.packs.row_problem import RowProblem

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One indicator of a bare file. `place` says where it stands (`line 12`), `fields` hold more of Indicator.

    `trace` and the `rung` of its stage are known where this program wrote the file itself. `fields` may be shared by
    many items, so nobody changes it.
    """

    place: str
    type: IndicatorType
    value: str
    stage: str = ""
    weight: Weight = Weight.STRONG
    rung: Rung | None = None
    trace: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


class Subject(StrEnum):
    """What a source says beside its indicators."""

    TITLE = "title"
    PUBLISHER = "publisher"
    DATE = "date"
    REFERENCE = "reference"
    ALIAS = "alias"
    ACTOR = "actor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Something that a file states about the incident or about itself; never our own words.

    `basis` says on what ground, where the file does.
    """

    subject: Subject
    says: str
    place: str
    date: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """What a reader has to know of the file; `lost` counts the entries that nobody can look for because of it.

    What is `foremost` concerns the whole file and is told before the rest.
    """

    text: str
    lost: int = 0
    foremost: bool = False


@dataclass(frozen=True, slots=True)
class Carried:
    """A Sigma or YARA rule that stands in the file; `item` has no value and names its stage and trace."""

    place: str
    item: Item
    rule: Rule


Found: TypeAlias = Item | Statement | Remark | Carried


class BreaksOff(RowProblem):
    """The file stops being readable at a place; everything before it was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """All of one file. Nothing is dropped: what is no item is named in `not_understood` with its place.

    `lost` counts the rows among those that nobody can look for; remarks on columns or encoding are not in it.
    `broken` says where the file stopped being readable; the items before that place are there.
    """

    items: tuple[Item, ...]
    not_understood: tuple[str, ...] = ()
    lost: int = 0
    statements: tuple[Statement, ...] = ()
    broken: RowProblem | None = None
    rules: tuple[tuple[Item, Rule], ...] = ()

    def found(self) -> Iterator[Found]:
        """Give it one by one, as the importer did but for the order."""
        yield from self.items
        yield from (Remark(line) for line in self.not_understood)
        yield Remark("", self.lost)
        yield from self.statements
        yield from (Carried(item.place, item, rule) for item, rule in self.rules)


class Importer(Protocol):
    """Reads one format of indicator files; one module an implementation."""

    name: str

    def accepts(self, head: bytes, name: str) -> int:
        """Say from the first 4 KB and the file's name how sure it is, 0 (not mine) to 100."""
        ...

    def read(self, source: BinaryIO) -> Iterator[Found]:
        """Give what a file holds while reading it from its start; the source can be sought in.

        Raises:
            BreaksOff: after everything before the break was given.
            RowProblem: the file as a whole is unusable.
        """
        ...
