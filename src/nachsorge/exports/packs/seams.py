"""The seam of a pack's exporter, and what it gets and gives: rows that may leave, files, and what was not expressed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from nachsorge.model.labels import MOST_RESTRICTIVE_LAST, Pap, Release
from nachsorge.model.pack import Indicator, Pack, Rule, Stage, Trace
from nachsorge.model.times import Instant
from nachsorge.model.words import IndicatorType, Tlp


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An indicator or a rule that may leave, with the trace it tests and the stage that it shows."""

    of: Indicator
    trace: Trace
    stage: Stage

    @property
    def named(self) -> str:
        """Name the row as reports of losses do: `domain c2.example`."""
        return f"{self.of.type} {self.of.value}"


@dataclass(frozen=True, slots=True)
class Loss:
    """Something of the pack that is not in the export, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class File:
    """One file of an export: its name without folders, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What may leave of a pack, by which decision of the door, and at which time the export is made.

    `held` names what was kept back.
    """

    pack: Pack
    rows: tuple[Row, ...]
    rules: tuple[Rule, ...]
    release: Release
    at: Instant
    held: tuple[Loss, ...] = ()

    @property
    def label(self) -> Tlp:
        """Give the most restrictive label of all that is in it."""
        return self.release.label.tlp

    @property
    def pap(self) -> Pap:
        """Give the most restrictive PAP of all that is in it."""
        return self.release.label.pap

    def stage_of(self, rule: Rule) -> Stage:
        """Give the stage that a rule shows."""
        return self.pack.stages_by_id[self.pack.traces_by_id[rule.trace].stage]


@dataclass(frozen=True, slots=True)
class Written:
    """The files of an export and what its format could not express."""

    files: tuple[File, ...]
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """For people: docs/reference/exports.md is made of it. Markdown, no full stop at the end."""

    expresses: str
    drops: str
    checked: str


class Unavailable(Exception):
    """What the format needs is not installed; the message has the line that installs it."""


class Exporter(Protocol):
    """Writes one format; one module an implementation.

    `blocks` says that whoever takes the file cuts off what stands in it, so that the stricter release rule holds.
    """

    @property
    def name(self) -> str:
        """The word after `--to`."""

    @property
    def blocks(self) -> bool:
        """Tell whether it is a blocking list."""

    @property
    def says(self) -> Says:
        """What it expresses, what it drops, and which consumer it was checked with."""

    def write(self, selection: Selection) -> Written:
        """Write what may leave."""
        ...


def strictest(labels: list[Tlp]) -> Tlp:
    """Give the most restrictive label; AMBER+STRICT where there is none (FIRST TLP 2.0 names no default)."""
    return max(labels, key=MOST_RESTRICTIVE_LAST.index, default=Tlp.AMBER_STRICT)


def most_careful(paps: list[Pap]) -> Pap:
    """Give the most restrictive PAP; GREEN where there is none."""
    return max(paps, key=list(Pap).index, default=Pap.GREEN)


def distinct(rows: tuple[Row, ...], *types: IndicatorType) -> list[Row]:
    """Give the rows of these types, each value once (the first that names it), in order of type and value.

    A value may test several traces; a format that compares values would report it as often.
    """
    found: dict[tuple[str, str], Row] = {}
    for row in rows:
        if row.of.type in types:
            found.setdefault((row.of.type.value, row.of.value), row)
    return [found[key] for key in sorted(found)]
