"""The sightings as JSON Lines: one object a line, each able to stand alone in another tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge import __version__
from nachsorge.exports.assessment_json import encode, sighting_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.exports import schema
    from nachsorge.model import assessment as model


def lines(assessment: model.Assessment) -> Iterator[bytes]:
    """Give one line of UTF-8 with its newline per sighting, in the assessment's order.

    No line says nothing about coverage: no sightings are not a result. That stands in the assessment.
    """
    sources = {source.id: source for source in assessment.sources}
    for sighting in assessment.sightings:
        yield encode(_line(sighting, sources.get(sighting.source)))


def _line(sighting: model.Sighting, source: model.Source | None) -> schema.SightingLine:
    return {
        "schema_version": "nachsorge.sighting/1",
        "tool": "nachsorge",
        "tool_version": __version__,
        **sighting_values(sighting),
        "source_path": source.reading.path if source else None,
        "source_sha256": (source.reading.sha256 or None) if source else None,
    }
