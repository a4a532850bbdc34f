"""The assessment in one line, for whoever wants no more: nothing that lays out a page is loaded for it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from nachsorge.model.words import Standing
from nachsorge.reports import wording
from nachsorge.reports.languages import CATALOGUES

if TYPE_CHECKING:
    from nachsorge.locale import Lang
    from nachsorge.model.assessment import Assessment


def one_line(assessment: Assessment, lang: Lang = "en") -> str:
    """Give the summary that is printed even with -q: verdict, assets, sources, what is open."""
    texts = CATALOGUES[lang]
    cells = Counter(cell.standing for judged in assessment.assets for cell in judged.cells)
    text = texts.one_line.format(
        verdict=texts.verdicts[assessment.summary.verdict],
        assets=texts.assets(len(assessment.assets)),
        verdicts=wording.verdict_words(wording.verdict_counts(assessment.assets), texts) or "-",
        sources=texts.sources(len(assessment.sources)),
        statuses=wording.status_words((source.reading.status for source in assessment.sources), texts) or "-",
        sightings=texts.sightings(len(assessment.sightings)),
        open=cells[Standing.OPEN],
        cells=cells.total(),
        exit=assessment.summary.exit,
    )
    return f"{text} | {texts.interrupted}" if assessment.summary.interrupted else text
