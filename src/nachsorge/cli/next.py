"""`nachsorge next`: which evidence to get next, and how."""

from __future__ import annotations

import json as plain_json
from pathlib import Path
from typing import Annotated

import typer

from nachsorge.cases.document import assessment_of
from nachsorge.cases.store import NAME as CASE_FILE
from nachsorge.cli import check, errands
from nachsorge.cli.casefile import now, opened
from nachsorge.cli.say import STDERR, write
from nachsorge.errors import InputError, UsageError
from nachsorge.model.assessment import Assessment, PackUsed
from nachsorge.model.pack import Pack
from nachsorge.model.times import parse_duration, render
from nachsorge.model.words import Telemetry
from nachsorge.verdicts.next_evidence import Keeping, Plan, plan
from nachsorge.verdicts.obtainable import Item, obtainable

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
) -> None:
    """List the evidence to get next: most open cells settled per minute first.

    Example: nachsorge next cases/3cx --retention dns_query=180d

    A line settles its cells if it covers its window and shows nothing; if it shows something, all the better.
    """
    keeping = [_keeping(word) for word in retention or []]
    found, packs, spent, notes = _case(what) if (what / CASE_FILE).is_file() else _document(what, pack or [])
    listed = plan(obtainable(packs, found.assets, found.sightings, found.coverage), keeping, now())
    if json:
        write(json, plain_json.dumps(errands.as_json(listed), indent=2, ensure_ascii=False).encode() + b"\n")
    if json != "-":
        _print(listed, lines, spent, errands.late(packs.values(), listed))
    for note in notes:
        STDERR.print(note)
    STDERR.print(_summary(listed))


def _case(folder: Path) -> tuple[Assessment, dict[str, Pack], int, list[str]]:
    from nachsorge.cases.state import state_of
    from nachsorge.sweep.caselaw import judged

    with opened(folder) as case:
        state = state_of(case.entries())
        judgement = judged(case, state)
    return judgement.assessment, {b.pack.id: b.pack for b in judgement.packs}, state.effort, []


def _document(path: Path, words: list[str]) -> tuple[Assessment, dict[str, Pack], int, list[str]]:
    try:
        found = assessment_of(path.read_bytes(), str(path))
    except OSError as error:
        raise UsageError(f"{path} is neither a case nor an assessment: {error.strerror}") from error
    given = {pack.id: pack for pack in check.packs(words, [])}
    packs: dict[str, Pack] = {}
    notes: list[str] = []
    for used in found.packs:
        one = given.get(used.id) or _shipped(used.id)
        if one is None or one.digest != used.sha256:
            why = "is not at hand" if one is None else "is another version than the one that judged"
            notes.append(
                f"the pack {used.id} {why}: only what the assessment names as nearest is weighed, each cell for "
                "itself; name the pack with --pack"
            )
        else:
            packs[used.id] = _bounded(one, used)
    return found, packs, 0, notes


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
    what, _, how_long = word.partition("=")
    telemetry, _, part = what.partition("@")
    try:
        return Keeping(Telemetry(telemetry).value, part, parse_duration(how_long))
    except ValueError as error:
        raise UsageError(f"--retention {word!r}: write dns_query=90d or dns_query@site-b=90d ({error})") from error


def _print(listed: Plan, most: int, spent: int, late: str) -> None:
    for number, line in enumerate(listed.lines[:most], start=1):
        print(f"{number:3}  {errands.place_words(line.item)} | {_wants(line.item)}")
        print(f"     {errands.settles(line)}")
        print(
            f"     {line.item.low} to {line.item.high} min; with the lines above: {line.settled} cells in about "
            f"{line.minutes} min; nothing settles more than {line.most} in that time"
        )
        for way in errands.ways(line.item):
            print(f"     - {way}")
        print(f"     kept: {errands.kept(line)}")
    if len(listed.lines) > most:
        print(f"     {len(listed.lines) - most} more lines: --lines {len(listed.lines)}")
    for item, gone in listed.lost:
        print(f"TOO LATE  {errands.place_words(item)} | {_wants(item)}: its first part went {render(gone)[:10]}")
    for cell, why in listed.never:
        print(f"NOT BY EVIDENCE  {cell.asset} {cell.stage}: {why or 'the pack names nothing that would settle it'}")
    if listed.lines:
        print(f"effort: {spent} min so far; {listed.low} to {listed.high} min for all lines")
        print("        (low: every errand is a remote command; high: somebody has to be asked for each; our estimate)")
        print(f"        {late}")


def _wants(item: Item) -> str:
    return "; ".join(errands.want_words(want) for want in item.wants)


def _summary(listed: Plan) -> str:
    settled = listed.lines[-1].settled if listed.lines else 0
    can = f"{settled} can be settled by {len(listed.lines)} errands, {len(listed.never)} by no evidence"
    return f"{listed.open} open cells: {can}"
