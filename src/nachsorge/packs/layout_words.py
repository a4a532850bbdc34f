"""What a pack may say where only certain words are allowed, and which tests of claims and closings need what."""

from __future__ import annotations

from nachsorge.model.words import Platform, Rung
from nachsorge.packs.shapes import Many, Ref, Word, words_of

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
STAGED = frozenset(
    {"at-most-assets", "no-sighting-after", "no-sighting-since", "never", "nothing-beyond", "no-other-product"}
)
NEEDING = frozenset({"none", "at-most-assets", "only-assets-with", "no-sighting-since", "clean-version-since"})
CLOSING_TESTS = {"no-open": ("stage",), "covered": ("of", "stage"), "measures": ("of", "measures")}
CLOSING_TESTS |= {"gone": ("of", "telemetry")}


SPELLINGS = ("bytes", "text", "lower", "upper", "lower-colons", "upper-colons", "lower-hyphens", "upper-hyphens")
