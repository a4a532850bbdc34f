"""An assessment whose texts that come from packs are in the reader's language, where the pack has them in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nachsorge.locale import Lang
    from nachsorge.model.assessment import Assessment, Cell, ClaimAnswer


def localised(assessment: Assessment, lang: Lang) -> Assessment:
    """Give `settle`, notes, claims and titles (of traces, too) in German; a text without German stays as it is."""
    if lang != "de":
        return assessment
    german = {text: said for pack in assessment.packs for text, said in pack.german.items()}
    return replace(
        assessment,
        packs=tuple(replace(pack, title=german.get(pack.title, pack.title)) for pack in assessment.packs),
        assets=tuple(
            replace(judged, cells=tuple(_cell(cell, german) for cell in judged.cells)) for judged in assessment.assets
        ),
        claims=tuple(_claim(claim, german) for claim in assessment.claims),
        sightings=tuple(replace(s, title=german[s.title]) if s.title in german else s for s in assessment.sightings),
    )


def _cell(cell: Cell, german: Mapping[str, str]) -> Cell:
    unmet = tuple(
        replace(u, settle=german.get(u.settle, u.settle), note=german.get(u.note, u.note)) for u in cell.unmet
    )
    return replace(cell, unmet=unmet)


def _claim(claim: ClaimAnswer, german: Mapping[str, str]) -> ClaimAnswer:
    return replace(
        claim,
        says=german.get(claim.says, claim.says),
        by=german.get(claim.by, claim.by),
        because=tuple(german.get(text, text) for text in claim.because),
    )
