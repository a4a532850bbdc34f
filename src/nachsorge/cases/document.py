"""An assessment's JSON document, read back: as much of it as judging further needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from nachsorge.errors import InputError, Problem
from nachsorge.model.assessment import (
    Assessment,
    Asset,
    Cell,
    ClaimAnswer,
    CleanVersion,
    Coverage,
    Hole,
    Judged,
    PackUsed,
    Sighting,
    Source,
    Summary,
    Unmet,
)
from nachsorge.model.evidence import Reading
from nachsorge.model.labels import UNLABELLED, Label, Pap
from nachsorge.model.times import Instant, Span, parse_instant
from nachsorge.model.words import Platform, Reason, Standing, Status, Telemetry, Tlp, Verdict, Weight

SCHEMA = "nachsorge.assessment/1"
Row = Mapping[str, Any]


def assessment_of(body: bytes, path: str) -> Assessment:
    """Read a document; InputError where it is none. Rules and controls are left out, and a source's own gaps."""
    try:
        found = msgspec.json.decode(body)
        if not isinstance(found, dict) or found.get("schema_version") != SCHEMA:
            raise ValueError(f"its schema is not {SCHEMA}")
        return _assessment(found)
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"lacks {error}" if isinstance(error, KeyError) else str(error)
        remedy = "write one with: nachsorge check PACK EVIDENCE --json FILE"
        raise InputError([Problem(path=path, message=f"no assessment: {message}", remedy=remedy)]) from error


def _assessment(found: Row) -> Assessment:
    return Assessment(
        packs=tuple(_pack(one) for one in found["packs"]),
        sources=tuple(_source(one) for one in found["sources"]),
        sightings=tuple(_sighting(one) for one in found["sightings"]),
        coverage=tuple(_coverage(one) for one in found["coverage"]),
        rules=(),
        assets=tuple(_judged(one) for one in found["assets"]),
        claims=tuple(
            ClaimAnswer(
                id=c["id"], says=c["says"], by=c["by"], answer=c["answer"], because=tuple(map(str, c["because"]))
            )
            for c in found["claims"]
        ),
        controls=(),
        summary=_summary(found["summary"]),
        clean_versions=tuple(_clean(one) for one in found.get("clean_versions", ())),
        label=_label(found),
    )


def _label(row: Row) -> Label:
    """Give the label of something; documents from before they were kept have none, so it is that of unlabelled."""
    return Label(Tlp(row["tlp"]), Pap(row["pap"])) if "tlp" in row and "pap" in row else UNLABELLED


def _clean(row: Row) -> CleanVersion:
    plain = {name: row[name] for name in ("pack", "exposure", "asset", "software", "source", "locator")}
    return CleanVersion(**plain, telemetry=Telemetry(row["telemetry"]), time=_time(row["time"]))


def _time(text: str | None) -> Instant | None:
    return None if text is None else parse_instant(text)


def _span(row: Row | None) -> Span | None:
    if row is None or row["from"] is None or row["to"] is None:
        return None
    return Span(parse_instant(row["from"]), parse_instant(row["to"]))


def _spans(rows: list[Row]) -> tuple[Span, ...]:
    return tuple(span for row in rows if (span := _span(row)) is not None)


def _pack(row: Row) -> PackUsed:
    return PackUsed(
        id=row["id"],
        version=row["version"],
        sha256=row["sha256"],
        tlp=row["tlp"],
        indicators=row["indicators"],
        rules=row["rules"],
        title=row["title"],
        window=_span(row["window"]),
        window_basis=row["window_basis"],
        not_understood=tuple(row["not_understood"]),
        stages=tuple((s["id"], s["title"], s["title_de"]) for s in row["stages"]),
        licence=row["licence"],
        pap=row.get("pap", Pap.GREEN.value),
    )


def _source(row: Row) -> Source:
    reading = Reading(
        path=row["path"],
        reader=row["reader"] or "",
        status=Status(row["status"]),
        reason=Reason(row["reason"]) if row["reason"] else None,
        note=row["note"],
        sha256=row["sha256"] or "",
        size=row["size"],
        first=_time(row["first"]),
        last=_time(row["last"]),
        records=row["records"],
        unreadable=row["unreadable"],
    )
    return Source(id=row["id"], reading=reading, assets=tuple(row["assets"]), label=_label(row))


def _sighting(row: Row) -> Sighting:
    plain = ("id", "pack", "indicator", "type", "stage", "trace", "asset", "source", "locator", "title", "author")
    return Sighting(
        weight=Weight(row["weight"]),
        telemetry=Telemetry(row["telemetry"]),
        time=_time(row["time"]),
        fields=row["fields"],
        refutes=row["refutes"],
        as_text=row["match"] == "text",
        note=row["note"],
        label=_label(row),
        **{key: row[key] for key in plain},
    )


def _coverage(row: Row) -> Coverage:
    holes = [(_span(gap), Reason(gap["reason"]), gap["note"]) for gap in row["gaps"]]
    return Coverage(
        asset=row["asset"],
        telemetry=Telemetry(row["telemetry"]),
        intervals=_spans(row["intervals"]),
        gaps=tuple(Hole(span=span, reason=reason, note=note) for span, reason, note in holes if span is not None),
    )


def _judged(row: Row) -> Judged:
    asset = Asset(
        id=row["id"],
        names=tuple(row["names"]),
        addresses=tuple(row["addresses"]),
        platform=Platform(row["platform"]) if row["platform"] else None,
        role=row["role"],
        watched=tuple(row["watched"]),
        declared=row["declared"],
        attributes=row["attributes"],
    )
    cells = tuple(_cell(cell) for cell in row["cells"])
    return Judged(asset=asset, verdict=Verdict(row["verdict"]), stage=row["stage"] or "", cells=cells)


def _cell(row: Row) -> Cell:
    return Cell(
        pack=row["pack"],
        stage=row["stage"],
        rung=row["rung"],
        standing=Standing(row["standing"]),
        because=tuple(row["because"]),
        unmet=tuple(_unmet(one) for one in row["unmet"]),
    )


def _unmet(row: Row) -> Unmet:
    return Unmet(
        telemetry=Telemetry(row["telemetry"]) if row["telemetry"] else None,
        span=_span(row),
        reason=Reason(row["reason"]),
        settle=row["settle"],
        note=row["note"],
    )


def _summary(row: Row) -> Summary:
    return Summary(
        verdict=Verdict(row["verdict"]),
        exit=row["exit"],
        assets=row["assets"],
        sources=row["sources"],
        sightings=row["sightings"],
        cells=row["cells"],
        interrupted=row["interrupted"],
        notes=tuple(row["notes"]),
    )
