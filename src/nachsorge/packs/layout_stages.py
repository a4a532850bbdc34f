"""The layout of what a pack looks for: traces, windows, needs, stages, exposures."""

from __future__ import annotations

from nachsorge.model.words import Absence, Polarity, Telemetry, Weight
from nachsorge.packs.layout_checks import exposure_fits, stage_fits, trace_fits, window_fits, within_fits
from nachsorge.packs.layout_words import PLATFORM, RUNG, SOURCES, SPELLINGS
from nachsorge.packs.shapes import (
    Count,
    Duration,
    Field,
    Flag,
    Ident,
    Localised,
    Many,
    Moment,
    Ref,
    Shape,
    Text,
    Word,
    words_of,
)

STORED_TIME = Shape(
    "stored_time",
    (
        Field("field", Text(), "Name of the time value as the reader of the artefact gives it.", True),
        Field("after", Moment(), "The trace is met by a stored time later than this.", True),
    ),
    doc="A time kept inside an artefact.",
)
WITHIN = Shape(
    "within",
    (
        Field("from", Moment(), "First instant.", True),
        Field("to", Moment(end=True), "Last instant; a bare day or month is meant whole.", True),
    ),
    within_fits,
    "A time to which a trace is limited. What is met outside of it is passed over, and counted.",
)
DIGEST_OF = Shape(
    "digest_of",
    (
        Field("attribute", Text(), "`mac` (all network cards), `serial`, `uuid`, or a column of the inventory.", True),
        Field("spelling", Word(SPELLINGS, str), "Of what bytes the hash is made.", True),
    ),
    doc="The hashes that test this trace are of an attribute of the asset itself (MD5 of a network card's address).",
)
RELATION = Shape(
    "relation",
    (
        Field("column", Text(), "Column of the inventory that names another asset, such as `managed_by`.", True),
        Field("stage", Ref(("stage",)), "The stage at which that asset stands; one without `through`.", True),
    ),
    doc="Another asset from which a stage carries over.",
)
TRACE = Shape(
    "trace",
    (
        Field("id", Ident("trace"), "Names the trace in indicators.csv and in rules.", True),
        Field("title", Localised(), "What is found."),
        Field("weight", words_of(Weight), "What one sighting is worth.", True),
        Field("polarity", words_of(Polarity), "`refutes`: shows that the stage did not happen. Default `shows`."),
        Field("absence", words_of(Absence), "What it means not to find it. Default `nothing`."),
        Field("platform", PLATFORM, "Only on assets of this platform."),
        Field("telemetry", Many(words_of(Telemetry)), "Only in these kinds of evidence. Default: in all."),
        Field("stored_time", STORED_TIME, "The trace is a time inside an artefact."),
        Field("within", WITHIN, "Only records of this time count, such as runs or page views in a window."),
        Field("digest_of", DIGEST_OF, "Its hashes are of an attribute of the asset, not of files."),
        Field("note", Text(), "What a reader of the result has to know."),
        Field("sources", SOURCES, "Who says so."),
    ),
    trace_fits,
    "What a stage leaves in one kind of telemetry.",
)
WINDOW = Shape(
    "window",
    (
        Field("platform", PLATFORM, "Only for assets of this platform."),
        Field("from", Moment(), "First instant."),
        Field("to", Moment(end=True), "Last instant; a bare day or month is meant whole."),
        Field("anchor", Ref(("stage",)), "The window is counted from this stage's first sighting on the asset."),
        Field("after", Duration(), "Begins so long after the anchor, e.g. `7d`."),
        Field("until", Duration(), "Ends so long after the anchor."),
    ),
    window_fits,
    "When a stage can have left traces: absolute (`from`, `to`) or relative (`anchor`, `after`, `until`).",
)
OPTION = Shape(
    "option",
    (
        Field("telemetry", Many(words_of(Telemetry)), "All of these must be covered.", True),
        Field("snapshot_after", Moment(), "A state seen at or after this instant counts instead of a log."),
    ),
    doc="One way of meeting a need.",
)
NEED = Shape(
    "need",
    (
        Field("platform", PLATFORM, "Only for assets of this platform."),
        Field("any_of", Many(OPTION), "One of these must be covered.", True),
        Field("settle", Localised(), "How to get the evidence, in words.", True),
    ),
    doc="What must be covered before the stage may be ruled out.",
)
STAGE = Shape(
    "stage",
    (
        Field("id", Ident("stage"), "Names the stage.", True),
        Field("rung", RUNG, "The rung of the common ladder.", True),
        Field("title", Localised(), "What happened, in a few words.", True),
        Field("note", Text(), "What a reader has to know."),
        Field("requires", Many(Ref(("stage",))), "Stages that must have happened before."),
        Field("platforms", Many(PLATFORM), "Platforms on which the stage exists. Default: all."),
        Field("roles", Many(Text()), "Roles in the inventory of the assets it concerns. Default: all."),
        Field("except_roles", Many(Text()), "Roles of the assets it does not concern."),
        Field("means_compromise", Flag(), "Whether being at this stage is a compromise. Default true."),
        Field("selected", Flag(), "Whether the attacker chose whom it happened to. Default false."),
        Field("strong_enough", Count(), "How many distinct strong traces show the stage. Default 2."),
        Field("windows", Many(WINDOW), "When it can have left traces."),
        Field("needs", Many(NEED), "What must be covered before it may be ruled out; all of them."),
        Field("through", Many(RELATION), "Assets from which it carries over (exposure by relation)."),
        Field("never", Localised(), "Why it cannot be ruled out by itself at all."),
        Field("attack", Many(Text()), "ATT&CK technique ids."),
        Field("traces", Many(TRACE), "What it leaves."),
        Field(
            "rule_folders",
            Many(Text()),
            "Folders of the pack with generic Sigma and YARA rules for this stage, such as `rules/generic/lateral`. "
            "What cannot be used of them is listed and keeps the stage open.",
        ),
        Field(
            "rule_weight",
            words_of(Weight),
            "What a match of these rules is worth. Default `hint`: no number of them shows the stage.",
        ),
    ),
    stage_fits,
    "A rung of the incident's ladder; stages stand in order.",
)
EXPOSURE = Shape(
    "exposure",
    (
        Field("id", Ident("exposure"), "Names the exposure.", True),
        Field("names", Many(Text()), "Product names, compared without case; `*` stands for any text.", True),
        Field("platform", PLATFORM, "A version number may be clean on another platform."),
        Field("affected", Many(Text()), "Affected versions."),
        Field("any_version", Flag(), "Every version is affected."),
        Field("clean", Many(Text()), "Versions that are known to be clean."),
        Field("stage", Ref(("stage",)), "The stage that an affected version shows.", True),
        Field("note", Text(), "What a reader has to know."),
        Field("sources", SOURCES, "Who says so."),
    ),
    exposure_fits,
    "A product at affected versions.",
)
