"""The demo's verdicts as text that a person can hold against examples/organisation/README.md, cell by cell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.model.times import Instant, render
from nachsorge.model.words import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.model.assessment import Assessment, Cell, Judged, Sighting, Unmet

_SIGHTING = re.compile(r"\bs\d+\b")
_REASONS = {
    "not-provided": "no such evidence was handed in",
    "outside-span": "the evidence does not reach this time",
    "silence": "its sensor was silent",
    "not-seen-by-sensor": "no sensor saw this asset",
    "cannot-be-ruled-out": "cannot be ruled out by itself",
}


def text(assessment: Assessment, below: str, titles: Mapping[str, str]) -> str:
    """Spell the assessment; `below` is the folder of the evidence, cut off its paths; `titles` are those of rules."""
    sightings = {sighting.id: sighting for sighting in assessment.sightings}
    paths = {source.id: source.reading.path.removeprefix(below).lstrip("/") for source in assessment.sources}
    lines: list[str] = []
    for judged in assessment.assets:
        lines += [*_asset(judged, sightings, paths, titles), ""]
    lines.append("claims")
    for claim in assessment.claims:
        because = "; ".join(_SIGHTING.sub(lambda m: paths[sightings[m[0]].source], reason) for reason in claim.because)
        lines += [f"  {claim.id}: {claim.answer}", f"      {because}"]
    lines += ["", "sources that were not read to their end"]
    for source in assessment.sources:
        if source.reading.status is not Status.READ:
            lines.append(f"  {paths[source.id]}: {source.reading.status}, {source.reading.reason}")
    return "\n".join(lines) + "\n"


def _asset(
    judged: Judged, sightings: Mapping[str, Sighting], paths: Mapping[str, str], titles: Mapping[str, str]
) -> Iterator[str]:
    reached = f", shown up to: {judged.stage}" if judged.stage else ""
    yield f"{judged.asset.id}: {judged.verdict}{reached}"
    for cell in judged.cells:
        yield f"  {cell.stage}: {cell.standing}"
        yield from (f"      {reason}" for reason in _reasons(cell, sightings, paths, titles))


def _reasons(
    cell: Cell, sightings: Mapping[str, Sighting], paths: Mapping[str, str], titles: Mapping[str, str]
) -> Iterator[str]:
    for reason in cell.because:
        found = _SIGHTING.search(reason)
        yield reason if found is None else reason.replace(found[0], _sighting(sightings[found[0]], paths, titles))
    for unmet in cell.unmet:
        yield _unmet(unmet)


def _sighting(sighting: Sighting, paths: Mapping[str, str], titles: Mapping[str, str]) -> str:
    what = f"{sighting.weight} {sighting.trace}: {titles.get(sighting.indicator, sighting.indicator)}"
    return f"{_minute(sighting.time)} {what} ({paths[sighting.source]}, {sighting.locator})"


def _unmet(unmet: Unmet) -> str:
    words = _REASONS.get(unmet.reason.value, unmet.reason.value)
    if unmet.span is None:
        return f"{words}: {unmet.note}"
    return f"not covered: {unmet.telemetry} {_minute(unmet.span.start)} to {_minute(unmet.span.end)}: {words}"


def _minute(instant: Instant | None) -> str:
    return "(no time)" if instant is None else render(instant)[:16].replace("T", " ")
