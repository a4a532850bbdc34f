"""Charts as SVG, drawn on the server. All colours are classes of the style sheet: light, dark and print are its affair.

Every drawing is 360 units wide, a phone's width, and grows with the page. A chart never stands without its table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 360
_LINE = 38
_BAR = 15
_ROOM = 56
"""Units kept for the number at the end of a bar."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar: the class that colours it, and how much it is."""

    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A named bar of pieces, and what is written at its end.

    `outside` is drawn as an outline, and never added; `short` is the name where there is little room.
    """

    name: str
    parts: tuple[Part, ...]
    text: str
    outside: int = 0
    short: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A share with its interval, each from 0 to 1; None where there is none."""

    name: str
    text: str
    share: float | None
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True, slots=True)
class Tile:
    """One region: its code, what stands on it, and how dark it is, from 0 to 4; None for a protected number."""

    code: str
    name: str
    text: str
    shade: int | None


PLACES = {
    "AT-4": (2.5, 0.0),
    "AT-3": (3.5, 0.0),
    "AT-9": (4.5, 0.0),
    "AT-8": (0.0, 1.0),
    "AT-7": (1.0, 1.0),
    "AT-5": (2.0, 1.0),
    "AT-6": (3.0, 1.0),
    "AT-1": (4.0, 1.0),
    "AT-2": (2.5, 2.0),
    "several": (0.0, 2.0),
    "unknown": (4.5, 2.0),
}
"""Where a tile stands, in tiles from the left and from the top: each beside its neighbours, none to scale."""
_TILE = 64


def bars(title: str, found: Sequence[Bar]) -> SafeString:
    """Draw bars below each other, each under its name, all to one scale."""
    most = max((max(sum(part.number for part in bar.parts), bar.outside) for bar in found), default=0)
    scale = (WIDTH - _ROOM) / most if most else 0.0
    drawn = (_bar(bar, place * _LINE, scale) for place, bar in enumerate(found))
    return _svg(title, max(len(found), 1) * _LINE, "".join(drawn))


def spans(title: str, found: Sequence[Span]) -> SafeString:
    """Draw shares from 0 to 100 per cent, each as a point on its interval."""
    inner = WIDTH - 16
    grid = "".join(
        format_html(
            '<line class="grid" x1="{0}" x2="{0}" y1="4" y2="{1}"/>'
            '<text class="axis" x="{0}" y="{2}" text-anchor="{3}">{4} %</text>',
            _n(8 + inner * part / 4),
            len(found) * _LINE,
            len(found) * _LINE + 13,
            {0: "start", 4: "end"}.get(part, "middle"),
            part * 25,
        )
        for part in range(5)
    )
    drawn = "".join(_span(span, place * _LINE, inner) for place, span in enumerate(found))
    return _svg(title, len(found) * _LINE + 18, grid + drawn)


def tiles(title: str, found: Sequence[Tile]) -> SafeString:
    """Draw the nine Länder as tiles."""
    by_code = {tile.code: tile for tile in found}
    drawn = "".join(_tile(by_code[code], x, y) for code, (x, y) in PLACES.items() if code in by_code)
    return _svg(title, 3 * _TILE + 2, drawn)


def columns(title: str, found: Sequence[Bar], every: int = 1) -> SafeString:
    """Draw columns beside each other; the name of each `every`-th stands below."""
    height, most = 130, max((sum(part.number for part in bar.parts) for bar in found), default=0)
    step = (WIDTH - 30) / max(len(found), 1)
    scale = height / most if most else 0.0
    axis = (
        format_html('<line class="axis-line" x1="28" x2="{}" y1="{}" y2="{}"/>', WIDTH, height + 12, height + 12)
        + format_html('<text class="axis" x="24" y="{}" text-anchor="end">0</text>', height + 15)
        + format_html('<text class="axis" x="24" y="18" text-anchor="end">{}</text>', most)
    )
    drawn = "".join(_column(bar, 30 + place * step, step, height + 12, scale) for place, bar in enumerate(found))
    names = "".join(
        format_html(
            '<text class="axis" x="{}" y="{}" text-anchor="middle">{}</text>',
            _n(30 + (place + 0.5) * step),
            height + 28,
            bar.short or bar.name,
        )
        for place, bar in enumerate(found)
        if place % every == 0
    )
    return _svg(title, height + 34, axis + drawn + names)


def shade(number: int, most: int) -> int:
    """Give how dark a tile is: 0 for none, then by quarters of the greatest number."""
    return 0 if not number or not most else min(4, 1 + (number - 1) * 4 // most)


def _bar(bar: Bar, top: int, scale: float) -> str:
    x, drawn = 0.0, ""
    for part in bar.parts:
        wide = part.number * scale
        if part.number:
            drawn += format_html(
                '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>', part.kind, _n(x), top + 17, _n(wide), _BAR
            )
        x += wide
    if bar.outside:
        drawn += format_html(
            '<rect class="partners" x="0.75" y="{}" width="{}" height="{}"/>',
            top + 16,
            _n(bar.outside * scale),
            _BAR + 2,
        )
    return (
        format_html('<text class="name" x="0" y="{}">{}</text>', top + 12, bar.name)
        + mark_safe(drawn)
        + _ends(bar, top + 29, x, bar.outside * scale)
    )


def _ends(bar: Bar, y: int, own: float, outside: float) -> str:
    """Write the number at the end of the bar, and the partners' at the end of the outline, where both have room."""
    if not bar.outside:
        return format_html('<text class="number" x="{}" y="{}">{}</text>', _n(own + 5), y, bar.text)
    apart = outside - own > _ROOM
    return format_html(
        '<text class="number" x="{}" y="{}">{}</text><text class="outside" x="{}" y="{}">{}</text>',
        _n((own if apart else max(own, outside)) + 5),
        y,
        bar.text,
        _n(outside + 5 if apart else max(own, outside) + 12 + 8 * len(bar.text)),
        y,
        bar.outside if apart else f"({bar.outside})",
    )


def _span(span: Span, top: int, inner: int) -> str:
    head = format_html('<text class="name" x="0" y="{}">{}</text>', top + 12, span.name) + format_html(
        '<text class="number" x="{}" y="{}" text-anchor="end">{}</text>', WIDTH, top + 12, span.text
    )
    if span.share is None:
        return head
    y = top + 21
    return head + format_html(
        '<line class="interval" x1="{}" x2="{}" y1="{}" y2="{}"/><circle class="share" cx="{}" cy="{}" r="4.5"/>',
        _n(8 + inner * span.low),
        _n(8 + inner * span.high),
        y,
        y,
        _n(8 + inner * span.share),
        y,
    )


def _tile(tile: Tile, x: float, y: float) -> str:
    left, top = x * _TILE + 1, y * _TILE + 1
    kind = "tile protected" if tile.shade is None else f"tile shade{tile.shade}"
    return format_html(
        '<g class="{}"><title>{}: {}</title><rect x="{}" y="{}" width="{}" height="{}" rx="4"/>'
        '<text class="code" x="{}" y="{}" text-anchor="middle">{}</text>'
        '<text class="figure" x="{}" y="{}" text-anchor="middle">{}</text></g>',
        kind,
        tile.name,
        tile.text,
        _n(left),
        _n(top),
        _TILE - 3,
        _TILE - 3,
        _n(left + _TILE / 2 - 1.5),
        _n(top + 21),
        tile.name,
        _n(left + _TILE / 2 - 1.5),
        _n(top + 46),
        tile.text,
    )


def _column(bar: Bar, left: float, step: float, floor: int, scale: float) -> str:
    y, drawn = float(floor), ""
    for part in bar.parts:
        if part.number:
            y -= part.number * scale
            drawn += format_html(
                '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>',
                part.kind,
                _n(left + step * 0.1),
                _n(y),
                _n(step * 0.8),
                _n(part.number * scale),
            )
    return format_html("<g><title>{}: {}</title>{}</g>", bar.name, bar.text, mark_safe(drawn))


def _svg(title: str, height: int, inner: str) -> SafeString:
    return format_html(
        '<svg class="chart" role="img" aria-label="{}" viewBox="0 0 {} {}" xmlns="http://www.w3.org/2000/svg">{}</svg>',
        title,
        WIDTH,
        height,
        mark_safe(inner),
    )


def _n(number: float) -> str:
    """Write a coordinate: a point whatever the page's language, and no more digits than show."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
