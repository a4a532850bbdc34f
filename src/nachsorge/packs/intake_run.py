"""One import from its first report to the pack's files: take in, merge, look for traps, ask, write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nachsorge.model.words import IndicatorType, Tlp
from nachsorge.packs import decisions as kept
from nachsorge.packs import intake_table, warning_lists
from nachsorge.packs.decisions import Decision
from nachsorge.packs.homes import apart
from nachsorge.packs.importers.seams import Statement, Subject
from nachsorge.packs.intake import Intake, Reading, Source, take_in
from nachsorge.packs.intake_rules import IMPORTED, Home, Placed, homes_of, place
from nachsorge.packs.intake_write import Standing, standing, write
from nachsorge.packs.intake_yaml import STAGES, Writing
from nachsorge.packs.merge import Conflict, Mention, Merged, conflicts, merge
from nachsorge.packs.traps import Trap, traps
from nachsorge.packs.warning_lists import WarningLists

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nachsorge.model.pack import Pack

    Decide = Callable[[Trap], Decision | None]


@dataclass(slots=True)
class Result:
    """What an import found, for people to look at; `written` names the files."""

    intake: Intake
    values: list[Merged]
    new: list[Merged]
    traps: list[Trap]
    conflicts: list[Conflict]
    decisions: dict[tuple[IndicatorType, str], Decision]
    lists: WarningLists | None
    mentions: list[Mention]
    written: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)

    @property
    def undecided(self) -> list[Trap]:
        """Give the traps on which nobody has decided."""
        return [trap for trap in self.traps if (trap.type, trap.value) not in self.decisions]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the author says beside the reports."""

    vendors: Sequence[str] = ()
    lists: Path | None = None
    tlp: Tlp | None = None
    window: tuple[str, str] | None = None
    related: Sequence[str] = ()


def run(
    reports: Sequence[Path], folder: Path, how: Reading, wishes: Wishes, decide: Decide, *, dry: bool = False
) -> Result:
    """Import reports into a pack's folder; with `dry` nothing is written.

    Raises:
        PackError: a report or what stands in the folder cannot be used.
        UsageError: the folder is no place for a pack, or an option means nothing.
    """
    at = standing(folder)
    intake = take_in(reports, how)
    before = intake_table.earlier(folder)
    standing_homes = homes_of(at.pack)[0] if at.pack is not None else {}
    given, homes, renamed = apart(intake.mentions, standing_homes)
    # A table that people wrote keeps its own traces; those that reports name mean nothing there.
    intake.not_understood += renamed if at.ours else []
    mentions = list(dict.fromkeys([*before, *given]))
    values = merge(mentions)
    lists = warning_lists.load(wishes.lists, warning_lists.keys_of((each.type, each.value) for each in values))
    earlier = {(each.type, each.value) for each in merge(before)}
    found = traps(values, wishes.vendors, at.words(), lists)
    decided = kept.read(folder)
    flagged = {(trap.type, trap.value) for trap in found}
    said = {(each.type, each.value): each for each in values if (each.type, each.value) in flagged}
    for number, trap in enumerate(found, 1):
        told = replace(trap, named_by=_named_by(said[trap.type, trap.value]), more=len(found) - number)
        choice = None if (trap.type, trap.value) in decided else decide(told)
        if choice is not None:
            decided[trap.type, trap.value] = choice
    result = Result(
        intake=intake,
        values=values,
        new=[each for each in values if (each.type, each.value) not in earlier],
        traps=found,
        conflicts=conflicts(values),
        decisions=decided,
        lists=lists,
        mentions=mentions,
    )
    rules = place(intake, folder, at.pack, homes if at.ours else standing_homes, ours=at.ours)
    result.rules = rules.named
    intake.not_understood += [*rules.notes, *_several_homes(values)]
    if not dry:
        what = _writing(at, result, wishes, rules)
        result.written = write(at, what, intake_table.imports_text(mentions), rules)
    return result


def _named_by(value: Merged) -> tuple[str, ...]:
    """Give each source with the first place and note of its mention."""
    first = {each.source: each for each in reversed(value.mentions)}
    said = [(name, ", ".join(part for part in (first[name].place, first[name].note) if part)) for name in value.sources]
    return tuple(f"{name} ({words})" if words else name for name, words in said)


def _several_homes(values: Sequence[Merged]) -> list[str]:
    """Tell which values stood on several traces of an exported pack; a row here has room for one."""
    found = [each for each in values if len(each.homes) > 1]
    return [f"{each.type} {each.value}: stands on {', '.join(each.homes)}; the first is taken" for each in found]


def _homes(at: Standing, values: Sequence[Merged], rules: Placed) -> tuple[dict[str, Home], dict[str, Home | None]]:
    """Give the homes of traces that exported packs named, and of all folders of imported rules."""
    traces, folders = homes_of(at.pack) if at.pack is not None and at.ours else ({}, {})
    for each in values:
        for one in each.mentions:
            if one.home is not None:
                trace, stage, rung = one.home
                traces.setdefault(trace, Home(stage, rung, one.weight))
    traces = rules.traces | traces
    ours = intake_table.trace_names()
    imported = at.folder / IMPORTED
    standing_folders = sorted(each.name for each in imported.iterdir()) if imported.is_dir() else []
    kept = {folder: home if home.stage not in STAGES else None for folder, home in folders.items()}
    bare: dict[str, Home | None] = dict.fromkeys(f"{IMPORTED}/{name}" for name in standing_folders)
    return {name: home for name, home in traces.items() if name not in ours}, bare | kept | rules.folders


def _writing(at: Standing, result: Result, wishes: Wishes, rules: Placed) -> Writing:
    old = at.pack if at.ours else None
    sources = {**_sources(at.pack), **result.intake.sources}
    statements = [*_statements(old), *result.intake.statements]
    reasons: dict[tuple[IndicatorType, str], list[str]] = {}
    for trap in result.traps:
        reasons.setdefault((trap.type, trap.value), []).append(trap.reason)
    homes, folders = _homes(at, result.values, rules)
    return Writing(
        id=at.folder.resolve().name,
        values=result.values,
        sources=sources,
        statements=statements,
        decisions=result.decisions,
        reasons=reasons,
        tlp=wishes.tlp,
        window=wishes.window or _window(at),
        related=tuple(dict.fromkeys([*(old.related if old else ()), *wishes.related])),
        rule_folders=folders,
        lost=_lost(at, result),
        homes=homes,
        at_home={trace: set() for trace in _tested(at, rules)},
    )


def _tested(at: Standing, rules: Placed) -> list[str]:
    """Give the traces that a pack's own rules test, those that stand and those to come."""
    standing = at.pack.rules if at.pack is not None and at.ours else ()
    return [*(rule.trace for rule in standing if not rule.place.startswith(f"{IMPORTED}/")), *rules.traces]


def _sources(pack: Pack | None) -> Mapping[str, Source]:
    listed = pack.sources if pack else ()
    return {s.id: Source(id=s.id, publisher=s.publisher, title=s.title, date=s.date, where=s.where) for s in listed}


def _statements(pack: Pack | None) -> list[tuple[str, Statement]]:
    if pack is None:
        return []
    found = [("", Statement(subject=Subject.TITLE, says=pack.title, place="pack.yaml"))]
    for each in pack.attributions:
        actor = Statement(subject=Subject.ACTOR, says=each.says, place="pack.yaml", date=each.date, basis=each.basis)
        found.append((each.by, actor))
    for alias in pack.aliases:
        name, _, by = alias.removesuffix(")").rpartition(" (")
        statement = Statement(subject=Subject.ALIAS, says=name, place="pack.yaml")
        found += [(source.strip(), statement) for source in by.split(",")]
    return found


def _window(at: Standing) -> tuple[str, str] | None:
    """Give the window of a pack.yaml of ours, in the spelling in which it was given."""
    found = re.search(r"\{from: (\S+), to: (\S+)\}", at.pack_yaml) if at.ours else None
    return (found[1], found[2]) if found else None


def _lost(at: Standing, result: Result) -> int:
    """Count what nobody looks for; a report that is imported again is not counted again."""
    now = sum(lost for *_, lost in result.intake.counts)
    stages = at.pack.stages if at.pack and at.ours else ()
    counts = [re.match(r"(\d+) entries of the reports", stage.never) for stage in stages]
    before = max((int(count[1]) for count in counts if count), default=0)
    known = {source.id for source in at.pack.sources} if at.pack else set()
    return max(now, before) if set(result.intake.sources) <= known else now + before
