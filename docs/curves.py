"""Draw how cost grows, from the measured figures of `docs/reference/growth.csv`. Both axes are logarithmic."""

from __future__ import annotations

import csv
from itertools import groupby
from math import log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_WIDE, _HIGH, _LEFT, _TOP, _GAP = 150.0, 130.0, 44.0, 34.0, 36.0
_LEAST, _MOST = 0.1, 200.0
_STYLE = (
    "text{font:11px sans-serif;fill:#444}.grid{stroke:#ddd}.wall{stroke:#1b5e9b;fill:none;stroke-width:2}"
    ".cpu{stroke:#c25b00;fill:none;stroke-width:2;stroke-dasharray:5 3}"
)


def curves(source: Path) -> str:
    """Give an SVG with a panel for each thing that grows: seconds by the clock, and of processors."""
    with source.open(encoding="utf-8", newline="") as stream:
        panels = [(what, list(rows)) for what, rows in groupby(csv.DictReader(stream), key=lambda row: row["grows"])]
    width = _LEFT + len(panels) * (_WIDE + _GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {_TOP + _HIGH + 46:.0f}" role="img">',
        f"<title>Seconds of a check as one thing grows</title><style>{_STYLE}</style>",
        f'<text x="{_LEFT}" y="14">seconds: by the clock (solid), of processors (dashed)</text>',
    ]
    for number, (what, rows) in enumerate(panels):
        parts += _panel(_LEFT + number * (_WIDE + _GAP), what, rows)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(left: float, what: str, rows: list[dict[str, str]]) -> list[str]:
    ends = [log10(float(row["to"])) for row in (rows[0], rows[-1])]
    scale = _WIDE / (ends[1] - ends[0])
    bottom = _TOP + _HIGH
    parts = [f'<text x="{left}" y="{bottom + 32}">{what}</text>']
    for value in (0.1, 1, 10, 100):
        y = _y(value)
        parts.append(f'<line class="grid" x1="{left}" x2="{left + _WIDE}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{left - 4}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    for at in (rows[0], rows[-1]):
        x = left + (log10(float(at["to"])) - ends[0]) * scale
        anchor = "start" if at is rows[0] else "end"
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="{anchor}">{int(at["to"]):,}</text>')
    for kind in ("wall", "cpu"):
        points = [(left + (log10(float(row["to"])) - ends[0]) * scale, _y(float(row[kind]))) for row in rows]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline class="{kind}" points="{joined}"/>')
    return parts


def _y(seconds: float) -> float:
    share = (log10(seconds) - log10(_LEAST)) / (log10(_MOST) - log10(_LEAST))
    return _TOP + _HIGH * (1 - share)
