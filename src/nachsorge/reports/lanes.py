"""The coverage picture's geometry: swim lanes of asset x telemetry within the packs' windows. Numbers only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.model.assessment import Coverage
from nachsorge.model.times import DAY, Instant, Span
from nachsorge.reports import wording

if TYPE_CHECKING:
    from nachsorge.model.assessment import Assessment
    from nachsorge.reports.texts import Texts

LEFT, RIGHT, LANE, TOP = 176, 900, 26, 8
"""Where the lanes begin and end, how high one is, and the space above, in units of the view box."""
THIN = 2.0
"""A snapshot is one instant; it is drawn this wide so that it can be seen."""
TICKS = 7
_STEPS = (1, 2, 7, 14, 28, 91, 182, 365, 1826, 36525)


@dataclass(frozen=True, slots=True)
class Axis:
    """The span that is drawn; `named` tells whether the packs name it."""

    span: Span
    named: bool

    def x(self, instant: Instant) -> float:
        """Give the place of an instant, kept within the picture."""
        inside = min(max(instant, self.span.start), self.span.end) - self.span.start
        return LEFT + (RIGHT - LEFT) * inside / max(1, self.span.end - self.span.start)

    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Give places and days (ISO 8601), at most as many as can be read."""
        days = (self.span.end - self.span.start) // DAY + 1
        step = next((step for step in _STEPS if days / step <= TICKS), _STEPS[-1]) * DAY
        first = -(-self.span.start // DAY) * DAY
        return tuple((self.x(at), wording.day(at)) for at in range(first, self.span.end + 1, step))


@dataclass(frozen=True, slots=True)
class Band:
    """One rectangle of a lane, with the words that say what it is."""

    x: float
    width: float
    gap: bool
    title: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One telemetry of one asset: what is drawn and, for the table behind it, everything.

    `before` and `after` are the words of what was seen outside the axis: a snapshot after the window can rule out.
    """

    y: int
    coverage: Coverage
    bands: tuple[Band, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """The lanes of assets that have the same coverage."""

    assets: tuple[str, ...]
    lanes: tuple[Lane, ...]

    @property
    def height(self) -> int:
        """Give the height with the axis below."""
        return TOP + LANE * len(self.lanes) + 30


def axis(assessment: Assessment) -> Axis | None:
    """Span the packs' windows; where none is named, what the evidence covers; None where there is neither."""
    windows = [pack.window for pack in assessment.packs if pack.window]
    spans = windows or [span for c in assessment.coverage for span in (*c.intervals, *(hole.span for hole in c.gaps))]
    if not spans:
        return None
    return Axis(Span(min(span.start for span in spans), max(span.end for span in spans)), bool(windows))


def pictures(assessment: Assessment, drawn: Axis, texts: Texts) -> tuple[Picture, ...]:
    """Give one picture for all assets with the same coverage, in the assessment's order of assets."""
    by_asset: dict[str, list[Coverage]] = {}
    for coverage in assessment.coverage:
        by_asset.setdefault(coverage.asset, []).append(coverage)
    alike: dict[tuple[object, ...], list[str]] = {}
    for asset, covered in by_asset.items():
        alike.setdefault(tuple((c.telemetry, c.intervals, c.gaps) for c in covered), []).append(asset)
    return tuple(
        Picture(
            tuple(names),
            tuple(_lane(place, coverage, drawn, texts) for place, coverage in enumerate(by_asset[names[0]])),
        )
        for names in alike.values()
    )


def _lane(place: int, coverage: Coverage, drawn: Axis, texts: Texts) -> Lane:
    words = [(span, texts.seen_title.format(span=wording.stretch(span, texts, ""))) for span in coverage.intervals]
    seen = [_band(span, drawn, title, gap=False) for span, title in words if span.overlaps(drawn.span)]
    gaps = [
        _band(hole.span, drawn, wording.gap_words(hole, texts), gap=True)
        for hole in coverage.gaps
        if hole.span.overlaps(drawn.span)
    ]
    # Gaps are drawn last: where the two touch, the gap is what must be seen.
    return Lane(
        TOP + LANE * place,
        coverage,
        (*seen, *gaps),
        tuple(title for span, title in words if span.start < drawn.span.start),
        tuple(title for span, title in words if span.end > drawn.span.end),
    )


def _band(span: Span, drawn: Axis, title: str, *, gap: bool) -> Band:
    start, end = drawn.x(span.start), drawn.x(span.end)
    return Band(round(min(start, RIGHT - THIN), 1), round(max(THIN, end - start), 1), gap, title)
