"""The shape of the documents that leave: typed for us, published as JSON Schema for others.

One declaration serves both: mypy holds the exporters to it, `assessment_schema` generates what stands in
docs/reference/assessment.schema.json. Keys and spelling are a contract; a change of meaning is a new schema number.
"""

# No `from __future__ import annotations`: the annotations are read at run time.
from typing import Annotated, Any, Literal, TypedDict

import msgspec
import orjson
from msgspec import Meta

from nachsorge.model.labels import Pap
from nachsorge.model.words import Platform, Reason, Standing, Status, Telemetry, Tlp, Verdict, Weight

ASSESSMENT = "nachsorge.assessment/1"
SIGHTING = "nachsorge.sighting/1"

Time = Annotated[str, Meta(description="RFC 3339, UTC", pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$")]
Count = Annotated[int, Meta(ge=0)]
Match = Literal["field", "rule", "text"]
Counts = Annotated[dict[str, Count], Meta(description="how many of each word; a word that is absent means none")]

Interval = TypedDict("Interval", {"from": Time, "to": Time})
Interval.__doc__ = "A closed stretch of time."

Gap = TypedDict("Gap", {"from": Time, "to": Time, "reason": Reason, "note": str})
Gap.__doc__ = "A stretch of a pack's window in which this telemetry of this asset was not looked at."

SourceGap = TypedDict(
    "SourceGap",
    {
        "from": Time | None,
        "to": Time | None,
        "reason": Reason,
        "note": str,
        "telemetry": Telemetry | None,
        "host": str | None,
    },
)
SourceGap.__doc__ = "Something of this source that was not looked at; null means all of them."

Unmet = TypedDict(
    "Unmet",
    {
        "telemetry": Telemetry | None,
        "from": Time | None,
        "to": Time | None,
        "reason": Reason,
        "settle": str,
        "note": str,
    },
)
Unmet.__doc__ = "A need that is not met: what is missing, when, why, and what would settle it."


class Stage(TypedDict):
    """A stage of a pack, in the ladder's order."""

    id: str
    title: str
    title_de: str


class Pack(TypedDict):
    """What judged: enough to find the very same pack again."""

    id: str
    version: str
    sha256: str
    tlp: str
    pap: str
    indicators: Count
    rules: Count
    title: str
    licence: str
    window: Interval | None
    window_basis: str
    stages: list[Stage]
    not_understood: list[str]


class Source(TypedDict):
    """One piece of evidence and what became of it. `asset` is null where it is about several or none.

    `tlp` and `pap` are what people gave it in a case; what nobody labelled is AMBER+STRICT and GREEN.
    """

    id: str
    path: str
    sha256: str | None
    size: Count
    reader: str | None
    asset: str | None
    assets: list[str]
    telemetry: list[Telemetry]
    first: Time | None
    last: Time | None
    records: Count
    unreadable: Count
    unreadable_at: list[str]
    status: Status
    reason: Reason | None
    note: str
    gaps: list[SourceGap]
    tlp: Tlp
    pap: Pap


class Sighting(TypedDict):
    """One indicator or rule in one record. Where `refutes` is true it speaks against its stage.

    `match` says how: a value of a typed `field`, a `rule`, or word-bounded in `text` of an unknown format. `tlp` and
    `pap` are the more restrictive of the indicator (or the pack's) and of the source.
    """

    id: str
    pack: str
    indicator: str
    type: str
    stage: str
    trace: str
    weight: Weight
    refutes: bool
    asset: str
    source: str
    locator: str
    telemetry: Telemetry
    match: Match
    time: Time | None
    fields: dict[str, str]
    title: str
    author: str
    note: str
    tlp: Tlp
    pap: Pap


class SightingLine(Sighting):
    """A sighting that can stand alone: it names its schema, the tool, and its source's path and digest."""

    schema_version: Literal["nachsorge.sighting/1"]
    tool: Literal["nachsorge"]
    tool_version: str
    source_path: str | None
    source_sha256: str | None


class Coverage(TypedDict):
    """Per asset and telemetry: what was really seen, and the gaps within the packs' windows."""

    asset: str
    telemetry: Telemetry
    intervals: list[Interval]
    gaps: list[Gap]


class Rule(TypedDict):
    """`applicable` counts records of the rule's log source; at 0 the rule has looked at nothing."""

    id: str
    applicable: Count
    matches: Count
    note: str


class Cell(TypedDict):
    """One asset x stage."""

    pack: str
    stage: str
    rung: Annotated[str, Meta(description="one of exposed, executed, contacted, collected, implanted, hands-on")]
    standing: Standing
    because: list[str]
    unmet: list[Unmet]


class Asset(TypedDict):
    """A host with its verdict; `stage` is the highest one shown. `declared`: it stands in the inventory."""

    id: str
    names: list[str]
    addresses: list[str]
    platform: Platform | None
    role: str
    declared: bool
    watched: list[str]
    attributes: dict[str, str]
    verdict: Verdict
    stage: str | None
    cells: list[Cell]


class Claim(TypedDict):
    """Somebody's statement about the incident and what this evidence says of it."""

    id: str
    says: str
    by: str
    answer: str
    because: list[str]


class Control(TypedDict):
    """Whether a planted value would have been seen in this source. Where not, the source grants no coverage."""

    source: str
    reader: str
    seen: bool
    note: str


class CleanVersion(TypedDict):
    """A version that a pack knows as clean was seen on an asset: no finding, but a date."""

    pack: str
    exposure: str
    asset: str
    software: str
    source: str
    locator: str
    telemetry: Telemetry
    time: Time | None


class Summary(TypedDict):
    """The whole in one line. `exit`: 0 all ruled out, 1 shown or suspected, 3 not everything was looked at."""

    verdict: Verdict
    exit: Count
    assets: Counts
    sources: Counts
    sightings: Count
    cells: Counts
    interrupted: bool
    notes: list[str]


class Assessment(TypedDict):
    """What one run of `nachsorge check` found, ruled out, and did not look at.

    `tlp` and `pap` label the whole: the most restrictive of packs, sources, sightings and the case.
    """

    schema_version: Literal["nachsorge.assessment/1"]
    tool: Literal["nachsorge"]
    tool_version: str
    tlp: Tlp
    pap: Pap
    summary: Summary
    packs: list[Pack]
    assets: list[Asset]
    sightings: list[Sighting]
    coverage: list[Coverage]
    sources: list[Source]
    rules: list[Rule]
    claims: list[Claim]
    controls: list[Control]
    clean_versions: list[CleanVersion]


def assessment_schema() -> dict[str, Any]:
    """Generate the JSON Schema (draft 2020-12) of `Assessment`. Consumers must ignore keys that they do not know."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": ASSESSMENT}
    return head | msgspec.json.schema(Assessment)


def published() -> bytes:
    """Give the text of docs/reference/assessment.schema.json."""
    return orjson.dumps(assessment_schema(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
