"""The layout of `pack.yaml`, key by key: checker, JSON Schema and documentation come from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.model.labels import Pap
from nachsorge.model.words import (
    Absence,
    HaulKind,
    Measure,
    Motive,
    Platform,
    Polarity,
    Rung,
    Telemetry,
    Tlp,
    Trait,
    Weight,
)
from nachsorge.packs.shapes import (
    Count,
    Duration,
    Field,
    Flag,
    Ident,
    Localised,
    Many,
    Moment,
    Prose,
    Ref,
    Section,
    Shape,
    Text,
    Word,
    words_of,
)

if TYPE_CHECKING:
    from nachsorge.packs.findings import Findings

RUNGS = {rung.word: rung for rung in Rung}
RUNG = Word(tuple(RUNGS), RUNGS.__getitem__)
PLATFORM = words_of(Platform)
SOURCES = Many(Ref(("source",)))
CLAIM_TESTS = (
    "at-most-assets",
    "no-sighting-after",
    "no-sighting-since",
    "never",
    "nothing-beyond",
    "only-assets-with",
    "clean-version-since",
    "no-other-product",
    "none",
)
_STAGED = frozenset(
    {"at-most-assets", "no-sighting-after", "no-sighting-since", "never", "nothing-beyond", "no-other-product"}
)
_NEEDING = frozenset({"none", "at-most-assets", "only-assets-with", "no-sighting-since", "clean-version-since"})
CLOSING_TESTS = {"no-open": ("stage",), "covered": ("of", "stage"), "measures": ("of", "measures")}
CLOSING_TESTS |= {"gone": ("of", "telemetry")}


SPELLINGS = ("bytes", "text", "lower", "upper", "lower-colons", "upper-colons", "lower-hyphens", "upper-hyphens")


def _within(within: Section, findings: Findings) -> None:
    if {"from", "to"} <= within.keys() and within["from"] > within["to"]:
        findings.problem(within.at("to"), "it ends before it begins", "swap from and to")


def _trace(trace: Section, findings: Findings) -> None:
    given = [key for key in ("stored_time", "within", "digest_of") if key in trace]
    if "digest_of" in trace and len(given) > 1:
        remedy = "an attribute has no time and lies in no artefact: make two traces"
        findings.problem(trace.place, f"a trace has digest_of or {given[0]}, not both", remedy)
    if "digest_of" in trace and "telemetry" in trace:
        remedy = "leave it out: inventory, identities and leases are compared"
        findings.problem(trace.at("telemetry"), "an attribute of an asset is in no telemetry", remedy)
    if "digest_of" in trace and trace.get("polarity") is Polarity.REFUTES:
        remedy = "former cards and docking stations are in no list, so the contrary is never known"
        findings.problem(trace.at("polarity"), "a hash of an attribute refutes nothing", remedy)


def _window(window: Section, findings: Findings) -> None:
    absolute, relative = {"from", "to"} & window.keys(), {"anchor", "after", "until"} & window.keys()
    if absolute and relative:
        findings.problem(window.place, "a window is absolute or relative, not both", "keep from and to, or the anchor")
    elif len(absolute) != 2 and len(relative) != 3:
        findings.problem(window.place, "a window needs both its ends", "from and to, or anchor, after and until")
    elif absolute and window["from"] > window["to"]:
        findings.problem(window.at("to"), "the window ends before it begins", "swap from and to")
    elif relative and window["after"] > window["until"]:
        findings.problem(window.at("until"), "the window ends before it begins", "swap after and until")


def _stage(stage: Section, findings: Findings) -> None:
    if not stage.get("needs") and not stage.get("never"):
        findings.problem(
            stage.place,
            f"stage {stage.get('id', '?')!r} does not say what must be looked at before it is ruled out",
            "give it needs, or say under `never` why it cannot be ruled out",
        )
    if any("digest_of" in trace for trace in stage.get("traces", ())) and not stage.get("never"):
        findings.problem(
            stage.place,
            f"stage {stage.get('id', '?')!r} compares an attribute of the asset, and no telemetry tells all its values",
            "say under `never` why it cannot be ruled out",
        )
    if stage.get("through") and stage.get("requires"):
        remedy = "a stage that carries over from another asset stands at the beginning of a ladder"
        findings.problem(stage.at("through"), "a stage has `through` or `requires`, not both", remedy)
    absolute = [window for window in stage.get("windows", ()) if "from" in window]
    throughout = any("snapshot_after" not in o for need in stage.get("needs", ()) for o in need.get("any_of", ()))
    if throughout and not absolute and not stage.get("never"):
        findings.problem(
            stage.place,
            f"stage {stage.get('id', '?')!r} has needs but no window from ... to, so no log can ever rule it out",
            "give it an absolute window; one after an anchor only widens it",
        )


def _exposure(exposure: Section, findings: Findings) -> None:
    if bool(exposure.get("affected")) == bool(exposure.get("any_version")):
        findings.problem(
            exposure.place,
            "an exposure names affected versions or says any_version: true",
            "give exactly one of the two",
        )
    for version in sorted(set(exposure.get("affected", ())) & set(exposure.get("clean", ()))):
        findings.problem(exposure.at("clean"), f"version {version} is both affected and clean", "keep it in one list")


def _claim(claim: Section, findings: Findings) -> None:
    test = claim.get("test", "none")
    if test in _STAGED and ("stage" not in claim):
        findings.problem(claim.place, f"test {test} needs a stage", "name the stage that it counts or looks for")
    if test == "no-sighting-after" and "anchor" not in claim:
        findings.problem(claim.place, "test no-sighting-after needs an anchor", "a stage, a trace or an exposure")
    if test in _NEEDING and "needs" not in claim:
        remedy = "the number, `attribute=value`, the time, or what would answer it"
        findings.problem(claim.place, f"test {test} needs `needs`", remedy)


def _aim(aim: Section, findings: Findings) -> None:
    if "at_risk" in aim and "motive" not in aim:
        findings.problem(aim.place, "at_risk needs a motive", "espionage, theft, onward-access or destruction")


def _haul(haul: Section, findings: Findings) -> None:
    if haul.get("kind") == HaulKind.BROWSER_HISTORY and "rows" not in haul:
        findings.problem(haul.place, "a stolen browser history needs `rows`", "how many of the newest rows are taken")


def _requirement(one: Section, findings: Findings) -> None:
    if "test" not in one:
        for key in ("id", "of", "stage", "measures", "telemetry"):
            if key in one:
                findings.problem(one.at(key), f"`{key}` is of no use without a test", "name the test, or leave it out")
        return
    for key in ("id", *CLOSING_TESTS[one["test"]]):
        if key not in one:
            findings.problem(one.place, f"closing test {one['test']} needs `{key}`", "see the pack format")


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
    _within,
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
    _trace,
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
    _window,
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
    _stage,
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
    _exposure,
    "A product at affected versions.",
)
SOURCE = Shape(
    "source",
    (
        Field("id", Ident("source"), "Names the source.", True),
        Field("publisher", Text(), "Who published it.", True),
        Field("title", Text(), "What it is called.", True),
        Field("date", Text(), "When it was published."),
        Field("where", Text(), "Where it stands."),
        Field("licence", Text(), "Its licence, as far as stated."),
    ),
    doc="Who published what, when and where.",
)
ALIAS = Shape(
    "alias",
    (
        Field("name", Text(), "Another name of the incident.", True),
        Field("by", SOURCES, "Who calls it so.", True),
    ),
    doc="Another name, and who uses it.",
)
CLAIM = Shape(
    "claim",
    (
        Field("id", Ident("claim"), "Names the claim.", True),
        Field("says", Localised(), "The statement, in our words.", True),
        Field("by", Localised(), "Who made it.", True),
        Field("date", Text(), "When."),
        Field("test", Word(CLAIM_TESTS, str), "How evidence answers it. Default `none`."),
        Field("stage", Ref(("stage",)), "The stage that the test counts or looks for."),
        Field(
            "anchor", Ref(("stage", "trace", "exposure")), "Stage or trace; an exposure means a clean version of it."
        ),
        Field(
            "needs",
            Localised(),
            "The number, `attribute=value;value` or time of the test; for `none`, what would answer the claim.",
        ),
    ),
    _claim,
    "Somebody's statement about the incident, made testable.",
)
ATTRIBUTION = Shape(
    "attribution",
    (
        Field("says", Text(), "The name that the source gives the actor.", True),
        Field("by", Ref(("source",)), "The source.", True),
        Field("date", Text(), "When."),
        Field("basis", Text(), "On what ground, with what confidence."),
    ),
    doc="Who names whom as the actor; never the pack author's own statement.",
)
POSITION = Shape(
    "position",
    (
        Field("says", Text(), "What these sources say.", True),
        Field("by", SOURCES, "The sources.", True),
    ),
    doc="One side of a disagreement.",
)
DISAGREEMENT = Shape(
    "disagreement",
    (
        Field("topic", Text(), "The question.", True),
        Field("positions", Many(POSITION, 2), "The answers.", True),
        Field("choice", Text(), "What this pack does.", True),
    ),
    doc="A question on which sources disagree, and the choice made.",
)
STEP = Shape(
    "step",
    (
        Field("title", Localised(), "What to do.", True),
        Field("minutes", Count(), "Effort for one asset, in minutes.", True),
        Field("danger", Localised(), "What can go wrong."),
        Field("stage", Ref(("stage",)), "From which stage on it makes sense."),
    ),
    doc="Something to do next.",
)
AIM = Shape(
    "hypothesis",
    (
        Field("says", Localised(), "What the attacker may want, and which assets that puts at risk.", True),
        Field("motive", words_of(Motive), "Which of the four columns of `nachsorge rank` it is."),
        Field("at_risk", Many(words_of(Trait)), "What makes a host worth having. Default: our list for the motive."),
    ),
    _aim,
    "What the attacker may want. A bare text is for people only.",
)
HAUL = Shape(
    "haul",
    (
        Field("id", Ident("haul"), "Names it.", True),
        Field(
            "kind",
            words_of(HaulKind),
            "What it is, as far as it is reconstructed. `third-parties`: taken from others through this asset; `unknown`: "
            "the sources do not tell what was taken at that stage.",
            True,
        ),
        Field("stage", Ref(("stage",)), "The stage at which it was taken.", True),
        Field("says", Localised(), "What was taken, in words.", True),
        Field("rows", Count(), "Of browsers: so many of the newest rows of each."),
        Field("browsers", Many(Text()), "Of which browsers; `chrome`, `edge`, `brave`, `firefox`. Default: of all."),
        Field("sources", SOURCES, "Who says so."),
    ),
    _haul,
    "What a thief took from a host.",
)
REQUIREMENT = Shape(
    "requirement",
    (
        Field("says", Localised(), "What must be true, in words.", True),
        Field("id", Ident("requirement"), "Names it; what waives it names it as well."),
        Field(
            "test",
            Word(tuple(CLOSING_TESTS), str),
            "`no-open`: no asset's cell of `stage` is open; `covered`: where `of` is shown or suspected, the needs of "
            "`stage` are met; `measures`: where `of` is shown or suspected, all `measures` are recorded; `gone`: such "
            "an asset was seen after its last finding in one of `telemetry`, without one.",
        ),
        Field("of", Ref(("stage",)), "The stage that makes an asset one of those meant."),
        Field("stage", Ref(("stage",)), "The stage whose cells or needs are meant."),
        Field("measures", Many(words_of(Measure)), "What a remediation has to have consisted of."),
        Field("telemetry", Many(words_of(Telemetry)), "In which of these it is seen that it is gone."),
    ),
    _requirement,
    "What must be true before the case may be closed. A bare text, or one without a test, is for people only.",
)
PACK = Shape(
    "pack",
    (
        Field("id", Ident("pack"), "Names the pack; the folder is called the same.", True),
        Field("version", Text(), "Version of the pack.", True),
        Field("title", Localised(), "The incident in a few words.", True),
        Field("summary", Localised(), "The incident in a few sentences."),
        Field("tlp", words_of(Tlp), "Traffic Light Protocol 2.0 label of the pack as a whole.", True),
        Field("pap", words_of(Pap), "Permissible Actions Protocol label of the pack as a whole. Default: GREEN."),
        Field("licence", Text(), "Licence of the pack.", True),
        Field("aliases", Many(ALIAS), "Other names."),
        Field("related", Many(Text()), "Ids of packs that this incident hangs together with."),
        Field("sources", Many(SOURCE), "Where the facts come from."),
        Field("exposures", Many(EXPOSURE), "Which products at which versions are affected."),
        Field("stages", Many(STAGE), "The ladder, in order.", True),
        Field("claims", Many(CLAIM), "Statements to be tested."),
        Field("hypotheses", Many(Prose(AIM, "says")), "What the attacker may want, and what it puts at risk."),
        Field("haul", Many(HAUL), "What was taken from a host."),
        Field("attributions", Many(ATTRIBUTION), "Who names whom."),
        Field("disagreements", Many(DISAGREEMENT), "Where sources disagree."),
        Field("closing", Many(Prose(REQUIREMENT, "says")), "What must be true before the case may be closed."),
        Field("steps", Many(STEP), "What to do next."),
    ),
    doc="What is known of one incident.",
)
