"""The seam of an importer, and what it hands back: the items of an indicator file and what it did not understand."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from nachsorge.model.pack import Rule
from nachsorge.model.words import IndicatorType, Rung, Weight
from nachsorge.packs.rows import RowProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One indicator of a bare file. `place` says where it stands (`line 12`), `fields` hold more of Indicator.

    `trace` and the `rung` of its stage are known where this program wrote the file itself.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What one file holds. Nothing is dropped: what is no item is named in `not_understood` with its place.

    `lost` counts the rows among those that nobody can look for; remarks on columns or encoding are not in it.
    `broken` says where the file stopped being readable; the items before that place are there. `rules` are those that
    this program wrote into the file itself, each with an item without a value that names its stage.
    """

    items: tuple[Item, ...]
    not_understood: tuple[str, ...] = ()
    lost: int = 0
    statements: tuple[Statement, ...] = ()
    broken: RowProblem | None = None
    rules: tuple[tuple[Item, Rule], ...] = ()


class Importer(Protocol):
    """Reads one format of indicator files; one module an implementation."""

    name: str

    def accepts(self, head: bytes, name: str) -> int:
        """Say from the first 4 KB and the file's name how sure it is, 0 (not mine) to 100."""
        ...

    def read(self, content: bytes) -> Listing:
        """Read the whole file; raises `RowProblem` where the file as a whole is unusable."""
        ...
