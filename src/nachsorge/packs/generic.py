"""The folders of generic rules that a pack's stages name: read, checked, and joined to the pack."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nachsorge.model.pack import Pack, Trace
from nachsorge.model.words import Weight
from nachsorge.packs.rule_folder import Listing, rules_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nachsorge.packs.findings import Findings
    from nachsorge.packs.shapes import Section


@dataclass(frozen=True, slots=True)
class Generic:
    """The generic rules of one stage, from one folder, and the trace that they share."""

    trace: Trace
    folder: str
    listing: Listing


def generic_rules(folder: Path, root: Section, findings: Findings) -> tuple[Generic, ...]:
    """Read the folders that the stages name; one that is missing or empty is a problem of the pack."""
    found = []
    for stage in root.get("stages", ()):
        weight = stage.get("rule_weight", Weight.HINT)
        for number, name in enumerate(stage.get("rule_folders", ())):
            place, inside = stage.at("rule_folders"), folder / name
            if not inside.resolve().is_relative_to(folder.resolve()) or not inside.is_dir():
                findings.problem(place, f"{name!r} is no folder of the pack", "name one below the pack's own folder")
                continue
            trace = Trace(
                id=f"{stage.get('id', '?')}-generic-{number}",
                stage=stage.get("id", ""),
                weight=weight,
                title="a generic rule matched",
            )
            listing = rules_in(inside, trace.id)
            if not listing.rules:
                findings.problem(place, f"{name!r} holds no rule", "*.yml, *.yar, *.yara")
            found.append(Generic(trace, name, listing))
    return tuple(found)


def with_generic_rules(pack: Pack, generic: Sequence[Generic]) -> Pack:
    """Join them; a rule that the pack has already, as its own or in another folder, is not joined twice."""
    taken = {(rule.engine, rule.id) for rule in pack.rules}
    rules, not_understood, lost = list(pack.rules), list(pack.not_understood), dict[str, int]()
    for each in generic:
        stage = each.trace.stage
        lost[stage] = lost.get(stage, 0) + each.listing.lost
        not_understood += [f"{each.folder}/{line}" for line in each.listing.not_understood]
        for rule in each.listing.rules:
            place = f"{each.folder}/{rule.place}"
            if (rule.engine, rule.id) in taken:
                not_understood.append(f"{place}: rule {rule.id!r} is in the pack already")
                continue
            taken.add((rule.engine, rule.id))
            rules.append(replace(rule, place=place))
    said = {
        stage: f"{count} generic rules were not understood, so nobody looked for them"
        for stage, count in lost.items()
        if count
    }
    return replace(
        pack,
        rules=tuple(rules),
        traces=(*pack.traces, *(each.trace for each in generic)),
        stages=tuple(replace(s, never=s.never or said[s.id]) if s.id in said else s for s in pack.stages),
        not_understood=tuple(not_understood),
    )
