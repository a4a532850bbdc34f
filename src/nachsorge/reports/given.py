"""Reasons that the judge gives, in the reader's language: a closed list of phrases, with stages by their titles.

Phrases that are not on the list are said as `notes` are; a pack's own words stay as they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.locale import _, speaking
from nachsorge.model.times import Span, parse_instant
from nachsorge.model.words import Platform, Reason, Telemetry
from nachsorge.reports import notes, wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nachsorge.reports.texts import Texts

_TELEMETRIES = r"nothing seen in (?P<telemetry>[a-z_]+(?: and [a-z_]+)*)"

PHRASES: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.DOTALL)
    for name, pattern in {
        "implied": r"implied by (?P<stage>.+)",
        "refuted": r"refuted by (?P<sighting>.+)",
        "requires": r"requires (?P<stage>.+), which is ruled out",
        "unseen": _TELEMETRIES,
        "unseen-within": _TELEMETRIES + r" from (?P<start>\S+Z) to (?P<end>\S+Z)",
        "platform": r"does not apply: platform (?P<platform>.+)",
        "role": r"does not apply: role (?P<role>.+)",
        "never": r"the pack names nothing that would rule this out",
        "no-need": r"evidence of one organisation cannot answer this",
        "anchor-unseen": r"(?P<stage>.+) was not seen on any asset",
        "all-covered": r"every asset concerned was covered afterwards",
        "not-covered-any": r"(?P<asset>.+): nothing not covered \((?P<reason>[a-z-]+)\)",
        "not-covered": r"(?P<asset>.+): (?P<telemetry>[a-z_]+) not covered \((?P<reason>[a-z-]+)\)",
        "later": r"(?P<asset>.+): (?P<indicator>.+) at (?P<start>\S+Z), after (?P<end>\S+Z) \((?P<sighting>.+)\)",
        "basis-pack": r"pack",
        "basis-none": r"none: no record has a usable time",
        "basis-asked": r"--from/--to",
        "basis-evidence": r"the span that the evidence covers",
    }.items()
}


def say(text: str, texts: Texts, titles: Mapping[str, str]) -> str:
    """Give a reason in the catalogue's language; `titles` names stages by their ids."""
    for name, phrase in PHRASES.items():
        if found := phrase.fullmatch(text):
            try:
                return texts.given[name].format(**_words(found.groupdict(), texts, titles))
            except ValueError:
                return text
    return notes.say(text, texts.lang)


def _words(found: Mapping[str, str], texts: Texts, titles: Mapping[str, str]) -> dict[str, str]:
    # ValueError: a word or a time that is on no closed list, so the phrase is not the judge's.
    words = dict(found)
    if "stage" in found:
        words["stage"] = titles.get(found["stage"]) or notes.say(found["stage"], texts.lang)
    if "telemetry" in found:
        words["telemetry"] = ", ".join(texts.telemetry[Telemetry(word)] for word in found["telemetry"].split(" and "))
    if "reason" in found:
        words["reason"] = texts.reasons[Reason(found["reason"])]
    if found.get("platform") in list(Platform):
        words["platform"] = texts.platforms[Platform(found["platform"])]
    if found.get("role") == "none":
        with speaking(texts.lang):
            words["role"] = _("none is named")
    if "start" in found:
        start, end = parse_instant(found["start"]), parse_instant(found["end"])
        words |= {"start": wording.moment(start, texts), "end": wording.moment(end, texts)}
        words["span"] = wording.stretch(Span(start, end), texts, "")
    return words
