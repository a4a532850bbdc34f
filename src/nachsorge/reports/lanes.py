"""The coverage picture's geometry: lanes of asset x telemetry within the packs' windows. Numbers only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.model.assessment import Coverage
from nachsorge.model.times import DAY, Instant, Span
from nachsorge.reports import bounds, wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nachsorge.model.assessment import Assessment
    from nachsorge.reports.texts import Texts

LEFT, RIGHT, LANE, TOP = 204, 900, 26, 8
"""Where the lanes begin and end, how high one is, and the space above, in units of the view box."""
THIN = 2.0
"""A snapshot is one instant; it is drawn this wide so that it can be seen."""
NEAR = 0.4
"""Bands with less than this between them are drawn as one."""
TITLE = 300
"""Characters after which the words of joined bands end."""
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


def axis(assessment: Assessment) -> Axis | None:
    """Span the packs' windows; where none is named, what the evidence covers; None where there is neither."""
    windows = [pack.window for pack in assessment.packs if pack.window]
    spans = windows or [span for c in assessment.coverage for span in (*c.intervals, *(hole.span for hole in c.gaps))]
    if not spans:
        return None
    return Axis(Span(min(span.start for span in spans), max(span.end for span in spans)), bool(windows))


def coverage_of(assessment: Assessment) -> dict[str, list[Coverage]]:
    """Put coverage under its assets."""
    by_asset: dict[str, list[Coverage]] = {}
    for coverage in assessment.coverage:
        by_asset.setdefault(coverage.asset, []).append(coverage)
    return by_asset


def lanes_of(covered: Sequence[Coverage], drawn: Axis, texts: Texts, top: int = TOP) -> tuple[Lane, ...]:
    """Give a lane for each telemetry of an asset, the first one at `top`."""
    return tuple(_lane(top + LANE * place, coverage, drawn, texts) for place, coverage in enumerate(covered))


def together(covered: Sequence[Coverage], drawn: Axis, texts: Texts) -> tuple[Band, ...]:
    """Give where at least one kind of evidence covers an asset, and the holes where none does, drawn on top."""
    spans = sorted(span for one in covered for span in one.intervals if span.overlaps(drawn.span))
    seen = list(joined(spans))
    blurred = int((drawn.span.end - drawn.span.start) * NEAR / (RIGHT - LEFT))
    bands = [_blurred(span, more, drawn, texts, texts.seen_title, gap=False) for span, more in blur(seen, blurred)]
    holes = blur(_between(seen, drawn.span), blurred)
    return (*bands, *(_blurred(span, more, drawn, texts, texts.hole_title, gap=True) for span, more in holes))


def _between(seen: Iterable[Span], within: Span) -> Iterator[Span]:
    at = within.start
    for span in seen:
        if span.start > at:
            yield Span(at, span.start - 1)
        at = max(at, span.end + 1)
    if at <= within.end:
        yield Span(at, within.end)


def blur(spans: Iterable[Span], least: int) -> Iterator[tuple[Span, bool]]:
    """Join spans with less than `least` between them, and tell whether that was done."""
    current: tuple[Span, bool] | None = None
    for span in spans:
        if current is not None and span.start - current[0].end <= least:
            current = Span(current[0].start, span.end), True
        else:
            if current is not None:
                yield current
            current = span, False
    if current is not None:
        yield current


def _blurred(span: Span, more: bool, drawn: Axis, texts: Texts, title: str, *, gap: bool) -> Band:
    return _band(span, drawn, title.format(span=wording.stretch(span, texts, "")) + (" ..." if more else ""), gap=gap)


def joined(spans: Sequence[Span]) -> Iterator[Span]:
    """Join spans, sorted by their start, that overlap or touch."""
    current: Span | None = None
    for span in spans:
        if current is None:
            current = span
        elif span.start <= current.end + 1:
            current = Span(current.start, max(current.end, span.end))
        else:
            yield current
            current = span
    if current is not None:
        yield current


def _drawable(bands: Iterable[Band]) -> tuple[Band, ...]:
    """Join bands that nobody could tell apart. Gaps are drawn over what was seen, so none is covered up."""
    out: list[Band] = []
    for band in sorted(bands, key=lambda band: band.x):
        if out and band.x <= out[-1].x + out[-1].width + NEAR:
            last = out[-1]
            width = round(max(last.x + last.width, band.x + band.width) - last.x, 1)
            out[-1] = Band(last.x, width, band.gap, _both(last.title, band.title))
        else:
            out.append(band)
    return tuple(out)


def _both(title: str, more: str) -> str:
    return title if title.endswith(" ...") else f"{title}; {more}" if len(title) < TITLE else f"{title} ..."


def _lane(y: int, coverage: Coverage, drawn: Axis, texts: Texts) -> Lane:
    words = [(span, texts.seen_title.format(span=wording.stretch(span, texts, ""))) for span in coverage.intervals]
    seen = [_band(span, drawn, title, gap=False) for span, title in words if span.overlaps(drawn.span)]
    gaps = [
        _band(hole.span, drawn, wording.gap_words(hole, texts), gap=True)
        for hole in coverage.gaps
        if hole.span.overlaps(drawn.span)
    ]
    # Gaps are drawn last: where the two touch, the gap is what must be seen.
    return Lane(
        y,
        coverage,
        (*_drawable(seen), *_drawable(gaps)),
        tuple(title for span, title in words if span.start < drawn.span.start)[: bounds.SPANS],
        tuple(title for span, title in words if span.end > drawn.span.end)[: bounds.SPANS],
    )


def _band(span: Span, drawn: Axis, title: str, *, gap: bool) -> Band:
    start, end = drawn.x(span.start), drawn.x(span.end)
    return Band(round(min(start, RIGHT - THIN), 1), round(max(THIN, end - start), 1), gap, title)
