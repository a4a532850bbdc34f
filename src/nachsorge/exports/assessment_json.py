"""The assessment as one JSON document: the same assessment gives the same bytes. No clock, no environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from nachsorge import __version__
from nachsorge.model.times import Span, render

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nachsorge.exports import schema
    from nachsorge.model import assessment as model
    from nachsorge.model.evidence import Gap
    from nachsorge.model.times import Instant

Shareable = TypeVar("Shareable")
Plain = TypeVar("Plain")

RULE_TYPES = frozenset({"sigma", "yara"})


def dumps(assessment: model.Assessment) -> bytes:
    """Give the document as UTF-8, indented, with a newline at the end."""
    return encode(document(assessment), orjson.OPT_INDENT_2)


def encode(value: object, option: int = 0) -> bytes:
    """Encode to JSON with a newline. A byte of a path that is no UTF-8 becomes readable: a backslash and `udcff`."""
    option |= orjson.OPT_APPEND_NEWLINE
    try:
        return orjson.dumps(value, option=option)
    except TypeError:
        # Lone surrogates: names from a file system or a log that are not valid text.
        return orjson.dumps(_writable(value), option=option)


def _writable(value: object) -> object:
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode("utf-8")
        case dict():
            return {_writable(key): _writable(item) for key, item in value.items()}
        case list():
            return [_writable(item) for item in value]
        case _:
            return value


def document(assessment: model.Assessment) -> schema.Assessment:
    """Give the document as plain values, in the order of the contract."""
    shared = _Shared()
    return {
        "schema_version": "nachsorge.assessment/1",
        "tool": "nachsorge",
        "tool_version": __version__,
        "tlp": assessment.label.tlp,
        "pap": assessment.label.pap,
        "summary": _summary(assessment.summary),
        "packs": [_pack(pack) for pack in assessment.packs],
        "assets": [_asset(judged, shared) for judged in assessment.assets],
        "sightings": [sighting_values(sighting) for sighting in assessment.sightings],
        "coverage": [_coverage(coverage, shared) for coverage in assessment.coverage],
        "sources": [_source(source) for source in assessment.sources],
        "rules": [_rule(rule) for rule in assessment.rules],
        "claims": [_claim(claim) for claim in assessment.claims],
        "controls": [_control(control) for control in assessment.controls],
        "clean_versions": [_clean(clean) for clean in assessment.clean_versions],
    }


class _Shared:
    """Plain values of what thousands of assets share, made once: each is told by its identity, as all of it is kept."""

    def __init__(self) -> None:
        self._made: dict[int, Any] = {}

    def of(self, value: Shareable, make: Callable[[Shareable], Plain]) -> Plain:
        """Give what `make` makes of it, once; a value is always made plain by the same function."""
        if (made := self._made.get(id(value))) is None:
            made = self._made[id(value)] = make(value)
        plain: Plain = made
        return plain


def _time(instant: Instant | None) -> str | None:
    return None if instant is None else render(instant)


def _interval(span: Span) -> schema.Interval:
    return {"from": render(span.start), "to": render(span.end)}


def _sorted(values: Mapping[str, str]) -> dict[str, str]:
    return {key: values[key] for key in sorted(values)}


def _counts(values: Mapping[str, int]) -> dict[str, int]:
    return {str(key): values[key] for key in sorted(values)}


def _summary(summary: model.Summary) -> schema.Summary:
    return {
        "verdict": summary.verdict,
        "exit": summary.exit,
        "assets": _counts(summary.assets),
        "sources": _counts(summary.sources),
        "sightings": summary.sightings,
        "cells": _counts(summary.cells),
        "interrupted": summary.interrupted,
        "notes": list(summary.notes),
    }


def _pack(pack: model.PackUsed) -> schema.Pack:
    return {
        "id": pack.id,
        "version": pack.version,
        "sha256": pack.sha256,
        "tlp": pack.tlp,
        "pap": pack.pap,
        "indicators": pack.indicators,
        "rules": pack.rules,
        "title": pack.title,
        "licence": pack.licence,
        "window": _interval(pack.window) if pack.window else None,
        "window_basis": pack.window_basis,
        "stages": [{"id": id, "title": title, "title_de": title_de} for id, title, title_de in pack.stages],
        "not_understood": list(pack.not_understood),
    }


def _source(source: model.Source) -> schema.Source:
    reading = source.reading
    return {
        "id": source.id,
        "path": reading.path,
        "sha256": reading.sha256 or None,
        "size": reading.size,
        "reader": reading.reader or None,
        "asset": source.assets[0] if len(source.assets) == 1 else None,
        "assets": list(source.assets),
        "telemetry": list(reading.telemetry),
        "first": _time(reading.first),
        "last": _time(reading.last),
        "records": reading.records,
        "unreadable": reading.unreadable,
        "unreadable_at": list(reading.unreadable_at),
        "status": reading.status,
        "reason": reading.reason,
        "note": reading.note,
        "gaps": [_source_gap(gap) for gap in reading.gaps],
        "tlp": source.label.tlp,
        "pap": source.label.pap,
    }


def _source_gap(gap: Gap) -> schema.SourceGap:
    return {
        "from": _time(gap.span.start) if gap.span else None,
        "to": _time(gap.span.end) if gap.span else None,
        "reason": gap.reason,
        "note": gap.note,
        "telemetry": gap.telemetry,
        "host": gap.host,
    }


def sighting_values(sighting: model.Sighting) -> schema.Sighting:
    """Give one sighting as plain values, as it stands in `sightings[]`."""
    if sighting.type in RULE_TYPES:
        match: schema.Match = "rule"
    else:
        match = "text" if sighting.as_text else "field"
    return {
        "id": sighting.id,
        "pack": sighting.pack,
        "indicator": sighting.indicator,
        "type": sighting.type,
        "stage": sighting.stage,
        "trace": sighting.trace,
        "weight": sighting.weight,
        "refutes": sighting.refutes,
        "asset": sighting.asset,
        "source": sighting.source,
        "locator": sighting.locator,
        "telemetry": sighting.telemetry,
        "match": match,
        "time": _time(sighting.time),
        "fields": _sorted(sighting.fields),
        "title": sighting.title,
        "author": sighting.author,
        "note": sighting.note,
        "tlp": sighting.label.tlp,
        "pap": sighting.label.pap,
    }


def _coverage(coverage: model.Coverage, shared: _Shared) -> schema.Coverage:
    return {
        "asset": coverage.asset,
        "telemetry": coverage.telemetry,
        "intervals": shared.of(coverage.intervals, _intervals) if coverage.intervals else [],
        "gaps": shared.of(coverage.gaps, _holes) if coverage.gaps else [],
    }


def _intervals(spans: Sequence[Span]) -> list[schema.Interval]:
    return [_interval(span) for span in spans]


def _holes(holes: Sequence[model.Hole]) -> list[schema.Gap]:
    return [
        {"from": render(hole.span.start), "to": render(hole.span.end), "reason": hole.reason, "note": hole.note}
        for hole in holes
    ]


def _rule(rule: model.RuleAccount) -> schema.Rule:
    return {"id": rule.id, "applicable": rule.applicable, "matches": rule.matches, "note": rule.note}


def _asset(judged: model.Judged, shared: _Shared) -> schema.Asset:
    asset = judged.asset
    return {
        "id": asset.id,
        "names": list(asset.names),
        "addresses": list(asset.addresses),
        "platform": asset.platform,
        "role": asset.role,
        "declared": asset.declared,
        "watched": list(asset.watched),
        "attributes": _sorted(asset.attributes),
        "verdict": judged.verdict,
        "stage": judged.stage or None,
        "cells": [shared.of(cell, _cell) for cell in judged.cells],
    }


def _cell(cell: model.Cell) -> schema.Cell:
    return {
        "pack": cell.pack,
        "stage": cell.stage,
        "rung": cell.rung,
        "standing": cell.standing,
        "because": list(cell.because),
        "unmet": [_unmet(unmet) for unmet in cell.unmet],
    }


def _unmet(unmet: model.Unmet) -> schema.Unmet:
    return {
        "telemetry": unmet.telemetry,
        "from": _time(unmet.span.start) if unmet.span else None,
        "to": _time(unmet.span.end) if unmet.span else None,
        "reason": unmet.reason,
        "settle": unmet.settle,
        "note": unmet.note,
    }


def _claim(claim: model.ClaimAnswer) -> schema.Claim:
    return {
        "id": claim.id,
        "says": claim.says,
        "by": claim.by,
        "answer": claim.answer,
        "because": list(claim.because),
    }


def _clean(clean: model.CleanVersion) -> schema.CleanVersion:
    return {
        "pack": clean.pack,
        "exposure": clean.exposure,
        "asset": clean.asset,
        "software": clean.software,
        "source": clean.source,
        "locator": clean.locator,
        "telemetry": clean.telemetry,
        "time": _time(clean.time),
    }


def _control(control: model.Control) -> schema.Control:
    return {"source": control.source, "reader": control.reader, "seen": control.seen, "note": control.note}
