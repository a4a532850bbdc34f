"""The assessment as one self-contained HTML file: inline CSS and SVG, no script, nothing from elsewhere.

Two guards hold for every value that the template prints: `finalize` makes control characters visible, autoescape
escapes. The page's own policy (`default-src 'none'`) forbids a browser to fetch or run anything all the same.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal, TypeAlias

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nachsorge import __version__
from nachsorge.locale import _, speaking
from nachsorge.model.words import Standing, Tlp
from nachsorge.reports import (
    bounds,
    given,
    kinds,
    lanes,
    moments,
    motives,
    notes,
    pictures,
    ranking_reasons,
    view,
    wording,
)
from nachsorge.reports.beside import NOTHING_BESIDE
from nachsorge.reports.brief import TITLE, brief, short
from nachsorge.reports.languages import CATALOGUES
from nachsorge.reports.localise import localised
from nachsorge.reports.lots import Lot, lots_of
from nachsorge.reports.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from jinja2 import Template

    from nachsorge.locale import Lang
    from nachsorge.model.assessment import Assessment, Sighting, Source
    from nachsorge.model.evidence import Reading
    from nachsorge.reports.beside import Beside
    from nachsorge.reports.texts import Texts

Length: TypeAlias = Literal["short", "full"]

WIDE = 5
"""Stages up to which the matrix has room for words; beyond it numbers them and explains below."""
LANE_LETTERS = 24
"""Letters of a name that there is room for beside a lane."""
TLP_COLOURS = {
    Tlp.CLEAR: "#ffffff",
    Tlp.GREEN: "#33ff00",
    Tlp.AMBER: "#ffc000",
    Tlp.AMBER_STRICT: "#ffc000",
    Tlp.RED: "#ff2b2b",
}
"""TLP 2.0 (FIRST, August 2022), on black."""


def render(
    assessment: Assessment,
    lang: Lang = "en",
    length: Length = "full",
    beside: Beside = NOTHING_BESIDE,
    *,
    paper: bool = False,
) -> str:
    """Give the document. The same assessment gives the same text; no clock is read.

    `short` is one page for management, `full` everything for analysts, within `bounds`. `paper` is what `pdf` takes.
    """
    found, texts = localised(assessment, lang), CATALOGUES[lang]
    with speaking(lang):
        shared = _shared(found, texts, paper=paper)
        if length == "short":
            return _template("brief.html.j2").render({**shared, **_brief(found, texts, beside)})
        return _template("report.html.j2").render({**shared, **_full(found, texts, beside, paper=paper)})


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
    environment.globals["_"] = _
    return environment.get_template(name)


def _printable(value: object) -> object:
    # Not for subclasses: what a macro gives (Markup) is finished text.
    return visible(value) if type(value) is str else value


def _shared(assessment: Assessment, texts: Texts, *, paper: bool) -> Mapping[str, object]:
    label = wording.label(assessment)
    return {
        "a": assessment,
        "t": texts,
        "w": wording,
        "b": bounds.PAPER if paper else bounds,
        "kind": texts.title,
        "version": __version__,
        "tlp": label.tlp,
        "tlp_colour": TLP_COLOURS[label.tlp],
        "pap": label.pap,
        "headline": wording.headline(assessment, texts),
        "glyphs": wording.GLYPHS,
        "as_standing": wording.AS_STANDING,
        "standings": tuple(Standing),
        "paper": paper,
        "paper_style": Markup(_paper_style()) if paper else "",
        "note": lambda text: notes.say(text, texts.lang),
        "given": _reasons(assessment, texts),
        # Macros are imported by both pages, and look these up.
        "shapes": moments.SHAPES,
        "outlines": moments.outlines,
        "labels": moments.LABELS,
        "axis": lanes.axis(assessment),
        "left_edge": lanes.LEFT,
        "right_edge": lanes.RIGHT,
        "lane": lanes.LANE,
    }


def _reasons(assessment: Assessment, texts: Texts) -> Callable[[str], str]:
    titles = {column.stage: column.title for column in view.columns(assessment, texts.lang).values()}
    return lambda reason: given.say(reason, texts, titles)


@cache
def _paper_style() -> str:
    """Give the pictures' style with the colours of print in it: the PDF's drawing knows no variables."""
    room = resources.files("nachsorge.reports") / "templates"
    page, style = ((room / name).read_text(encoding="utf-8") for name in ("report.css", "picture.css"))
    print_theme = page[page.index("@media print") :]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", print_theme[: print_theme.index("}")]))
    return re.sub(r"var\(--([\w-]+)\)", lambda found: colours[found[1]], style)


def _brief(assessment: Assessment, texts: Texts, beside: Beside) -> Mapping[str, object]:
    times = [source.reading.last for source in assessment.sources if source.reading.last is not None]
    return {
        "kind": _("Incident assessment for management"),
        "brief": brief(assessment, texts, beside.effort),
        "newest": wording.day(max(times)) if times else "",
        "cut": short,
        "title_letters": TITLE,
    }


def _full(assessment: Assessment, texts: Texts, beside: Beside, *, paper: bool) -> Mapping[str, object]:
    limits = bounds.PAPER if paper else bounds
    matrices = view.matrices(assessment, texts.lang)
    return {
        **_drawn(assessment, texts, beside, paper=paper),
        "named": view.named,
        "place": kinds.place,
        "reason": ranking_reasons.reason,
        "reason_place": ranking_reasons.place,
        "beside": beside,
        "effort": beside.effort,
        "ranking": beside.ranking,
        "traits": motives.TRAITS,
        "motives": motives.MOTIVES,
        "moments": moments.turns(beside.moments),
        "moment_word": moments.named,
        "matrices": matrices,
        "wide": WIDE,
        "compact_any": any(len(matrix.columns) > WIDE for matrix in matrices),
        "sections": view.sections(assessment, texts.lang),
        "open_needs": view.open_needs(assessment, texts.lang),
        "lots": lots_of(assessment),
        "rules": sorted(assessment.rules, key=lambda rule: rule.applicable),
        "rules_idle": len(view.idle(assessment)),
        "unattributed": view.UNATTRIBUTED,
        "paths": {source.id: source.reading.path for source in assessment.sources},
        "room": _Room(limits.SIGHTINGS, bounds.PLACES, 1),
        "group_room": _Room(limits.INDICATORS, bounds.GROUPS, 3),
        "record": _record,
        **_counted(texts),
    }


def _drawn(assessment: Assessment, texts: Texts, beside: Beside, *, paper: bool) -> Mapping[str, object]:
    limits = bounds.PAPER if paper else bounds
    found = moments.by_asset(beside.moments)
    axis = lanes.axis(assessment) or moments.spanned(beside.moments)
    covered = {coverage.asset for coverage in assessment.coverage}
    made, undrawn = pictures.pictures(assessment, found, axis, texts, limits.PICTURES) if axis else ((), 0)
    return {
        "axis": axis,
        "overview": pictures.overview(assessment, found, axis, texts, limits.OVERVIEW) if axis else None,
        "pictures": made,
        "undrawn": undrawn,
        "uncovered": tuple(j.asset.id for j in view.ordered(assessment) if j.asset.id not in covered),
        "brief_name": lambda name: short(name, LANE_LETTERS),
    }


def _counted(texts: Texts) -> Mapping[str, object]:
    """Give the words for what a page leaves out."""

    def assets(sections: Iterable[view.Section]) -> list[object]:
        return [judged for section in sections for judged in section.assets]

    def members(lots: Iterable[Lot]) -> list[Source]:
        return [source for lot in lots for source in lot.sources]

    return {
        "verdicts_of": lambda rows: wording.verdict_words(wording.verdict_counts([r.judged for r in rows]), texts),
        "verdicts_in": lambda sections: wording.verdict_words(
            wording.verdict_counts([judged for section in sections for judged in section.assets]), texts
        ),
        "left_assets": assets,
        "members": members,
        "statuses_of": lambda lots: wording.status_words([s.reading.status for s in members(lots)], texts),
        "troubles": lambda reading: _troubles(reading, texts),
    }


def _troubles(reading: Reading, texts: Texts) -> Iterator[str]:
    found = list(wording.troubles(reading, texts))
    yield from found[: bounds.SPANS]
    if len(found) > bounds.SPANS:
        yield texts.uncut.format(count=len(found) - bounds.SPANS)


class _Room:
    """How much of something may still be named on the page: up to `most` a time while there is room, `least` always."""

    def __init__(self, left: int, most: int, least: int) -> None:
        self.left, self.most, self.least = left, most, least

    def __call__(self, wanted: int) -> int:
        given = min(wanted, max(self.least, min(self.most, self.left)))
        self.left -= given
        return given


def _record(sighting: Sighting) -> Sequence[tuple[str, str]]:
    """Give the fields of a record, long ones cut, and say where they were cut."""
    kept = list(sighting.fields.items())[: bounds.FIELDS]
    out = [(name, _cut(value)) for name, value in kept]
    left = len(sighting.fields) - len(kept)
    return [*out, ("...", _("{count} more fields").format(count=left))] if left else out


def _cut(value: str) -> str:
    if len(value) <= bounds.CHARACTERS:
        return value
    left = len(value) - bounds.CHARACTERS
    return f"{value[: bounds.CHARACTERS]} [{_('{count} more characters').format(count=left)}]"
