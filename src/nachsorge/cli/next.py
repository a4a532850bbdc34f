"""`nachsorge next`: which evidence to get next, and how."""

from __future__ import annotations

import json as plain_json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from nachsorge.cases.document import assessment_of
from nachsorge.cases.store import NAME as CASE_FILE
from nachsorge.cli import check, errands
from nachsorge.cli.casefile import now, opened, spoken
from nachsorge.cli.say import STDERR, write
from nachsorge.errors import InputError, UsageError
from nachsorge.locale import _
from nachsorge.model.assessment import Assessment, PackUsed
from nachsorge.model.effort import Effort
from nachsorge.model.pack import Pack
from nachsorge.model.ranking import Ranking
from nachsorge.model.times import parse_duration, render
from nachsorge.model.words import Telemetry
from nachsorge.verdicts.closing import Waiver
from nachsorge.verdicts.effort import effort_of
from nachsorge.verdicts.next_evidence import Keeping, Plan, plan
from nachsorge.verdicts.obtainable import CellId, Item, Obtainable, obtainable
from nachsorge.verdicts.rank import rank

_LINES = 20


def next_evidence(
    what: Annotated[Path, typer.Argument(help="A case's folder, or an assessment (check --json).")],
    pack: Annotated[
        list[str] | None, typer.Option("--pack", help="A pack that judged, where it is none of the shipped ones.")
    ] = None,
    retention: Annotated[
        list[str] | None,
        typer.Option(help="TELEMETRY[@PLACE]=DURATION: how long it is kept there (dns_query@site-b=90d)."),
    ] = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="So many lines.")] = _LINES,
    json: Annotated[str | None, typer.Option(help="Write the whole list as JSON; - for stdout.")] = None,
    ranked: Annotated[
        bool, typer.Option("--ranked/--unranked", help="Hosts that an attacker would want come first (nachsorge rank).")
    ] = True,
) -> None:
    """List the evidence to get next: hosts that rank high first, then most open cells settled per minute.

    Example: nachsorge next cases/3cx --retention dns_query=180d

    A line settles its cells if it covers its window and shows nothing; if it shows something, all the better.
    """
    keeping = [_keeping(word) for word in retention or []]
    found, packs, spent, ranking, waived, notes = (
        _case(what) if (what / CASE_FILE).is_file() else _document(what, pack or [])
    )
    gettable, left_out = _without(obtainable(packs, found.assets, found.sightings, found.coverage), waived)
    high = {one.asset for one in ranking.assets if one.high} if ranked else set[str]()
    first = high & {cell.asset for cell in gettable.cells}
    listed = plan(gettable, keeping, now(), first)
    effort = effort_of(packs.values(), listed, spent)
    if json:
        document = errands.as_json(listed, effort, found.label, first)
        write(json, plain_json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n")
    if json != "-":
        print(found.label)
        if first:
            print(_("first, because an attacker would want them: {assets}").format(assets=", ".join(sorted(first))))
        _print(listed, lines, effort, spoken(found, _german(packs)))
    if left_out:
        notes.append(_("{count} open cells were waived and are left out").format(count=left_out))
    for note in notes:
        STDERR.print(note)
    STDERR.print(_summary(listed))


_Found: TypeAlias = tuple[Assessment, dict[str, Pack], int | None, Ranking, frozenset[Waiver], list[str]]


def _without(found: Obtainable, waived: frozenset[Waiver]) -> tuple[Obtainable, int]:
    """Leave out the cells that somebody accepts as open, and count them."""

    def counts(cell: CellId) -> bool:
        return Waiver(cell.stage, cell.asset, cell.pack) not in waived

    cells = {cell: ways for cell, ways in found.cells.items() if counts(cell)}
    never = {cell: why for cell, why in found.never.items() if counts(cell)}
    left = len(found.cells) + len(found.never) - len(cells) - len(never)
    return (replace(found, cells=cells, never=never) if left else found), left


def _case(folder: Path) -> _Found:
    from nachsorge.cases.state import state_of
    from nachsorge.sweep.casebook import decided
    from nachsorge.sweep.caselaw import judged
    from nachsorge.sweep.rankcase import current_ranking

    with opened(folder) as case:
        state = state_of(case.entries())
        judgement = judged(case, state)
        ranking, stale = current_ranking(case, state, judgement)
    packs = {b.pack.id: b.pack for b in judgement.packs}
    waived = decided(state).waivers
    return judgement.assessment, packs, state.effort, ranking, waived, [stale] if stale else []


def _document(path: Path, words: list[str]) -> _Found:
    try:
        found = assessment_of(path.read_bytes(), str(path))
    except OSError as error:
        told = _("{path} is neither a case nor an assessment: {error}")
        raise UsageError(told.format(path=path, error=error.strerror)) from error
    given = {pack.id: pack for pack in check.packs(words, [])}
    packs: dict[str, Pack] = {}
    notes: list[str] = []
    for used in found.packs:
        one = given.get(used.id) or _shipped(used.id)
        if one is None or one.digest != used.sha256:
            why = _("is not at hand") if one is None else _("is another version than the one that judged")
            told = _(
                "the pack {id} {why}: only what the assessment names as nearest is weighed, each cell for itself; "
                "name the pack with --pack"
            )
            notes.append(told.format(id=used.id, why=why))
        else:
            packs[used.id] = _bounded(one, used)
    return found, packs, None, rank(packs, found), frozenset(), notes


def _shipped(name: str) -> Pack | None:
    try:
        return check.packs([name], [])[0]
    except (InputError, UsageError):
        return None


def _bounded(pack: Pack, used: PackUsed) -> Pack:
    """Give the pack over the window that it was judged over."""
    from nachsorge.sweep.windows import bounded

    if used.window_basis == "pack" or used.window is None:
        return pack
    return bounded([pack], [], used.window.start, used.window.end)[0].pack


def _keeping(word: str) -> Keeping:
    what, __, how_long = word.partition("=")
    telemetry, __, part = what.partition("@")
    try:
        return Keeping(Telemetry(telemetry).value, part, parse_duration(how_long))
    except ValueError as error:
        told = _("--retention {word!r}: write dns_query=90d or dns_query@site-b=90d ({error})")
        raise UsageError(told.format(word=word, error=error)) from error


def _print(listed: Plan, most: int, effort: Effort, say: Callable[[str], str]) -> None:
    for number, line in enumerate(listed.lines[:most], start=1):
        print(f"{number:3}  {errands.place_words(line.item)} | {_wants(line.item)}")
        print(f"     {errands.settles(line)}")
        told = _(
            "{low} to {high} min; with the lines above: {settled} cells in about {minutes} min; nothing settles more "
            "than {most} in that time"
        )
        figures = {"low": line.item.low, "high": line.item.high, "minutes": line.minutes, "most": line.most}
        print("     " + told.format(settled=line.settled, **figures))
        for way in errands.ways(line.item):
            print(f"     - {way}")
        print("     " + _("kept: {how_long}").format(how_long=errands.kept(line)))
    if len(listed.lines) > most:
        rest = len(listed.lines) - most
        print("     " + _("{count} more lines: --lines {all}").format(count=rest, all=len(listed.lines)))
    for item, gone in listed.lost:
        where = f"{errands.place_words(item)} | {_wants(item)}"
        print(_("TOO LATE  {where}: its first part went {day}").format(where=where, day=render(gone)[:10]))
    for cell, why in listed.never:
        told = say(why) or _("the pack names nothing that would settle it")
        print(_("NOT BY EVIDENCE  {cell}: {why}").format(cell=f"{cell.asset} {cell.stage}", why=told))
    if listed.lines or listed.never:
        for text in errands.effort(effort):
            print(text)


def _german(packs: Mapping[str, Pack]) -> dict[str, str]:
    """Give why no evidence settles a stage, in the packs' own German."""
    stages = [stage for pack in packs.values() for stage in pack.stages]
    return {stage.never: stage.never_de for stage in stages if stage.never_de}


def _wants(item: Item) -> str:
    return "; ".join(errands.want_words(want) for want in item.wants)


def _summary(listed: Plan) -> str:
    settled = listed.lines[-1].settled if listed.lines else 0
    return _("{open} open cells: {settled} can be settled by {errands} errands, {never} by no evidence").format(
        open=listed.open, settled=settled, errands=len(listed.lines), never=len(listed.never)
    )
