"""`nachsorge pack import`: reports become the values of a pack, with everybody who names them."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from nachsorge.cli.say import STDERR
from nachsorge.errors import UsageError
from nachsorge.model.times import parse_end, parse_instant
from nachsorge.model.words import IndicatorType, Tlp
from nachsorge.packs.decisions import Choice, Decision
from nachsorge.packs.intake import Reading
from nachsorge.packs.intake_run import Result, Wishes, run
from nachsorge.packs.merge import Conflict, Merged
from nachsorge.packs.traps import Trap

SHOWN = 40
"""Rows of a table before the rest is counted only."""


def import_reports(
    reports: Annotated[list[Path], typer.Argument(help="Reports, lists, MISP feeds, files and folders of rules.")],
    into: Annotated[Path, typer.Option("--into", help="Folder of the pack; a new one, or one that stands.")],
    source: Annotated[
        list[str] | None, typer.Option("--source", help="FILE=NAME: who says it. Default: the file's name.")
    ] = None,
    columns: Annotated[
        list[str] | None, typer.Option("--map", help="COLUMN=WORD: what a column of a CSV file is, or ignore.")
    ] = None,
    ecosystem: Annotated[str, typer.Option(help="Ecosystem of package names without one: npm, pypi ...")] = "",
    vendor: Annotated[list[str] | None, typer.Option(help="A domain of the vendor's own; may be repeated.")] = None,
    lists: Annotated[
        Path | None,
        typer.Option("--warning-lists", help="Folder of MISP warning lists. Default: the installed package, if any."),
    ] = None,
    keep: Annotated[list[str] | None, typer.Option(help="Decide: look for this value as it is.")] = None,
    hint: Annotated[list[str] | None, typer.Option(help="Decide: look for this value, as a hint only.")] = None,
    drop: Annotated[list[str] | None, typer.Option(help="Decide: keep this value in the table, do not look.")] = None,
    because: Annotated[str, typer.Option(help="The ground of these decisions.")] = "",
    by: Annotated[str, typer.Option(help="Who decides.")] = "",
    start: Annotated[str, typer.Option("--from", help="Begin of the incident (ISO 8601).")] = "",
    end: Annotated[str, typer.Option("--to", help="End of the incident (ISO 8601).")] = "",
    related: Annotated[list[str] | None, typer.Option(help="Id of a pack that this one hangs together with.")] = None,
    tlp: Annotated[str, typer.Option(help="Label of a new pack. Default: the strictest of its values.")] = "",
    partial: Annotated[bool, typer.Option("--partial", help="Take what stands before the break of a file.")] = False,
    interactive: Annotated[bool, typer.Option("--interactive", "-i", help="Ask about every trap.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show, write nothing.")] = False,
    show_all: Annotated[bool, typer.Option("--all", help="Show every row of every table.")] = False,
) -> None:
    """Import reports into a pack: merge, corroborate, flag what may be a mistake.

    Example: nachsorge pack import report.html iocs.csv --into packs/incident-2026 --vendor vendor.example

    Exit codes: 0 done; 2 a report, the folder or an option cannot be used, and nothing was written.
    """
    how = Reading(
        names=_pairs(source, "--source"), columns=_pairs(columns, "--map"), ecosystem=ecosystem, partial=partial
    )
    label = _label(tlp)
    wishes = Wishes(vendors=vendor or [], lists=lists, tlp=label, window=_window(start, end), related=related or [])
    chosen = {value: choice for choice, each in _choices(keep, hint, drop) for value in each}
    if interactive and not sys.stdin.isatty():
        STDERR.print("--interactive without a terminal: answers are read from standard input")
    result = run(reports, into, how, wishes, _decider(chosen, because, by, interactive), dry=dry_run)
    _unused(chosen, result)
    _show(result, show_all)
    STDERR.print(_closing(result, into))


def _pairs(words: list[str] | None, option: str) -> dict[str, str]:
    pairs = {}
    for word in words or []:
        name, equals, value = word.rpartition("=")
        if not equals or not name or not value:
            raise UsageError(f"{option} {word!r}: write NAME=VALUE")
        pairs[name] = value
    return pairs


def _label(text: str) -> Tlp | None:
    if not text:
        return None
    try:
        return Tlp(text.upper().removeprefix("TLP:"))
    except ValueError as error:
        raise UsageError(f"--tlp {text!r}: one of {', '.join(Tlp)}") from error


def _window(start: str, end: str) -> tuple[str, str] | None:
    if not start and not end:
        return None
    try:
        first, last = parse_instant(start), parse_end(end)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--from and --to belong together: {error}; write 2023-03-01") from error
    if first > last:
        raise UsageError("--to lies before --from")
    return start, end


def _choices(keep: list[str] | None, hint: list[str] | None, drop: list[str] | None) -> list[tuple[Choice, list[str]]]:
    return [(Choice.KEEP, keep or []), (Choice.HINT, hint or []), (Choice.DROP, drop or [])]


class _decider:  # noqa: N801  used like the function that it stands for
    """Decides by the options, or asks."""

    def __init__(self, chosen: dict[str, Choice], because: str, by: str, ask: bool) -> None:
        self._chosen, self._because, self._by, self._ask = chosen, because, by, ask
        self._asked = 0

    def __call__(self, trap: Trap) -> Decision | None:
        choice, because = self._chosen.get(trap.value), self._because
        if choice is None and self._ask:
            choice, because = self._answer(trap)
        if choice is None:
            return None
        today = time.strftime("%Y-%m-%d", time.gmtime())
        return Decision(
            type=trap.type,
            value=trap.value,
            choice=choice,
            trap=trap.kind,
            reason=trap.reason,
            because=because,
            by=self._by,
            date=today,
        )

    def _answer(self, trap: Trap) -> tuple[Choice | None, str]:
        try:
            found = _asked(trap)
        except typer.Abort:
            STDERR.print(
                f"\nstopped: nothing was written, and your answers so far ({self._asked}) are gone; q keeps them"
            )
            raise
        self._asked += 1
        if found is None:
            self._ask = False
            return None, ""
        return found


def _asked(trap: Trap) -> tuple[Choice | None, str] | None:
    """Ask about one value; None where no more questions are wanted."""
    STDERR.print(f"\n{trap.type.value} {trap.value}: {trap.reason} [{trap.kind}]")
    for line in trap.named_by:
        STDERR.print(f"  named by {line}")
    answers = {"k": Choice.KEEP, "h": Choice.HINT, "d": Choice.DROP, "s": None}
    text = "  [k]eep, as a [h]int, [d]rop, [s]kip, [q]uit asking"
    text += f" ({trap.more} more)" if trap.more else ""
    while True:
        answer = typer.prompt(text, default="s", err=True).strip().lower()[:1]
        if answer == "q":
            return None
        if answer in answers:
            break
    choice = answers[answer]
    return choice, typer.prompt("  because", default="", show_default=False, err=True) if choice else ""


def _unused(chosen: dict[str, Choice], result: Result) -> None:
    flagged = {trap.value for trap in result.traps}
    for value in chosen:
        if value not in flagged:
            STDERR.print(f"{value}: not flagged, so nothing was decided about it; edit indicators.csv")


def _show(result: Result, whole: bool) -> None:
    console = Console(highlight=False, markup=False, soft_wrap=True)
    counts = [(path, source, str(count), str(lost)) for source, path, count, lost in result.intake.counts]
    _table(console, [("report", "source", "values", "not understood"), *counts])
    for line in _cut(result.intake.not_understood, whole):
        console.print(f"  {line}")
    console.print(f"\nCorroboration: {len(result.values)} values ({len(result.new)} new)")
    _table(console, _corroboration(result.values, whole))
    if result.rules:
        _list(console, "Rules", result.rules, whole)
    _list(console, "Conflicts", [_conflict(each) for each in result.conflicts], whole)
    _list(console, "May be mistakes", [_trap(each, result) for each in result.traps], whole)
    alone = [f"{each.type.value} {each.value} ({each.sources[0]})" for each in result.values if len(each.sources) == 1]
    _list(console, "Named by one source only", alone, whole)
    for source, each in result.intake.statements:
        console.print(f"{each.subject.value:<9} {each.says}" + (f", {each.date}" if each.date else "") + f" ({source})")


def _corroboration(values: list[Merged], whole: bool) -> list[tuple[str, ...]]:
    sources = list(dict.fromkeys(source for each in values for source in each.sources))
    ordered = sorted(values, key=lambda each: (-len(each.sources), list(IndicatorType).index(each.type), each.value))
    rows = [("type", "value", *sources)]
    for each in ordered if whole else ordered[:SHOWN]:
        rows.append((each.type.value, each.value, *("x" if source in each.sources else "." for source in sources)))
    if not whole and len(ordered) > SHOWN:
        rows.append(("...", f"{len(ordered) - SHOWN} more (--all)"))
    return rows


def _table(console: Console, rows: list[tuple[str, ...]]) -> None:
    """Print columns at full width: values are there to be copied, so none is cut."""
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(max(map(len, rows)))]
    for row in rows:
        console.print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip())


def _conflict(each: Conflict) -> str:
    said = "; ".join(f"{what} ({', '.join(by)})" for what, by in each.positions)
    return f"{each.type.value} {each.value}: {said}"


def _trap(trap: Trap, result: Result) -> str:
    decision = result.decisions.get((trap.type, trap.value))
    state = f"decided: {decision.choice.value}" if decision else "undecided"
    return f"{trap.type.value} {trap.value}: {trap.reason} [{trap.kind}; {state}]"


def _list(console: Console, title: str, lines: list[str], whole: bool) -> None:
    console.print(f"\n{title}: {len(lines) or 'none'}")
    for line in _cut(lines, whole):
        console.print(f"  {line}")


def _cut(lines: list[str], whole: bool) -> list[str]:
    if whole or len(lines) <= SHOWN:
        return lines
    return [*lines[:SHOWN], f"... {len(lines) - SHOWN} more (--all)"]


def _closing(result: Result, into: Path) -> str:
    lists = "no MISP warning lists were at hand (--warning-lists DIR)"
    if result.lists is not None:
        lists = f"{result.lists.count} MISP warning lists applied"
        lists += f", {len(result.lists.left_out)} left out" if result.lists.left_out else ""
    state = f"{len(result.undecided)} of {len(result.traps)} flagged values undecided"
    done = f"{into}: {len(result.written)} files written" if result.written else "nothing written (--dry-run)"
    return f"{done}; {lists}; {state}"
