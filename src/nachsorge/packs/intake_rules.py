"""Rules that reports bring -> the files of a pack, each with the stage that it shows, as far as anybody said.

A rule that this program exported names its trace itself and goes where a pack's own rules stand. Any other is a generic
rule: it goes to a folder of its source, which a stage names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from nachsorge.model.words import Rung, Weight
from nachsorge.packs.findings import Findings
from nachsorge.packs.nodes import is_ident
from nachsorge.packs.rule_folder import rules_of
from nachsorge.packs.rules import sigma_rule, yara_rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nachsorge.model.pack import Pack, Rule
    from nachsorge.packs.importers.seams import Carried, Item
    from nachsorge.packs.intake import Intake

IMPORTED = "rules/imported"
_OWN = {"sigma": (sigma_rule, "rules/sigma", ".yml"), "yara": (yara_rule, "rules/yara", ".yar")}


@dataclass(frozen=True, slots=True)
class Home:
    """The stage on which something stands, and what meeting it is worth."""

    stage: str
    rung: Rung
    weight: Weight

    @classmethod
    def of(cls, item: Item) -> Home:
        """Give the home that an item names."""
        return cls(item.stage, Rung.EXPOSED if item.rung is None else item.rung, item.weight)


@dataclass(slots=True)
class Placed:
    """Files of rules by their place in the pack; the homes of traces and of folders of generic rules.

    A folder without a home is looked for on the stage of what is present. `notes` say what could not be kept.
    """

    files: dict[str, Path | bytes] = field(default_factory=dict)
    traces: dict[str, Home] = field(default_factory=dict)
    folders: dict[str, Home | None] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)


def place(intake: Intake, folder: Path, standing: Pack | None, homes: Mapping[str, Home], *, ours: bool) -> Placed:
    """Give every rule its place; `ours` says that the traces and stages of the pack may be added to.

    `homes` are those of all traces that the pack has or will have. A rule says itself which trace it shows, so it goes
    among the generic ones of its stage where a trace of this name is of another stage.
    """
    into = Placed()
    for source, root, path in intake.rules:
        into.folders[f"{IMPORTED}/{source}"] = None
        below = f"{IMPORTED}/{source}/{path.relative_to(root).as_posix()}"
        into.files[below] = path
        _count(path, root, below, into)
    known = frozenset(trace.id for trace in standing.traces) if standing else frozenset()
    taken = {(each.engine, each.id): each for each in standing.rules} if standing else {}
    for source, each in intake.carried:
        other = homes.get(each.item.trace) or into.traces.get(each.item.trace)
        elsewhere = other.stage if other is not None and other.stage != each.item.stage else ""
        _one(source, each, folder, into, known=known, taken=taken, ours=ours, elsewhere=elsewhere)
    return into


def _count(path: Path, root: Path, below: str, into: Placed) -> None:
    listing = rules_of([path], root, "")
    count = "1 rule" if len(listing.rules) == 1 else f"{len(listing.rules)} rules"
    into.named.append(f"{path}: {count}: {below}")
    into.notes += [f"{root}: {each}" for each in listing.not_understood]


def homes_of(pack: Pack) -> tuple[dict[str, Home], dict[str, Home]]:
    """Give the homes of the traces of a pack, and of its folders of imported rules."""
    traces = {}
    for trace in pack.traces:
        traces[trace.id] = Home(trace.stage, pack.stages_by_id[trace.stage].rung, trace.weight)
    folders = {}
    for rule in pack.rules:
        parts = rule.place.split("/")
        if rule.place.startswith(f"{IMPORTED}/") and len(parts) > 3:
            folders["/".join(parts[:3])] = traces[rule.trace]
    return traces, folders


def _one(
    source: str,
    found: Carried,
    folder: Path,
    into: Placed,
    *,
    known: frozenset[str],
    taken: dict[tuple[str, str], Rule],
    ours: bool,
    elsewhere: str,
) -> None:
    rule, item = found.rule, found.item
    named = f"{rule.engine} rule {rule.id}"
    before = taken.setdefault((rule.engine, rule.id), rule)
    if before.text.strip() != rule.text.strip():
        into.notes.append(f"{found.place}: {named}: the pack has one of this id with another text: not taken")
        return
    _, own_folder, ending = _OWN[rule.engine]
    if not elsewhere and _names_its_trace(found) and (ours or item.trace in known):
        path = f"{own_folder}/{_slug(rule.id)}{ending}"
        into.traces[item.trace] = Home.of(item)
    else:
        below = f"{IMPORTED}/{source}"
        if item.trace:
            below = f"{below}-{_slug(item.stage)}-{item.weight}"
            why = f": one of this name is of the stage {elsewhere!r}" if elsewhere else ""
            lost = f"a generic rule of its stage; the trace {item.trace!r} is lost{why}"
            into.notes.append(f"{found.place}: {named}: {lost}")
        into.folders[below] = Home.of(item) if item.trace and is_ident(item.stage) else None
        path = f"{below}/{_slug(rule.id)}{ending}"
    content = rule.text.encode("utf-8")
    other = into.files.setdefault(path, content)
    standing = folder / path
    if other != content or (standing.is_file() and standing.read_bytes() != content):
        path = f"{path.removesuffix(ending)}-{len(into.files)}{ending}"
        into.files[path] = content
    into.named.append(f"{named}: {path}")


def _names_its_trace(found: Carried) -> bool:
    """Tell whether the text says itself what a pack's own rule has to: trace, author, licence."""
    findings = Findings()
    read = _OWN[found.rule.engine][0](found.rule.text, "", findings)
    said = read is not None and not findings.problems and read.trace == found.item.trace
    return said and is_ident(found.item.trace) and is_ident(found.item.stage)


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-")[:80] or "rule"
