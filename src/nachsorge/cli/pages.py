"""Reports as pages: HTML and PDF, short and full, with timeline and effort beside the assessment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from nachsorge.cli.leaving import require
from nachsorge.cli.say import write
from nachsorge.locale import language
from nachsorge.model.assessment import Assessment, PackUsed
from nachsorge.model.pack import Pack
from nachsorge.model.words import Standing

if TYPE_CHECKING:
    from nachsorge.cases.store import Entry
    from nachsorge.model.labels import Release
    from nachsorge.model.ranking import Ranking
    from nachsorge.reports.beside import Beside, Effort

Length: TypeAlias = Literal["short", "full"]

MOST_OPEN = 5_000
"""Open cells up to which the effort is computed for a report; beyond it that takes minutes: `nachsorge next`."""


def beside(
    found: Assessment,
    packs: Iterable[Pack] = (),
    entries: Sequence[Entry] = (),
    ranking: Ranking | None = None,
    spent: int | None = None,
) -> Beside:
    """Gather what a report shows beside the assessment; `spent` are the minutes recorded in a case."""
    from nachsorge.cases.timeline import timeline
    from nachsorge.reports.beside import Beside  # and all behind it: only where a page is wanted
    from nachsorge.reports.localise import localised

    listed = timeline(localised(found, language()), entries)
    return Beside(moments=listed.events, timeless=listed.timeless, ranking=ranking, effort=_effort(found, packs, spent))


def _effort(found: Assessment, packs: Iterable[Pack], spent: int | None) -> Effort | None:
    open_cells = sum(cell.standing is Standing.OPEN for row in found.assets for cell in row.cells)
    if not 0 < open_cells <= MOST_OPEN:
        return None
    from nachsorge.verdicts.effort import effort_of
    from nachsorge.verdicts.next_evidence import plan
    from nachsorge.verdicts.obtainable import obtainable

    used = {pack.id: pack for pack in found.packs}
    judged = {pack.id: _bounded(pack, used[pack.id]) for pack in packs if pack.id in used}
    listed = plan(obtainable(judged, found.assets, found.sightings, found.coverage))
    return effort_of(judged.values(), listed, spent)


def _bounded(pack: Pack, used: PackUsed) -> Pack:
    """Give the pack over the window that it was judged over."""
    from nachsorge.sweep.windows import bounded  # which comes with all readers

    if used.window_basis == "pack" or used.window is None:
        return pack
    return bounded([pack], [], used.window.start, used.window.end)[0].pack


@dataclass(frozen=True, slots=True)
class Pages:
    """Which pages `check` writes, and of what: the packs that judged, and a case's decisions."""

    html: str | None
    pdf: str | None
    length: Length
    packs: Sequence[Pack]
    entries: Sequence[Entry] = ()

    def give(self, found: Assessment, release: Release) -> None:
        """Write them; nothing is computed where none is asked for. `release` is the door's, of this very assessment."""
        if not (self.html or self.pdf):
            return
        require(found, release)
        more = beside(found, self.packs, self.entries)
        if self.html:
            write(self.html, html_page(found, self.length, more))
        if self.pdf:
            write(self.pdf, pdf_page(found, self.length, more))


def pdf_ready() -> None:
    """Raise UsageError where no PDF can be made."""
    from nachsorge.reports import pdf

    pdf.ready()


def html_page(found: Assessment, length: Length, more: Beside) -> bytes:
    """Give a report as HTML, in the language that is spoken."""
    from nachsorge.reports import html  # the template engine: only where a page is wanted

    return html.render(found, language(), length, more).encode()


def pdf_page(found: Assessment, length: Length, more: Beside) -> bytes:
    """Give a report as PDF; UsageError where the extra is not installed."""
    from nachsorge.reports import html, pdf

    return pdf.render(html.render(found, language(), length, more, paper=True))
