"""What every report shows, arranged once: the matrix, findings, open needs, sources. Nothing is dropped here."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.locale import _
from nachsorge.model.assessment import Cell, Judged, Sighting, Source, Unmet
from nachsorge.model.words import Standing, Status, Verdict
from nachsorge.reports import kinds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nachsorge.locale import Lang
    from nachsorge.model.assessment import Assessment, RuleAccount

SEVERITY = {verdict: place for place, verdict in enumerate(Verdict)}
UNATTRIBUTED = "(unattributed)"
"""The id of the row for evidence that no asset is known for."""
_FOUND = (Standing.SHOWN, Standing.SUSPECTED)
_UNREAD_FIRST = {Status.UNREAD: 0, Status.UNKNOWN_FORMAT: 1, Status.PARTLY: 2, Status.SKIPPED: 3, Status.READ: 4}


@dataclass(frozen=True, slots=True)
class Column:
    """A stage of a pack; `number` is its place in the ladder, from 1."""

    pack: str
    stage: str
    title: str
    number: int


@dataclass(frozen=True, slots=True)
class Row:
    """An asset with its cells in the order of the columns; None where nothing was said."""

    judged: Judged
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Assets x stages of one pack, the worst verdict first."""

    pack: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Sightings of one indicator or rule for one asset and stage, in order of time; those without time last."""

    sightings: tuple[Sighting, ...]

    @property
    def first(self) -> Sighting:
        """Give the one that stands for what they share."""
        return self.sightings[0]


@dataclass(frozen=True, slots=True)
class Finding:
    """What speaks for (or against) one stage of one asset. `cell` is None where the judge said nothing of it."""

    column: Column
    cell: Cell | None
    groups: tuple[Group, ...]
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """One unmet need. `why` stands where an open cell names no need."""

    unmet: Unmet | None
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanting:
    """The stages of some assets that one need keeps open."""

    columns: tuple[Column, ...]
    assets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenNeed:
    """A need, once for all the stages and assets that share it."""

    need: Need
    parts: tuple[Wanting, ...]
    assets: int


@dataclass(frozen=True, slots=True)
class Section:
    """Assets of which exactly the same is to be said: all but those with findings of their own share one section."""

    assets: tuple[Judged, ...]
    findings: tuple[Finding, ...]
    needs: tuple[tuple[tuple[Column, ...], Need], ...]
    ruled_out: tuple[tuple[Column, tuple[str, ...]], ...]

    @property
    def first(self) -> Judged:
        """Give the one that stands for what they share."""
        return self.assets[0]

    @property
    def ids(self) -> tuple[str, ...]:
        """Name them."""
        return tuple(judged.asset.id for judged in self.assets)


def ordered(assessment: Assessment) -> tuple[Judged, ...]:
    """Give the assets, the worst verdict first, then by name."""
    return tuple(sorted(assessment.assets, key=lambda judged: (SEVERITY[judged.verdict], judged.asset.id)))


def columns(assessment: Assessment, lang: Lang) -> dict[tuple[str, str], Column]:
    """Give every stage by (pack, stage): the pack's own first, then what cells and sightings name beside it."""
    titles = {
        (pack.id, id): (german if lang == "de" and german else title) or id
        for pack in assessment.packs
        for id, title, german in pack.stages
    }
    keys = dict.fromkeys(titles)
    keys |= dict.fromkeys((cell.pack, cell.stage) for judged in assessment.assets for cell in judged.cells)
    keys |= dict.fromkeys((sighting.pack, sighting.stage) for sighting in assessment.sightings)
    numbers: dict[str, int] = defaultdict(int)
    out: dict[tuple[str, str], Column] = {}
    for pack, stage in keys:
        numbers[pack] += 1
        out[pack, stage] = Column(pack, stage, titles.get((pack, stage), stage), numbers[pack])
    return out


def matrices(assessment: Assessment, lang: Lang) -> tuple[Matrix, ...]:
    """Give one matrix per pack."""
    by_pack: dict[str, list[Column]] = defaultdict(list)
    for column in columns(assessment, lang).values():
        by_pack[column.pack].append(column)
    return tuple(_matrix(pack, found, ordered(assessment)) for pack, found in by_pack.items())


def _matrix(pack: str, found: list[Column], assets: tuple[Judged, ...]) -> Matrix:
    rows = []
    for judged in assets:
        cells = {cell.stage: cell for cell in judged.cells if cell.pack == pack}
        rows.append(Row(judged, tuple(cells.get(column.stage) for column in found)))
    return Matrix(pack, tuple(found), tuple(rows))


def findings(assessment: Assessment, lang: Lang) -> dict[str, tuple[Finding, ...]]:
    """Give per asset every stage that is shown or suspected, or that any sighting speaks for or against."""
    found: dict[tuple[str, str, str], list[Sighting]] = defaultdict(list)
    for sighting in assessment.sightings:
        found[sighting.asset, sighting.pack, sighting.stage].append(sighting)
    cells = {(j.asset.id, cell.pack, cell.stage): cell for j in assessment.assets for cell in j.cells}
    # An asset that has sightings but no row would be a fault elsewhere; it is shown all the same.
    names = dict.fromkeys(judged.asset.id for judged in ordered(assessment)) | dict.fromkeys(key[0] for key in found)
    stages = columns(assessment, lang)
    ids = frozenset(sighting.id for sighting in assessment.sightings)
    out: dict[str, tuple[Finding, ...]] = {}
    for name in names:
        row = tuple(
            _finding(column, cells.get((name, *key)), found.get((name, *key), []), ids)
            for key, column in stages.items()
            if _speaks(cells.get((name, *key)), found.get((name, *key), []))
        )
        if row:
            out[name] = row
    return out


_BY_TITLE = frozenset({"product", "sigma", "yara", "stored_time"})
"""Types whose indicator is an id that says nothing to people."""
_LATER = re.compile(r"(.+) later than (\S+Z)")


def named(sighting: Sighting) -> tuple[str, str]:
    """Give what was met as people call it, and beside it the rest: type, id or title; in the spoken language."""
    what, kind = sighting.indicator, kinds.kind(sighting.type)
    if found := _LATER.fullmatch(what) if sighting.type == "stored_time" else None:
        what = _("{field} later than {time}").format(field=found[1], time=found[2])
    if sighting.type in _BY_TITLE and sighting.title:
        return sighting.title, f"{kind} {what}"
    return what, f"{kind}, {sighting.title}" if sighting.title else kind


def _speaks(cell: Cell | None, sightings: list[Sighting]) -> bool:
    """Tell whether there is something to show: a stage that is found, or a trace against it.

    Sightings of a stage that does not apply to the asset stand under the stage that they count for.
    """
    if cell is not None and cell.standing is Standing.RULED_OUT:
        return any(sighting.refutes for sighting in sightings)
    return bool(sightings) or (cell is not None and cell.standing in _FOUND)


def _finding(column: Column, cell: Cell | None, sightings: list[Sighting], ids: frozenset[str]) -> Finding:
    return Finding(column, cell, grouped(sightings), _in_words(cell, ids) if cell else ())


def _in_words(cell: Cell, ids: frozenset[str]) -> tuple[str, ...]:
    # Sightings are shown themselves, with their places; their numbers would say nothing.
    return tuple(why for why in cell.because if why not in ids)


def grouped(sightings: Iterable[Sighting]) -> tuple[Group, ...]:
    """Put sightings of the same indicator or rule together, in order of their first time."""
    by_key: dict[tuple[object, ...], list[Sighting]] = defaultdict(list)
    for sighting in sorted(sightings, key=lambda s: (s.refutes, s.time is None, s.time or 0, s.source, s.id)):
        key = (sighting.type, sighting.indicator, sighting.weight, sighting.refutes, sighting.author)
        by_key[key].append(sighting)
    return tuple(Group(tuple(members)) for members in by_key.values())


def open_needs(assessment: Assessment, lang: Lang) -> tuple[OpenNeed, ...]:
    """Give what is open: a need that is the same for several stages or assets stands once, the widest first."""
    stages = columns(assessment, lang)
    shared: dict[Need, dict[tuple[Column, ...], list[str]]] = defaultdict(lambda: defaultdict(list))
    for judged in ordered(assessment):
        for wanting, need in needs_of(judged, stages):
            shared[need][wanting].append(judged.asset.id)
    out = [
        OpenNeed(
            need, tuple(Wanting(cols, tuple(names)) for cols, names in parts.items()), sum(map(len, parts.values()))
        )
        for need, parts in shared.items()
    ]
    return tuple(sorted(out, key=lambda need: -need.assets))


def needs_of(judged: Judged, stages: dict[tuple[str, str], Column]) -> tuple[tuple[tuple[Column, ...], Need], ...]:
    """Give the needs of one asset's open cells, each with the stages that it keeps open."""
    wanting: dict[Need, list[Column]] = defaultdict(list)
    for cell in judged.cells:
        if cell.standing is not Standing.OPEN:
            continue
        needs = [_need(unmet) for unmet in dict.fromkeys(cell.unmet)] or [Need(None, cell.because)]
        for need in needs:
            wanting[need].append(stages[cell.pack, cell.stage])
    return tuple((tuple(cols), need) for need, cols in wanting.items())


def _need(unmet: Unmet) -> Need:
    # The judge's way of saying that no evidence at all can rule a stage out; the note says why.
    return Need(None, (unmet.note,) if unmet.note else ()) if unmet.telemetry is None else Need(unmet, ())


def sections(assessment: Assessment, lang: Lang) -> tuple[Section, ...]:
    """Give what there is to say per asset; assets without findings and with the same row share a section."""
    stages, found = columns(assessment, lang), findings(assessment, lang)
    ids = frozenset(sighting.id for sighting in assessment.sightings)
    groups: dict[tuple[object, ...], list[Judged]] = defaultdict(list)
    for judged in ordered(assessment):
        own = judged.asset.id if judged.asset.id in found else ""
        groups[own, judged.verdict, judged.cells].append(judged)
    return tuple(
        Section(
            tuple(group),
            found.get(group[0].asset.id, ()),
            needs_of(group[0], stages),
            tuple(
                (stages[c.pack, c.stage], _in_words(c, ids)) for c in group[0].cells if c.standing is Standing.RULED_OUT
            ),
        )
        for group in groups.values()
    )


def sources(assessment: Assessment) -> tuple[Source, ...]:
    """Give the sources, those that were not or only partly read first."""

    def trouble(source: Source) -> tuple[int, bool]:
        return _UNREAD_FIRST[source.reading.status], not (source.reading.unreadable or source.reading.gaps)

    return tuple(sorted(assessment.sources, key=trouble))


def idle(assessment: Assessment) -> tuple[RuleAccount, ...]:
    """Give the rules for whose log source no record was seen: their silence says nothing."""
    return tuple(rule for rule in assessment.rules if not rule.applicable)


def number_words(counts: Iterable[tuple[int, str]]) -> str:
    """Give `1 open, 2 ruled out`, without zeros."""
    return ", ".join(f"{number} {word}" for number, word in counts if number)
