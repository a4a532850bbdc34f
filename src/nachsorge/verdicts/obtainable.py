"""Which evidence could settle which open cells: one item is one errand, to a host or to a sensor, over a window.

An open cell is settled (ruled out) by any of several sets of items: those of its own needs, or those of a stage that it
requires. Only what the judge would accept stands here; a property test holds the two together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice, product
from typing import TYPE_CHECKING, NamedTuple

from nachsorge.model.assessment import Asset, Cell, Coverage, Judged, Sighting, Unmet
from nachsorge.model.pack import Need, Option, Pack, Stage
from nachsorge.model.times import Instant, Span
from nachsorge.model.words import SENSOR, SNAPSHOTS, Platform, Reason, Standing, Telemetry
from nachsorge.verdicts.judge import anchors_of
from nachsorge.verdicts.ladder import hull, needs, required, window
from nachsorge.verdicts.needs import unmet

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_WAYS = 64
"""So many sets of items are tried for one stage; a pack with more alternatives than that names the nearest first."""


class Way(StrEnum):
    """How evidence is got: one errand brings all telemetry of its way."""

    HOST_LOGS = "host-logs"
    HOST_STATE = "host-state"
    SENSOR_LOG = "sensor-log"
    CENTRAL_LOG = "central-log"
    PROJECT = "project"


_WAYS = {
    Telemetry.PACKAGE_LOCK: Way.PROJECT,
    Telemetry.CI_LOG: Way.CENTRAL_LOG,
    Telemetry.SYSLOG: Way.HOST_LOGS,
    Telemetry.BROWSER_HISTORY: Way.HOST_STATE,
    Telemetry.PROGRAM_EXECUTION: Way.HOST_STATE,
}
MINUTES: Mapping[Way, tuple[int, int]] = {
    Way.HOST_LOGS: (10, 40),
    Way.HOST_STATE: (20, 80),
    Way.SENSOR_LOG: (15, 60),
    Way.CENTRAL_LOG: (10, 30),
    Way.PROJECT: (5, 15),
}
"""Effort of one errand: where it is a remote command, and where somebody has to ask for it. Our own estimate."""

FINDING = (20, 90)
"""A sensor's log where nobody said which sensor: whether there is one has to be found out first."""


def way_of(telemetry: Telemetry) -> Way:
    """Say how a kind of evidence is got."""
    if telemetry in SENSOR:
        return Way.SENSOR_LOG
    return _WAYS.get(telemetry, Way.HOST_STATE if telemetry in SNAPSHOTS else Way.HOST_LOGS)


class CellId(NamedTuple):
    """Names a cell: one asset and one stage of one pack. Many are compared: a tuple does that without Python."""

    asset: str
    pack: str
    stage: str


class Place(NamedTuple):
    """Names an item: how it is got and where.

    `sensor` says that `name` is a part of a sensor's path (empty for all sensors of that telemetry), else it is an
    asset's id.
    """

    way: Way
    name: str
    sensor: bool = False
    telemetry: str = ""


@dataclass(slots=True)
class _Wish:
    """What the open cells want from one place."""

    spans: defaultdict[Telemetry, list[Span]] = field(default_factory=lambda: defaultdict(list))
    after: dict[Telemetry, Instant] = field(default_factory=dict)
    moments: set[Telemetry] = field(default_factory=set)
    assets: set[str] = field(default_factory=set)
    platforms: set[Platform] = field(default_factory=set)
    reasons: set[Reason] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """One telemetry of an errand: what it has to reach over, or the instant after which a state has to be taken."""

    telemetry: Telemetry
    window: Span | None = None
    after: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One errand. `low` and `high` are minutes; `reasons` say why it is not there yet.

    Of several telemetries one may do: they are all that any way of settling the cells asks of this place.
    """

    place: Place
    wants: tuple[Want, ...]
    assets: tuple[str, ...]
    platforms: tuple[Platform, ...]
    reasons: tuple[Reason, ...]
    low: int
    high: int

    @property
    def minutes(self) -> int:
        """Give the middle of the range, which the order goes by."""
        return (self.low + self.high) // 2


Ways = tuple[frozenset[Place], ...]
"""Sets of items, any of which settles a cell."""


@dataclass(frozen=True, slots=True)
class Obtainable:
    """All items, by place; the sets of them that settle each open cell; and the open cells that nothing settles."""

    items: Mapping[Place, Item]
    cells: Mapping[CellId, Ways]
    never: Mapping[CellId, str]


def obtainable(
    packs: Mapping[str, Pack], judged: Sequence[Judged], sightings: Iterable[Sighting], coverage: Iterable[Coverage]
) -> Obtainable:
    """Find the items for all open cells. A pack that is not at hand is known by what its cells lack, only."""
    by_asset: defaultdict[str, dict[Telemetry, Coverage]] = defaultdict(dict)
    for one in coverage:
        by_asset[one.asset][one.telemetry] = one
    shows: defaultdict[tuple[str, str], dict[str, list[Sighting]]] = defaultdict(dict)
    for sighting in sightings:
        if not sighting.refutes:
            shows[sighting.asset, sighting.pack].setdefault(sighting.stage, []).append(sighting)
    wishes: defaultdict[Place, _Wish] = defaultdict(_Wish)
    cells: dict[CellId, Ways] = {}
    never: dict[CellId, str] = {}
    for row in judged:
        for pack in dict.fromkeys(cell.pack for cell in row.cells):
            mine = {cell.stage: cell for cell in row.cells if cell.pack == pack}
            anchors = anchors_of(shows[row.asset.id, pack])
            desk = _Desk(row.asset, packs.get(pack), mine, by_asset[row.asset.id], anchors, wishes)
            for cell in (cell for cell in mine.values() if cell.standing is Standing.OPEN):
                name = CellId(row.asset.id, pack, cell.stage)
                if ways := desk.ways(cell):
                    cells[name] = ways
                else:
                    never[name] = next((u.note or u.reason.value for u in cell.unmet if u.telemetry is None), "")
    used = {place for ways in cells.values() for way in ways for place in way}
    return Obtainable({place: _item(place, wishes[place]) for place in sorted(used)}, cells, never)


@dataclass(slots=True)
class _Desk:
    """The work on one asset and pack."""

    asset: Asset
    pack: Pack | None
    cells: Mapping[str, Cell]
    covered: Mapping[Telemetry, Coverage]
    anchors: Mapping[str, Span]
    wishes: defaultdict[Place, _Wish]
    known: dict[str, Ways] = field(default_factory=dict)

    def ways(self, cell: Cell) -> Ways:
        """Give what settles a cell: its own needs, or a stage before it. Smaller sets make larger ones needless."""
        if any(u.reason is Reason.NEEDS_EVIDENCE for u in cell.unmet):
            return ()
        if self.pack is None:
            return self._as_told(cell)
        found = set(self._own(self.pack.stages_by_id[cell.stage]))
        for before in self._clearing(self.pack, cell):
            found.update(self._own(before))
        return tuple(sorted((w for w in found if not any(o < w for o in found)), key=lambda w: (len(w), sorted(w))))

    def _clearing(self, pack: Pack, cell: Cell) -> list[Stage]:
        """List the open stages before a cell that would clear it: not those that a suspicion in between speaks for."""
        before = required(pack, pack.stages_by_id[cell.stage], self.asset)
        suspected = [b for b in before if self.cells[b.id].standing is Standing.SUSPECTED]
        doubtful = {b.id for s in suspected for b in required(pack, s, self.asset)}
        return [b for b in before if self.cells[b.id].standing is Standing.OPEN and b.id not in doubtful]

    def _own(self, stage: Stage) -> Ways:
        if stage.id not in self.known:
            self.known[stage.id] = self._by_needs(stage)
        return self.known[stage.id]

    def _by_needs(self, stage: Stage) -> Ways:
        wanted = needs(stage, self.asset)
        if stage.never or not wanted or self._unanswered(stage) or self._hangs(stage):
            return ()
        span = window(stage, self.asset, self.anchors)
        choices = [[self._option(option, span) for option in need.any_of] for need in wanted]
        usable = [[one for one in listed if one is not None] for listed in choices]
        picked = (frozenset[Place]().union(*each) for each in islice(product(*usable), MOST_WAYS))
        # An empty set would settle an open cell by nothing: then it is not open for what these needs lack.
        return tuple(dict.fromkeys(way for way in picked if way))

    def _hangs(self, stage: Stage) -> bool:
        """Tell whether an asset that this one names keeps the stage open: no evidence of this one settles that."""
        return bool(stage.through) and any(u.telemetry is None for u in self.cells[stage.id].unmet)

    def _unanswered(self, stage: Stage) -> bool:
        return any(u.reason is Reason.NEEDS_EVIDENCE for u in self.cells[stage.id].unmet)

    def _option(self, option: Option, span: Span | None) -> frozenset[Place] | None:
        """Give the places that one option wants; None where no evidence can meet it."""
        lacking = unmet(Need(any_of=(option,)), self.covered, span)
        if any(u.telemetry is None or u.reason is Reason.NO_TIME for u in lacking):
            return None
        return frozenset(self._wish(u, option.snapshot_after) for u in lacking)

    def _as_told(self, cell: Cell) -> Ways:
        if any(u.telemetry is None or u.reason is Reason.NO_TIME for u in cell.unmet):
            return ()
        return (frozenset(self._wish(u, None) for u in cell.unmet),)

    def _wish(self, lacking: Unmet, after: Instant | None) -> Place:
        assert lacking.telemetry is not None  # the caller asked
        place = place_of(self.asset, lacking.telemetry)
        wish = self.wishes[place]
        wish.assets.add(self.asset.id)
        wish.reasons.add(lacking.reason)
        wish.platforms |= {self.asset.platform} if self.asset.platform is not None else set()
        if lacking.span is not None:
            wish.spans[lacking.telemetry].append(lacking.span)
        elif after is not None:
            wish.after[lacking.telemetry] = max(after, wish.after.get(lacking.telemetry, after))
        else:
            wish.moments.add(lacking.telemetry)
        return place


def place_of(asset: Asset, telemetry: Telemetry) -> Place:
    """Name where a telemetry of an asset can be got: the sensor that is declared to watch it, else whatever sees it."""
    way = way_of(telemetry)
    if way is not Way.SENSOR_LOG:
        return Place(way, asset.id)
    words = [word.partition("@") for word in sorted(asset.watched)]
    parts = [part for name, _, part in words if name == telemetry]
    return Place(way, parts[0], True, telemetry) if parts else Place(way, asset.id, False, telemetry)


def _item(place: Place, wish: _Wish) -> Item:
    low, high = FINDING if place.way is Way.SENSOR_LOG and not place.sensor else MINUTES[place.way]
    return Item(
        place=place,
        wants=tuple(
            Want(telemetry=one, window=hull(wish.spans.get(one, ())), after=wish.after.get(one))
            for one in sorted({*wish.spans, *wish.after, *wish.moments})
        ),
        assets=tuple(sorted(wish.assets)),
        platforms=tuple(sorted(wish.platforms)),
        reasons=tuple(sorted(wish.reasons)),
        low=low,
        high=high,
    )
