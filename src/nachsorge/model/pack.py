"""What is known of one incident, as data. A pack holds no code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from nachsorge.model.labels import Pap
from nachsorge.model.times import Instant, Span
from nachsorge.model.words import (
    Absence,
    HaulKind,
    IndicatorType,
    Measure,
    Motive,
    Platform,
    Polarity,
    Role,
    Rung,
    Telemetry,
    Tlp,
    Trait,
    Verification,
    Weight,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """A source of the pack's facts: who published what, when, where, under which licence."""

    id: str
    publisher: str
    title: str
    date: str = ""
    where: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """A product at affected versions; the platform belongs to it, since a number may be clean elsewhere.

    `names` are compared without case; a `*` stands for any text. `any_version` says that every version is affected.
    """

    id: str
    names: tuple[str, ...]
    affected: tuple[str, ...] = ()
    clean: tuple[str, ...] = ()
    platform: Platform | None = None
    any_version: bool = False
    stage: str = ""
    note: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTime:
    """A time kept inside an artefact, read by a reader as an INSTANT value of this field name.

    It meets its trace when it is later than `after` (microseconds since 1970, UTC).
    """

    field: str
    after: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestOf:
    """The hashes of a trace are those of an attribute of the asset itself, not of files.

    `attribute` is `mac` (all network cards), another mark of a machine, or a column of the inventory. `spelling` says
    of what bytes the hash is made: `bytes` (the number itself, as hexadecimal digits name it), `text` (as it is
    written), or digits with or without separators: `lower`, `upper`, `lower-colons`, `upper-colons`, `lower-hyphens`,
    `upper-hyphens`.
    """

    attribute: str
    spelling: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Another asset that a column of the inventory names; the stage at which it stands carries over."""

    column: str
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What a stage leaves in one kind of telemetry, and what it means to find it or not to find it.

    `within` limits it to records of that time: the same use before or after is none of the incident's.
    """

    id: str
    stage: str
    weight: Weight
    title: str = ""
    polarity: Polarity = Polarity.SHOWS
    absence: Absence = Absence.NOTHING
    platform: Platform | None = None
    telemetry: tuple[Telemetry, ...] = ()
    stored_time: StoredTime | None = None
    within: Span | None = None
    digest_of: DigestOf | None = None
    note: str = ""
    sources: tuple[str, ...] = ()
    title_de: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """An atomic test of a trace.

    `first_source` published it; `sources` corroborate. Outside `valid` a sighting is only a hint: later owners,
    researchers and scanners use the same names. `size` is that of the file a hash is of, in bytes, where it is known:
    files of other sizes need not be hashed.
    """

    type: IndicatorType
    value: str
    trace: str
    role: Role = Role.MALICIOUS
    platform: Platform | None = None
    first_source: str = ""
    sources: tuple[str, ...] = ()
    verification: Verification = Verification.VERBATIM_PUBLISHER
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    tlp: Tlp = Tlp.AMBER_STRICT
    pap: Pap = Pap.GREEN
    memory_only: bool = False
    size: int | None = None
    note: str = ""

    @property
    def drives(self) -> bool:
        """Tell whether it is looked for: its role matches and it was verified."""
        return self.role.matches and self.verification is not Verification.UNVERIFIED


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A Sigma or YARA rule of the pack; author and reference are printed with every match (DRL 1.1, section 4).

    `place` says where it stands (`rules/a.yml:12`). `plan` is set by a run: a Sigma rule as its processes evaluate it,
    so that only one of them has to parse it.
    """

    id: str
    engine: str
    text: str
    trace: str
    title: str = ""
    author: str = ""
    licence: str = ""
    reference: str = ""
    place: str = ""
    plan: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way of meeting a need: every telemetry in it, over the need's window.

    `snapshot_after` lets a state seen at or after that instant count instead of a log over the window.
    """

    telemetry: tuple[Telemetry, ...]
    snapshot_after: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What must be covered before a stage may be ruled out: one of the options, for assets of the platform.

    `settle` says in words how to get it.
    """

    any_of: tuple[Option, ...]
    platform: Platform | None = None
    settle: str = ""
    settle_de: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When a stage can have left traces: absolute, or after the asset's own anchor stage was first seen."""

    absolute: Span | None = None
    platform: Platform | None = None
    anchor: str = ""
    after: int = 0
    until: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A rung of the incident's ladder.

    `requires` must have happened before. `means_compromise` is the rule that exposure is compromise; a pack turns it
    off for stages such as a server that only stored an installer. `strong_enough` is how many distinct strong traces
    show the stage; a required stage that is itself shown by evidence counts as one. `never` says why it cannot be
    ruled out at all, where that is so. `roles` and `except_roles` are roles of the inventory that the stage is only
    for, or not for. `through` names assets from which it carries over. `unanswered` is set by a run that cannot look
    for everything (an index holds no text for rules): it says what, and then nothing rules the stage out.
    """

    id: str
    rung: Rung
    title: str
    requires: tuple[str, ...] = ()
    platforms: tuple[Platform, ...] = ()
    roles: tuple[str, ...] = ()
    except_roles: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    needs: tuple[Need, ...] = ()
    through: tuple[Relation, ...] = ()
    means_compromise: bool = True
    selected: bool = False
    strong_enough: int = 2
    never: str = ""
    attack: tuple[str, ...] = ()
    note: str = ""
    title_de: str = ""
    never_de: str = ""
    unanswered: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What some sources say on a question on which sources disagree."""

    says: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A question on which sources disagree, and the choice made."""

    topic: str
    positions: tuple[Position, ...]
    choice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Who names whom as the actor, when, on what ground. Never our own statement."""

    says: str
    by: str
    date: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Somebody's statement about the incident, made testable over stages of this pack.

    `test` is one of `at-most-assets` (count of assets at `stage` or beyond), `no-sighting-after` (no sighting of
    `stage` or beyond after `anchor` was first seen on the asset), `no-sighting-since` (likewise since a time, on any
    asset), `never` (`stage` happened nowhere), `nothing-beyond` (no stage on a higher rung happened anywhere),
    `only-assets-with` (an inventory attribute, for `stage` or beyond) or `none` where evidence of one organisation
    cannot answer. `needs` is the number, the time, or `attribute=value;value`.
    """

    id: str
    says: str
    by: str
    date: str = ""
    test: str = "none"
    stage: str = ""
    anchor: str = ""
    needs: str = ""
    says_de: str = ""
    by_de: str = ""
    needs_de: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something to do next, with its effort in minutes and its dangers."""

    title: str
    minutes: int
    danger: str = ""
    stage: str = ""
    title_de: str = ""
    danger_de: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What the attacker may want, and what puts a host at risk of it; without `at_risk` the program's list counts."""

    motive: Motive
    says: str
    says_de: str = ""
    at_risk: tuple[Trait, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Haul:
    """What was taken from a host at `stage`. Of `browser-history`: the newest `rows` of each of these `browsers`."""

    id: str
    kind: HaulKind
    stage: str
    says: str
    says_de: str = ""
    rows: int = 0
    browsers: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What a pack asks for before a case is closed, computable.

    `test` is one of `no-open` (no asset's cell of `stage` is open), `covered` (on every asset at which `of` is shown or
    suspected, the needs of `stage` are met), `measures` (every asset at which `of` is shown or suspected has all
    `measures` recorded) or `gone` (after its last finding at `of`, such an asset was seen without one in `telemetry`).
    """

    id: str
    says: str
    test: Literal["no-open", "covered", "measures", "gone"]
    says_de: str = ""
    of: str = ""
    stage: str = ""
    measures: tuple[Measure, ...] = ()
    telemetry: tuple[Telemetry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One incident. `digest` is the SHA-256 over all its files, so that a result can name what judged it.

    `ad_hoc` is set where an indicator file stands in a pack's place. `tlp` and `pap` label the pack itself; its rows
    may carry others. `indicators` is a tuple, or of a long list what
    equals it (`model.columns`).
    """

    id: str
    version: str
    title: str
    digest: str
    tlp: Tlp
    stages: tuple[Stage, ...]
    traces: tuple[Trace, ...]
    indicators: Sequence[Indicator]
    exposures: tuple[Exposure, ...] = ()
    rules: tuple[Rule, ...] = ()
    sources: tuple[Knowledge, ...] = ()
    aliases: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    hypotheses: tuple[str, ...] = ()
    attributions: tuple[Attribution, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    closing: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    licence: str = ""
    summary: str = ""
    summary_de: str = ""
    title_de: str = ""
    ad_hoc: bool = False
    not_understood: tuple[str, ...] = ()
    aims: tuple[Aim, ...] = ()
    hauls: tuple[Haul, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    pap: Pap = Pap.GREEN
    traces_by_id: dict[str, Trace] = field(init=False, repr=False, compare=False)
    stages_by_id: dict[str, Stage] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index stages and traces by id once."""
        object.__setattr__(self, "traces_by_id", {trace.id: trace for trace in self.traces})
        object.__setattr__(self, "stages_by_id", {stage.id: stage for stage in self.stages})
