"""The layout of `pack.yaml`, key by key: checker, JSON Schema and documentation come from here."""

from __future__ import annotations

from nachsorge.model.labels import Pap
from nachsorge.model.words import HaulKind, Measure, Motive, Telemetry, Tlp, Trait
from nachsorge.packs.layout_checks import aim_fits, claim_fits, haul_fits, requirement_fits
from nachsorge.packs.layout_stages import EXPOSURE, STAGE
from nachsorge.packs.layout_words import CLAIM_TESTS, CLOSING_TESTS, SOURCES
from nachsorge.packs.shapes import Count, Field, Ident, Localised, Many, Prose, Ref, Shape, Text, Word, words_of

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
    claim_fits,
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
    aim_fits,
    "What the attacker may want. A bare text is for people only.",
)
HAUL = Shape(
    "haul",
    (
        Field("id", Ident("haul"), "Names it.", True),
        Field(
            "kind",
            words_of(HaulKind),
            "What it is, as far as it is reconstructed. `third-parties`: taken from others through this asset; "
            "`unknown`: the sources do not tell what was taken at that stage.",
            True,
        ),
        Field("stage", Ref(("stage",)), "The stage at which it was taken.", True),
        Field("says", Localised(), "What was taken, in words.", True),
        Field("rows", Count(), "Of browsers: so many of the newest rows of each."),
        Field("browsers", Many(Text()), "Of which browsers; `chrome`, `edge`, `brave`, `firefox`. Default: of all."),
        Field("sources", SOURCES, "Who says so."),
    ),
    haul_fits,
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
    requirement_fits,
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
