"""`nachsorge case`: a case on disk, kept open until the evidence allows closing it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from nachsorge.cases import decisions
from nachsorge.cases.diff import changes
from nachsorge.cases.document import assessment_of
from nachsorge.cases.state import state_of
from nachsorge.cases.store import new_case
from nachsorge.cases.timeline import as_csv, timeline, timesketch
from nachsorge.cases.told import told as told_of
from nachsorge.cli import decide, missing_words
from nachsorge.cli.casefile import NAMED, into, kept_label, looked_at, now, opened, report, spoken, tell_changes, who
from nachsorge.cli.decide import By, Folder
from nachsorge.cli.ranking_words import not_known
from nachsorge.cli.say import STDERR, page, write
from nachsorge.errors import UsageError
from nachsorge.exports.assessment_json import dumps
from nachsorge.locale import _, language, ngettext, speaking
from nachsorge.model.times import parse_end, parse_instant, render
from nachsorge.reports import moments, notes
from nachsorge.reports.languages import CATALOGUES
from nachsorge.reports.localise import localised
from nachsorge.reports.one_line import one_line
from nachsorge.reports.view import ordered
from nachsorge.sharing.labels import most_restrictive
from nachsorge.verdicts.closing import Missing
from nachsorge.verdicts.untold import untold

SHOWN = 100
"""Assets and decisions that `case show` lists."""

app = typer.Typer(
    help="A case on disk: evidence, decisions, assessments; closed when nothing is missing.\n\n"
    "Example: nachsorge case new cases/3cx --title '3CX, spring 2023'",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Form(StrEnum):
    """How a timeline is written."""

    TEXT = "text"
    CSV = "csv"
    TIMESKETCH = "timesketch"


@app.command()
def new(
    folder: Folder, title: Annotated[str, typer.Option(help="What the case is about.")] = "", by: By = None
) -> None:
    """Make a case: one folder with one file, and a place for reports."""
    new_case(folder, title or folder.name, now(), who(by))
    told = _("{folder}: a new case; add evidence with: nachsorge case add {folder} EVIDENCE... --pack PACK")
    print(told.format(folder=folder))


@app.command()
def add(
    folder: Folder,
    evidence: Annotated[list[str] | None, typer.Argument(help="Files, folders, archives.")] = None,
    pack: Annotated[list[str] | None, typer.Option("--pack", help="A pack, or a new version of one.")] = None,
    claims: Annotated[
        Path | None, typer.Option(help="YAML file with claims of your own about the (first) --pack.")
    ] = None,
    inventory: Annotated[list[Path] | None, typer.Option(help="The assets in scope, from now on.")] = None,
    asset: Annotated[list[str] | None, typer.Option(help="NAME=PATH: whose evidence a path is.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="Begin of the window (ISO 8601).")] = None,
    end: Annotated[str | None, typer.Option("--to", help="End of the window (ISO 8601).")] = None,
    again: Annotated[bool, typer.Option("--again", help="Read also what is known and unchanged.")] = False,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 for one a core.")] = 0,
    by: By = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the summary line.")] = False,
) -> None:
    """Add evidence, packs, an inventory; read what is new and judge again.

    Exit codes: those of check, over everything in the case.
    """
    from nachsorge.cli import check  # it knows this module

    given = check.evidence_of(evidence or [], asset or [])
    if not (given or pack or inventory or start or end or again):
        raise UsageError(_("give something to add: evidence, --pack, --inventory, --from, --to"))
    if claims is not None and not pack:
        raise UsageError(_("--claims speaks of a pack: name it with --pack"))
    found = into(
        folder,
        given,
        packs=check.packs(pack or [], []),
        claims=claims,
        inventory=inventory,
        assets=check.assets_of(asset or []),
        window=(check.time_of(start, "--from", parse_instant), check.time_of(end, "--to", parse_end)),
        jobs=jobs,
        again=again,
        by=who(by),
        quiet=quiet,
    )
    if not quiet:
        tell_changes(found)
    STDERR.print(one_line(found.judgement.assessment, language()))
    raise typer.Exit(found.judgement.assessment.summary.exit)


@app.command()
def show(
    folder: Folder,
    json: Annotated[str | None, typer.Option(help="Write the assessment as JSON; - for stdout.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="The whole report.")] = False,
) -> None:
    """Show where the case stands: verdicts, decisions laid over them, and what stands against closing."""
    state, found, lacking = looked_at(folder)
    if json:
        write(json, dumps(found))
        return
    if verbose:
        page(found, verbose=True)
    print(found.label)
    closed = _("open")
    if state.closed:
        closed = _("closed {time} by {who}").format(time=state.closed.time, who=state.closed.by)
    told = _("{title}: {closed}; {units} units of evidence, {minutes} minutes of work so far")
    print(told.format(title=state.title, closed=closed, units=len(state.current()), minutes=state.effort))
    texts = CATALOGUES[language()]
    say = spoken(found)
    owners = decisions.owners(state.decisions)
    cleaned = dict(decisions.remedies(state.decisions))
    rows = found.assets if verbose or len(found.assets) <= SHOWN else ordered(found)[:SHOWN]
    for row in rows:
        name = row.asset.id
        marks = [_("owner {name}").format(name=owners[name])] if name in owners else []
        marks += [_("remediated {time}").format(time=render(cleaned[name]))] if name in cleaned else []
        reached = " " + _("up to {stage}").format(stage=row.stage) if row.stage else ""
        print(f"  {name}  {texts.verdicts[row.verdict]}{reached}  {'; '.join(marks)}".rstrip())
    if len(rows) < len(found.assets):
        print("  " + _("and {count} more assets, none worse: -v, --json").format(count=len(found.assets) - len(rows)))
    for claim in found.claims:
        why = "; ".join(map(say, claim.because[:2]))
        answer = texts.answers.get(claim.answer, claim.answer)
        print("  " + _("claim {claim}: {answer}: {why}").format(claim=claim.id, answer=answer, why=why))
    recent = state.decisions if verbose else state.decisions[-SHOWN:]
    if len(recent) < len(state.decisions):
        earlier = len(state.decisions) - len(recent)
        print("  " + _("{count} earlier decisions: nachsorge case log").format(count=earlier))
    for entry in recent:
        told = _("decided {time} by {who}: {what}")
        print("  " + told.format(time=entry.time[:16], who=entry.by, what=told_of(entry, say)))
    _lacking(lacking)
    STDERR.print(one_line(found, language()))


def _lacking(lacking: Sequence[Missing]) -> None:
    if not lacking:
        print(_("Nothing stands against closing."))
        return
    print(_("Against closing: {count}").format(count=len(lacking)))
    listed = list(missing_words.lines(lacking))
    for _number, line in listed[:NAMED]:
        print(f"  - {line}")
    if len(listed) > NAMED:
        print("  " + _("and {count} more: nachsorge case close lists all").format(count=len(listed) - NAMED))


def _noted(text: str) -> str:
    return notes.say(text, language())


@app.command()
def log(folder: Folder) -> None:
    """List everything that happened in the case, and the digest that the chain ends with."""
    with opened(folder) as case:
        entries = case.entries()
        print(kept_label(case))
    for entry in entries:
        print(f"{entry.seq}  {entry.time[:19]}Z  {entry.by}  {told_of(entry, _noted)}")
    print(_("the chain ends with {digest}").format(digest=entries[-1].digest if entries else "-"))


@app.command()
def verify(folder: Folder) -> None:
    """Prove the chain and the stored bytes, and judge again what is stored. Exit code 1 where something differs."""
    from nachsorge.sweep.casebook import verify as proved

    with opened(folder) as case:
        found = proved(case)
        entries = case.entries() if not found else []
    for line in found:
        print(line)
    if found:
        raise typer.Exit(1)
    told = _("{count} entries hang together; the last assessment comes out again, byte for byte")
    print(told.format(count=len(entries)))
    print(_("the chain ends with {digest}").format(digest=entries[-1].digest))


@app.command()
def close(
    folder: Folder,
    reason: Annotated[str, typer.Option("--reason", help="What is said at closing.")] = "",
    each: Annotated[bool, typer.Option("--each", help="Also what many assets lack alike, one by one.")] = False,
    by: By = None,
) -> None:
    """Close the case, if nothing is missing; else list all that is, most useful first, with exit code 1."""
    from nachsorge.sweep.casebook import assess

    with opened(folder) as case:
        found = assess(case, now(), who(by))
        if not found.missing and found.state.closed is None:
            case.append("closed", {"reason": reason or "nothing is missing"}, now(), who(by))
    report(folder, found)
    packs = {bounded.pack.id: bounded.pack for bounded in found.judgement.packs}
    for unsaid in untold(packs, found.judgement.assessment.assets):
        print(not_known(unsaid))
    if found.missing:
        print(found.judgement.assessment.label)
        lacks = len(found.missing)
        told = ngettext("not closed, {count} thing is missing:", "not closed, {count} things are missing:", lacks)
        print(told.format(count=lacks))
        for number, line in missing_words.lines(found.missing, each=each):
            print(f"{number:4}  {line}")
        raise typer.Exit(1)
    if found.state.closed is None:
        print(_("closed"))
    else:
        print(_("closed already, {time}").format(time=found.state.closed.time))


@app.command()
def diff(
    folder: Folder,
    first: Annotated[
        int | None, typer.Argument(help="An assessment's number in the log. Default: the last but one.")
    ] = None,
    second: Annotated[int | None, typer.Argument(help="Another one. Default: the last.")] = None,
) -> None:
    """Tell what became known, what got worse, and what was opened again, between two assessments of the case."""
    with opened(folder) as case:
        assessed = state_of(case.entries()).assessed
        numbers = [one.seq for one in assessed]
        if len(assessed) < 2:
            raise UsageError(_("there are not two assessments yet"))
        asked = (first if first is not None else numbers[-2], second if second is not None else numbers[-1])
        if unknown := [str(number) for number in asked if number not in numbers]:
            told = _("no assessment {unknown}; there are {known}")
            raise UsageError(told.format(unknown=", ".join(unknown), known=", ".join(map(str, numbers))))
        by_number = {one.seq: one for one in assessed}
        before, after = (assessment_of(case.blob(by_number[n].document), f"assessment {n}") for n in asked)
    found = changes(before, after)
    print(most_restrictive([before.label, after.label]))
    say = spoken(after)
    for change in found:
        print(change.told(say))
    first_time, last_time = (f"{by_number[number].time[:19]}Z" for number in asked)
    told = ngettext("{count} change from {first} to {last}", "{count} changes from {first} to {last}", len(found))
    print(told.format(count=len(found), first=first_time, last=last_time))


@app.command("timeline")
def show_timeline(
    folder: Folder,
    asset: Annotated[str, typer.Option("--asset", help="Of one asset only.")] = "",
    form: Annotated[Form, typer.Option("--format", help="text, csv, or JSON lines for Timesketch.")] = Form.TEXT,
    output: Annotated[str, typer.Option("--output", "-o", help="A file; - for stdout.")] = "-",
) -> None:
    """Give what happened when: versions, first runs, contacts, detections, stored times, decisions."""
    state, found, __ = looked_at(folder)
    # What other tools read is the same whoever asked for it.
    lang = language() if form is Form.TEXT else "en"
    with speaking(lang):
        listed = timeline(localised(found, lang), [*state.decisions], asset)
    match form:
        case Form.CSV:
            write(output, as_csv(listed))
        case Form.TIMESKETCH:
            write(output, timesketch(listed))
        case Form.TEXT:
            lines = (f"{render(e.time)[:19]}Z  {moments.named(e.what)}: {e.message}\n" for e in listed.events)
            write(output, "".join((f"{listed.label}\n", *lines)).encode("utf-8", "backslashreplace"))
    sys.stdout.flush()
    if listed.timeless:
        told = _("{count} sightings have no time and stand in none of these lines")
        STDERR.print(told.format(count=listed.timeless))


decide.register(app)
