"""A folder of generic rules, as a run's ad-hoc pack or as part of a pack's stage.

The rules of a pack are written for its incident. Generic rules describe behaviour; a match is a hint that somebody
should look, so no number of them shows a stage unless the pack says otherwise. What cannot be read is listed with file
and line, and keeps the stage open.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.errors import PackError, Problem
from nachsorge.model.pack import Need, Option, Pack, Rule, Stage, Trace
from nachsorge.model.words import Rung, Telemetry, Tlp, Weight
from nachsorge.packs.files import files_of
from nachsorge.packs.generic_sigma import LARGEST, Document, documents, source_of, text_of
from nachsorge.packs.generic_yara import Unresolved, compiled, with_includes
from nachsorge.packs.rule_files import SIGMA_FILES, YARA_FILES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

STAGE = "generic-rule"
TRACE = "generic-rules"

_UNSTATED = "author not stated"
_KINDS = {telemetry.value: telemetry for telemetry in Telemetry} | {"dns": Telemetry.DNS_QUERY}
_NOT_ASKED = frozenset({Telemetry.WINDOWS_EVENT, Telemetry.SYSLOG, Telemetry.TEXT})
"""That such records were seen does not tell whether those of one service were."""


@dataclass(slots=True)
class Listing:
    """What a folder of rules holds: the rules, what was not understood and where, and how the rules may be ruled out.

    `lost` counts rules that nobody looks for; `telemetry` is what the others are about; `untold` names log sources
    whose coverage nothing tells.
    """

    rules: list[Rule] = field(default_factory=list)
    not_understood: list[str] = field(default_factory=list)
    lost: int = 0
    telemetry: set[Telemetry] = field(default_factory=set)
    untold: set[str] = field(default_factory=set)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)

    def lose(self, place: str, why: str) -> None:
        """Note a rule that nobody looks for."""
        self.not_understood.append(f"{place}: {why}")
        self.lost += 1

    def add(self, rule: Rule) -> None:
        """Take a rule, unless it is there already."""
        first = self.ids.setdefault((rule.engine, rule.id), rule.place)
        if first == rule.place:
            self.rules.append(rule)
        elif any(r.id == rule.id and r.engine == rule.engine and r.text == rule.text for r in self.rules):
            self.not_understood.append(f"{rule.place}: repeats {first}")
        else:
            self.lose(rule.place, f"rule {rule.id!r} is another rule in {first}; give it an id of its own")


def load_rule_file(path: Path) -> Pack:
    """Make the ad-hoc pack of one file of rules.

    Raises:
        PackError: it holds no rule that could be looked for.
    """
    return _pack(rules_of([path], path.parent, TRACE), path)


def rules_in(folder: Path, trace: str) -> Listing:
    """Read all rules of a folder and the folders in it; their matches belong to a trace."""
    return rules_of(files_of(folder), folder, trace)


def rules_of(files: Iterable[Path], folder: Path, trace: str) -> Listing:
    """Read the rules of some files below a folder, from where YARA files may include others."""
    listing = Listing()
    for path in files:
        shown = path.relative_to(folder).as_posix()
        ending = path.suffix.lower()
        if ending in SIGMA_FILES + YARA_FILES:
            text = _text(path, shown, listing)
            if text is not None and ending in SIGMA_FILES:
                _sigma(text, shown, trace, listing)
            elif text is not None:
                _yara(path, folder, text, trace, listing)
    return listing


def load_rule_folder(folder: Path) -> Pack:
    """Make the ad-hoc pack of a folder of rules.

    Raises:
        PackError: it is no folder, or holds no rule that could be looked for.
    """
    if not folder.is_dir():
        raise PackError(
            [Problem(path=str(folder), message="no such folder", remedy="--rules FOLDER with *.yml, *.yar")]
        )
    return _pack(rules_in(folder, TRACE), folder)


def _pack(listing: Listing, folder: Path) -> Pack:
    if not listing.rules:
        problems = [Problem(path=str(folder), message=each) for each in listing.not_understood]
        raise PackError([*problems, Problem(path=str(folder), message="holds no rule", remedy="*.yml, *.yar, *.yara")])
    digest = hashlib.sha256("\0".join(f"{r.place}\0{r.text}" for r in listing.rules).encode()).hexdigest()
    name = folder.as_posix()
    return Pack(
        id=f"rules:{name}",
        version=digest[:12],
        title=f"generic rules of {name}",
        title_de=f"allgemeine Regeln aus {name}",
        digest=digest,
        tlp=Tlp.AMBER_STRICT,
        stages=(_stage(listing),),
        traces=(Trace(id=TRACE, stage=STAGE, weight=Weight.HINT, title="a generic rule matched"),),
        indicators=(),
        rules=tuple(listing.rules),
        ad_hoc=True,
        not_understood=tuple(listing.not_understood),
    )


def never_of(listing: Listing) -> str:
    """Say why a stage with these rules stays open, where something of them was not looked for or cannot be told."""
    if listing.lost:
        return f"{listing.lost} generic rules were not understood, so nobody looked for them"
    if listing.untold:
        named = ", ".join(sorted(listing.untold)[:5])
        return f"nothing tells whether the log sources of some generic rules were recorded throughout: {named}"
    return ""


def rules_of_text(engine: str, text: str, place: str) -> Listing:
    """Read the rules of a text that stands in another file; a YARA rule there can include nothing."""
    listing = Listing()
    if len(text) > LARGEST:
        listing.lose(place, f"larger than {LARGEST >> 20} MiB")
    elif engine == "sigma":
        _sigma(text, place, TRACE, listing)
    else:
        _compiled(text, text, place, TRACE, listing)
    return listing


def generic_stage(rules: Iterable[Rule], lost: int) -> Stage:
    """Give the stage of generic rules that were found within other files, of which so many entries were lost."""
    listing = Listing(lost=lost)
    for rule in rules:
        if rule.engine == "yara":
            listing.telemetry.add(Telemetry.FILESYSTEM)
        for document in documents(rule.text) if rule.engine == "sigma" else ():
            _about(document, listing)
    return _stage(listing)


def _stage(listing: Listing) -> Stage:
    never = never_of(listing)
    return Stage(
        id=STAGE,
        rung=Rung.HANDS_ON,
        title="a generic rule matched",
        title_de="eine allgemeine Regel hat angeschlagen",
        needs=needs_of(listing.telemetry),
        never=never,
        note="Generic rules describe behaviour, not this incident: a match is a hint.",
    )


def needs_of(telemetry: Iterable[Telemetry]) -> tuple[Need, ...]:
    """Give the needs of generic rules: every telemetry that one of them is about."""
    return tuple(
        Need(
            any_of=(Option(telemetry=(each,), snapshot_after=0),),
            settle=f"records of {each.value} over the window",
            settle_de=f"Aufzeichnungen von {each.value} über den Zeitraum",
        )
        for each in sorted(telemetry)
    )


def _text(path: Path, shown: str, listing: Listing) -> str | None:
    try:
        if path.stat().st_size > LARGEST:
            listing.lose(shown, f"larger than {LARGEST >> 20} MiB")
            return None
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        listing.lose(shown, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        listing.lose(shown, f"not UTF-8: {error.reason} at byte {error.start}")
    return None


def _sigma(text: str, shown: str, trace: str, listing: Listing) -> None:
    for document in documents(text):
        place = f"{shown}:{document.line}"
        if document.fault:
            listing.lose(place, document.fault)
        else:
            listing.add(_sigma_rule(document, place, trace))
            _about(document, listing)


def _sigma_rule(document: Document, place: str, trace: str) -> Rule:
    says = document.content
    return Rule(
        id=text_of(says, "id") or text_of(says, "title") or place,
        engine="sigma",
        text=document.text,
        trace=trace,
        title=text_of(says, "title") or place,
        author=text_of(says, "author") or _UNSTATED,
        licence=text_of(says, "license"),
        reference=text_of(says, "references"),
        place=place,
    )


def _about(document: Document, listing: Listing) -> None:
    category, product, service = source_of(document.content)
    telemetry = _KINDS.get(category)
    if telemetry is not None and telemetry not in _NOT_ASKED:
        listing.telemetry.add(telemetry)
    elif "detection" in document.content:
        listing.untold.add("/".join(part for part in (product, category, service) if part) or "any")


def _yara(path: Path, folder: Path, text: str, trace: str, listing: Listing) -> None:
    shown = path.relative_to(folder).as_posix()
    try:
        whole = with_includes(path, folder, text)
    except Unresolved as why:
        listing.lose(shown, f"YARA: {why}")
        return
    _compiled(whole, text, shown, trace, listing)


def _compiled(whole: str, own: str, shown: str, trace: str, listing: Listing) -> None:
    found, faults = compiled(whole, own)
    for line, fault in faults:
        listing.lose(f"{shown}:{line}" if line else shown, f"YARA: {fault}")
    for each in found:
        listing.add(
            Rule(
                id=each.id,
                engine="yara",
                text=whole,
                trace=trace,
                title=each.title,
                author=each.author or _UNSTATED,
                licence=each.licence,
                reference=each.reference,
                place=f"{shown}:{each.line}",
            )
        )
    if found:
        listing.telemetry.add(Telemetry.FILESYSTEM)
