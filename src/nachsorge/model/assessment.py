"""The result: sightings, coverage, cells, verdicts. The same input gives the same value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nachsorge.model.evidence import Reading
from nachsorge.model.labels import UNLABELLED, Label, Pap
from nachsorge.model.times import Instant, Span
from nachsorge.model.words import Platform, Reason, Standing, Telemetry, Verdict, Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One indicator or rule met one record, as a worker saw it; nobody has said yet whose it is.

    `test` is the index of the test in the compiled tests. `matched` names the fields that met it; `as_text` says that
    it was found in free text only, word-bounded, and not in a field of its kind. `weak` says why it is a hint at most.
    """

    test: int
    telemetry: Telemetry
    locator: str
    time: Instant | None
    host: str | None
    addresses: tuple[str, ...]
    fields: Mapping[str, str]
    matched: tuple[str, ...] = ()
    as_text: bool = False
    platform: Platform | None = None
    software: str = ""
    weak: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """STIX's word: an indicator or rule met a record of an asset. `title` says in words what was met.

    `label` is the more restrictive of what was met and of the source that it was met in.
    """

    id: str
    pack: str
    indicator: str
    type: str
    stage: str
    trace: str
    weight: Weight
    asset: str
    source: str
    locator: str
    telemetry: Telemetry
    time: Instant | None
    fields: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    author: str = ""
    refutes: bool = False
    as_text: bool = False
    note: str = ""
    label: Label = UNLABELLED


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanVersion:
    """A version that a pack knows as clean was seen on an asset: no finding, but a date (when it was cleaned)."""

    pack: str
    exposure: str
    asset: str
    software: str
    source: str
    locator: str
    telemetry: Telemetry
    time: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A host of the inventory, or one that the evidence itself named.

    `watched` are sensor telemetries that are declared to see all its traffic, `dns_query`, or by a certain sensor,
    `dns_query@site-b` (a part of the sensor's path). `declared` says that it stands in the inventory.
    """

    id: str
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    platform: Platform | None = None
    role: str = ""
    watched: tuple[str, ...] = ()
    declared: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """A gap in the coverage of one asset and telemetry."""

    span: Span
    reason: Reason
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Per asset and telemetry: the intervals really seen, and the gaps within the packs' windows."""

    asset: str
    telemetry: Telemetry
    intervals: tuple[Span, ...]
    gaps: tuple[Hole, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """A need that is not met: what is missing, when, why, and what would settle it.

    `telemetry` is None where no evidence at all can rule the stage out; the note says why.
    """

    telemetry: Telemetry | None
    span: Span | None
    reason: Reason
    settle: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One asset x stage. `because` names sightings, implied stages or needs met, in words."""

    pack: str
    stage: str
    rung: str
    standing: Standing
    because: tuple[str, ...] = ()
    unmet: tuple[Unmet, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An asset with its row of cells; `stage` is the highest one shown."""

    asset: Asset
    verdict: Verdict
    stage: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAccount:
    """Whether a rule had anything to look at: records of its log source seen, and how many matched."""

    id: str
    applicable: int
    matches: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """The positive control of one source: a planted value sent through the same reader and tests."""

    source: str
    reader: str
    seen: bool
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAnswer:
    """A pack's claim and what this evidence says of it."""

    id: str
    says: str
    by: str
    answer: str
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackUsed:
    """What judged: enough to find the very same pack again.

    `stages` are (id, title, German title), in the ladder's order; the German title may be empty.
    """

    id: str
    version: str
    sha256: str
    tlp: str
    indicators: int
    rules: int
    title: str = ""
    window: Span | None = None
    window_basis: str = ""
    not_understood: tuple[str, ...] = ()
    stages: tuple[tuple[str, str, str], ...] = ()
    german: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""
    pap: str = Pap.GREEN.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A reading with its number and the assets it turned out to be about; `label` is what people gave it in a case."""

    id: str
    reading: Reading
    assets: tuple[str, ...] = ()
    label: Label = UNLABELLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The whole in one line."""

    verdict: Verdict
    exit: int
    assets: Mapping[str, int]
    sources: Mapping[str, int]
    sightings: int
    cells: Mapping[str, int]
    interrupted: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Everything that one run found out and did not find out. `label` is the most restrictive of all in it."""

    packs: tuple[PackUsed, ...]
    sources: tuple[Source, ...]
    sightings: tuple[Sighting, ...]
    coverage: tuple[Coverage, ...]
    rules: tuple[RuleAccount, ...]
    assets: tuple[Judged, ...]
    claims: tuple[ClaimAnswer, ...]
    controls: tuple[Control, ...]
    summary: Summary
    clean_versions: tuple[CleanVersion, ...] = ()
    label: Label = UNLABELLED
