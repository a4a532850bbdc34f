"""The picture as a page: every figure as a chart with its table, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nachsorge.cert.picture import charts, wording
from nachsorge.cert.picture.charts import Bar, Part, Span, Tile
from nachsorge.cert.picture.figures import Extent, Figures, Line, Share, figures
from nachsorge.cert.picture.releases import SECTOR_WORDS
from nachsorge.cert.picture.told import SEVERAL, units
from nachsorge.cert.picture.units import gather, partners
from nachsorge.cert.registry import vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from nachsorge.cert.desk.roles import Viewer
    from nachsorge.cert.registry.models import Campaign

_EVERY = 8
"""Names under a chart of weeks, about."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as text: a head, and rows whose first cell is their name."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One chart: an anchor, a title, the words below it, the drawing and its table. `key` names the legend it needs."""

    anchor: str
    title: str
    note: str
    chart: SafeString
    table: Grid
    key: str = "basis"


@dataclass(frozen=True, slots=True)
class Board:
    """All of the page."""

    counted: int
    verified: int
    affected: int
    not_looked: int
    ruled_out: int
    share: str
    figures: tuple[Figure, ...]
    left_out: tuple[tuple[str, int], ...]
    empty: bool


def board(viewer: Viewer, campaign: Campaign) -> Board:
    """Read and draw everything. A handful of queries, however many reports there are."""
    found, told_by_partners = gather(viewer, campaign), partners(viewer, campaign)
    seen = [(one.rung, one.region, one.sector, one.number) for one in told_by_partners]
    made = figures(units(found.told), (*SECTOR_WORDS, SEVERAL), seen)
    outcomes = {line.name: line.both for line in made.outcomes}
    return Board(
        counted=made.total.both,
        verified=made.total.verified,
        affected=outcomes["affected"],
        not_looked=outcomes["not-looked-at"],
        ruled_out=outcomes["ruled-out"],
        share=_percent(made.share),
        figures=tuple(_figures(made)),
        left_out=tuple((str(wording.LEFT_OUT[reason]), number) for reason, number in sorted(found.left_out.items())),
        empty=not made.total.both and not seen,
    )


def _figures(made: Figures) -> Iterable[Figure]:
    yield _of_lines(
        "outcomes",
        _("Organisations by what they come to"),
        _('The worst asset decides. "Not everything looked at" is neither ruled out nor affected: nobody knows.'),
        _named("outcome", made.outcomes),
    )
    yield _of_lines(
        "rungs",
        _("How far the attacker got"),
        _("Affected organisations by the highest rung that is shown; nobody is counted twice."),
        _named("rung", made.rungs),
        partners=True,
    )
    yield _map(made.regions)
    yield _of_lines(
        "sectors",
        _("Affected organisations by sector"),
        _("Sectors of NIS2. Those without any report and without a partner's number are left out."),
        [line for line in _named("sector", made.sectors) if line.both or line.partners],
        partners=True,
    )
    yield _weeks(made)
    yield _shares(made)
    yield _coverage(made.coverage)
    yield _of_lines(
        "assets",
        _("Assets by what they come to"),
        _("Hosts, repositories and pipelines of all organisations that are counted."),
        _named("outcome", made.assets),
    )
    yield _of_lines(
        "asset-rungs",
        _("Assets by rung"),
        _("An asset on a high rung is counted on the lower ones as well, where they are shown."),
        _named("rung", made.asset_rungs),
    )


def _named(dimension: str, lines: Iterable[Line]) -> list[Line]:
    return [Line(wording.name(dimension, one.name), one.verified, one.reported, one.partners) for one in lines]


def _of_lines(anchor: str, title: str, note: str, lines: Sequence[Line], *, partners: bool = False) -> Figure:
    bars = [Bar(one.name, _parts(one), _count(one.both), one.partners) for one in lines]
    return Figure(anchor, title, note, charts.bars(title, bars), _grid(lines, partners=partners), _key(partners))


def _parts(line: Line) -> tuple[Part, ...]:
    return Part("verified", line.verified), Part("reported", line.reported)


def _key(partners: bool) -> str:
    return "partners" if partners else "basis"


def _grid(lines: Sequence[Line], *, partners: bool) -> Grid:
    head = ("", _("verified"), _("reported"), _("both"), *([_("partners only")] if partners else []))
    last: Callable[[Line], list[str]] = lambda one: [_count(one.partners) if one.partners else "–"] if partners else []  # noqa: E731
    rows = ((one.name, _count(one.verified), _count(one.reported), _count(one.both), *last(one)) for one in lines)
    return Grid(head, tuple(rows))


def _map(lines: Sequence[Line]) -> Figure:
    title = _("Affected organisations by region")
    most = max((one.both for one in lines), default=0)
    found = [
        Tile(one.name, str(wording.INITIALS[one.name]), _count(one.both), charts.shade(one.both, most)) for one in lines
    ]
    note = _("Each Land is a tile of the same size; where an organisation sits, not where its victims are.")
    return Figure(
        "regions", title, note, charts.tiles(title, found), _grid(_named("region", lines), partners=True), "shade"
    )


def _weeks(made: Figures) -> Figure:
    title = _("Affected organisations by the week of the first sighting")
    bars = [Bar(one.name, _parts(one), _count(one.both), short=_week(one.name)) for one in made.weeks]
    note = _("ISO weeks.")
    if made.weekless:
        note += " " + ngettext(
            "%(number)s affected organisation named none.",
            "%(number)s affected organisations named none.",
            made.weekless,
        ) % {"number": _count(made.weekless)}
    chart = charts.columns(title, bars, ceil(len(bars) / _EVERY) or 1)
    return Figure("weeks", title, note, chart, _grid(made.weeks, partners=False))


def _week(name: str) -> str:
    """Shorten `2023-W12`."""
    return _("W%(week)s") % {"week": name.partition("-W")[2].lstrip("0")}


def _shares(made: Figures) -> Figure:
    title = _("Share of affected among those assessed to the end")
    found = [(_("All"), made.share), *((wording.name("region", one.name), one) for one in made.shares)]
    drawn = [_span(name, one) for name, one in found]
    note = _(
        "Affected, of affected and ruled out; 95 % Jeffreys interval. Whoever reports chose to report: the share among "
        "all organisations of the country may be quite another. Suspected ones and those that did not look everywhere "
        "are in neither number."
    )
    head = ("", _("affected"), _("ruled out"), _("share"), _("95 % interval"))
    rows = ((name, _count(one.affected), _count(one.ruled_out), _percent(one), _interval(one)) for name, one in found)
    return Figure("shares", title, note, charts.spans(title, drawn), Grid(head, tuple(rows)), "")


def _span(name: str, share: Share) -> Span:
    if share.interval is None:
        return Span(name, _("nobody assessed to the end"), None)
    text = _("%(share)s of %(assessed)s") % {"share": _percent(share), "assessed": _count(share.assessed)}
    return Span(name, text, share.interval.share, share.interval.low, share.interval.high)


def _coverage(extents: Sequence[Extent]) -> Figure:
    title = _("What was looked at, and what was not")
    bars = [
        Bar(
            vocabulary.word(one.name),
            (Part("whole", one.whole), Part("partly", one.partly), Part("none", one.none)),
            _count(one.whole + one.partly + one.none),
        )
        for one in extents
    ]
    head = ("", _("whole"), _("in part"), _("not looked at"))
    rows = ((vocabulary.word(one.name), _count(one.whole), _count(one.partly), _count(one.none)) for one in extents)
    note = _("Assets by kind of evidence, over the incident's window. What was not looked at cannot be ruled out.")
    return Figure("coverage", title, note, charts.bars(title, bars), Grid(head, tuple(rows)), "coverage")


def _percent(share: Share) -> str:
    return "–" if share.interval is None else _per_cent(share.interval.share)


def _interval(share: Share) -> str:
    if share.interval is None:
        return "–"
    return _("%(low)s to %(high)s") % {"low": _per_cent(share.interval.low), "high": _per_cent(share.interval.high)}


def _per_cent(share: float) -> str:
    return f"{number_format(share * 100, 0 if share in (0.0, 1.0) else 1)} %"


def _count(number: int) -> str:
    return number_format(number, force_grouping=number >= 10_000)
