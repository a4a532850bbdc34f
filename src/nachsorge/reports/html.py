"""The assessment as one self-contained HTML file: inline CSS and SVG, no script, nothing from elsewhere.

Two guards hold for every value that the template prints: `finalize` makes control characters visible, autoescape
escapes. The page's own policy (`default-src 'none'`) forbids a browser to fetch or run anything all the same.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from nachsorge import __version__
from nachsorge.model.words import Standing
from nachsorge.reports import given, lanes, view, wording
from nachsorge.reports.languages import CATALOGUES
from nachsorge.reports.localise import localised
from nachsorge.reports.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Template

    from nachsorge.model.assessment import Assessment
    from nachsorge.reports.texts import Lang

PLACES = 25
"""Places printed per indicator, asset and stage; what is left out is counted."""
PICTURES = 200
"""Coverage pictures in one document; assets with the same coverage share one."""
WIDE = 5
"""Stages up to which the matrix has room for words; beyond it numbers them and explains below."""


def render(assessment: Assessment, lang: Lang = "en") -> str:
    """Give the document. The same assessment gives the same text; no clock is read."""
    return _template("report.html.j2").render(_context(localised(assessment, lang), lang))


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader("nachsorge.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)


def _printable(value: object) -> object:
    # Not for subclasses: what a macro gives (Markup) is finished text.
    return visible(value) if type(value) is str else value


def _context(assessment: Assessment, lang: Lang) -> Mapping[str, object]:
    texts = CATALOGUES[lang]
    axis = lanes.axis(assessment)
    matrices = view.matrices(assessment, lang)
    pictures = lanes.pictures(assessment, axis, texts) if axis else ()
    covered = {coverage.asset for coverage in assessment.coverage}
    titles = {column.stage: column.title for column in view.columns(assessment, lang).values()}
    return {
        "named": view.named,
        "given": lambda reason: given.say(reason, texts, titles),
        "a": assessment,
        "t": texts,
        "w": wording,
        "version": __version__,
        "tlp": wording.label(assessment),
        "headline": wording.headline(assessment, texts),
        "glyphs": wording.GLYPHS,
        "as_standing": wording.AS_STANDING,
        "standings": tuple(Standing),
        "matrices": matrices,
        "wide": WIDE,
        "compact_any": any(len(matrix.columns) > WIDE for matrix in matrices),
        "sections": view.sections(assessment, lang),
        "open_needs": view.open_needs(assessment, lang),
        "lots": view.lots(assessment),
        "unattributed": view.UNATTRIBUTED,
        "paths": {source.id: source.reading.path for source in assessment.sources},
        "axis": axis,
        "pictures": pictures[:PICTURES],
        "undrawn": sum(len(picture.assets) for picture in pictures[PICTURES:]),
        "uncovered": tuple(j.asset.id for j in view.ordered(assessment) if j.asset.id not in covered),
        "places": PLACES,
        "left": lanes.LEFT,
        "right": lanes.RIGHT,
        "lane": lanes.LANE,
    }
