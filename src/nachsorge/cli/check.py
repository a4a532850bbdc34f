"""`nachsorge check`: packs against evidence, a verdict for every asset."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nachsorge.assets.inventory import Inventory
from nachsorge.cli.cache import load, store
from nachsorge.cli.leaving import expected, released, require
from nachsorge.cli.pages import Pages, pdf_ready
from nachsorge.cli.progress import progress
from nachsorge.cli.say import STDERR, page, write
from nachsorge.errors import InputError, PackError, UsageError
from nachsorge.exports.assessment_json import dumps
from nachsorge.exports.sightings import lines
from nachsorge.locale import _, language, speak
from nachsorge.model.assessment import Assessment
from nachsorge.model.labels import Release
from nachsorge.model.pack import Pack
from nachsorge.model.times import Instant, parse_end, parse_instant
from nachsorge.reports.one_line import one_line
from nachsorge.sharing.terms import For
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from nachsorge.sweep.executors import Executor


class Lang(StrEnum):
    """Languages of what people read."""

    DE = "de"
    EN = "en"


class Length(StrEnum):
    """How long a report is."""

    SHORT = "short"
    FULL = "full"


def check(
    pack: Annotated[str, typer.Argument(help="A shipped pack's id, a pack folder, or any indicator file.")],
    evidence: Annotated[list[str] | None, typer.Argument(help="Files, folders, archives, URLs.")] = None,
    more: Annotated[list[str] | None, typer.Option("--pack", help="A further pack; may be repeated.")] = None,
    rules: Annotated[
        list[Path] | None,
        typer.Option("--rules", help="A folder of generic Sigma and YARA rules; a match is a hint. May be repeated."),
    ] = None,
    scan_logs: Annotated[
        bool, typer.Option("--scan-logs", help="YARA rules look into logs, event logs and hives too; only as hints.")
    ] = False,
    index: Annotated[
        Path | None, typer.Option(help="Folder of an index (nachsorge index), in place of evidence.")
    ] = None,
    case_at: Annotated[
        Path | None, typer.Option("--case", help="Folder of a case that takes it all in; made where there is none.")
    ] = None,
    inventory: Annotated[
        list[Path] | None, typer.Option(help="The assets in scope: CSV, JSON, osquery results; may be repeated.")
    ] = None,
    inventory_map: Annotated[
        Path | None, typer.Option(help="YAML or JSON that says what the columns of the inventory are.")
    ] = None,
    asset: Annotated[list[str] | None, typer.Option(help="NAME=PATH: whose evidence a path is.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="Begin of the window (ISO 8601).")] = None,
    end: Annotated[str | None, typer.Option("--to", help="End of the window (ISO 8601).")] = None,
    json: Annotated[str | None, typer.Option(help="Write the assessment as JSON; - for stdout.")] = None,
    sightings: Annotated[str | None, typer.Option(help="Write the sightings as JSON lines; - for stdout.")] = None,
    html_to: Annotated[str | None, typer.Option("--html", help="Write the report as one HTML file.")] = None,
    pdf_to: Annotated[
        str | None, typer.Option("--pdf", help="Write the report as PDF (needs the extra `pdf`).")
    ] = None,
    length: Annotated[
        Length, typer.Option(help="Of --html and --pdf: one page for management, or everything.")
    ] = Length.FULL,
    recipient: Annotated[
        For, typer.Option("--for", help="Whom it is for: nothing is done where its label does not allow it there.")
    ] = For.ME,
    lang: Annotated[
        Lang | None, typer.Option(help="Language of the report.", show_default="that of nachsorge --lang, else en")
    ] = None,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 for one a core.")] = 0,
    cluster_at: Annotated[
        str | None, typer.Option("--cluster", help="Dask scheduler (tcp://host:8786) whose workers read.")
    ] = None,
    sieve: Annotated[bool, typer.Option("--sieve/--no-sieve", help="Skip records that cannot match.")] = True,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the summary line.")] = False,
    verbose: Annotated[int, typer.Option("--verbose", "-v", count=True, help="Show every row.")] = 0,
) -> None:
    """Look again: what is shown, what is ruled out within what was covered, and what was not looked at.

    Example: nachsorge check 3cx-2023 logs/ collections/ --inventory hosts.csv --html report.html

    Exit codes: 0 everything in scope ruled out within what was covered; 1 something shown or suspected;
    2 wrong use or unusable pack; 3 nothing shown, but not everything was looked at.
    """
    if lang is not None:
        speak(lang.value)
    if pdf_to:
        pdf_ready()  # before hours of reading, not after
    given = evidence_of(evidence or [], asset or [])
    if case_at is not None and index is not None:
        raise UsageError(_("--case keeps what was read of evidence: give evidence, not --index"))
    if case_at is None and bool(given) == (index is not None):
        raise UsageError(_("give either evidence or --index DIR"))
    judging = packs([pack, *(more or [])], rules or [])
    released(expected(judging, _there(case_at)), recipient)  # before hours of reading, not after
    if inventory_map and not inventory:
        raise UsageError(_("--inventory-map explains an inventory: give --inventory FILE as well"))
    window = time_of(start, "--from", parse_instant), time_of(end, "--to", parse_end)
    if case_at is not None:
        from nachsorge.cli import casefile

        with _cluster(cluster_at) as executor:
            found = casefile.taken(
                case_at,
                given,
                packs=judging,
                inventory=inventory,
                inventory_map=inventory_map,
                assets=assets_of(asset or []),
                window=window,
                jobs=jobs,
                sieve=sieve,
                quiet=quiet,
                executor=executor,
            )
        assessment = found.judgement.assessment
        pages = Pages(html_to, pdf_to, length.value, [b.pack for b in found.judgement.packs], found.state.decisions)
        release = released(assessment.label, recipient)
        _give(assessment, release, json=json, sightings=sightings, pages=pages, quiet=quiet, verbose=bool(verbose))
        raise typer.Exit(assessment.summary.exit)
    scope = declared(inventory, inventory_map)
    with progress(quiet) as report, _cluster(cluster_at) as executor:
        options = Options(
            assets=assets_of(asset or []),
            start=window[0],
            end=window[1],
            jobs=jobs,
            sieve=sieve,
            now=time.time_ns() // 1000,
            progress=report,
            executor=executor,
            store=store(),
            scan_logs=scan_logs,
        )
        assessment = _recalled(judging, index, scope, options) if index else sweep(judging, given, scope, options)
    pages = Pages(html_to, pdf_to, length.value, judging)
    release = released(assessment.label, recipient)
    _give(assessment, release, json=json, sightings=sightings, pages=pages, quiet=quiet, verbose=bool(verbose))
    raise typer.Exit(assessment.summary.exit)


def declared(inventory: list[Path] | None, explained: Path | None) -> Inventory:
    """Read the inventories; an empty one where none is given."""
    if not inventory:
        return Inventory()
    from nachsorge.sweep.inventories import inventory_of  # which comes with all readers

    return inventory_of(inventory, explained)


def _there(case_at: Path | None) -> Path | None:
    if case_at is None:
        return None
    from nachsorge.cases.store import NAME

    return case_at if (case_at / NAME).is_file() else None


def _cluster(address: str | None) -> AbstractContextManager[Executor | None]:
    if address is None:
        return nullcontext()
    from nachsorge.sweep.cluster import cluster  # which comes with all readers

    return cluster(address)


def packs(words: list[str], folders: list[Path]) -> list[Pack]:
    """Resolve packs and folders of rules, each once; PackError with the problems of all."""
    found, problems = [], []
    asked = [partial(load, word) for word in dict.fromkeys(words)]
    asked += [partial(_rule_folder, folder) for folder in dict.fromkeys(folders)]
    for load_one in asked:
        try:
            found.append(load_one())
        except InputError as error:
            problems += error.problems
    if problems:
        raise PackError(problems)
    return found


def _rule_folder(folder: Path) -> Pack:
    from nachsorge.packs.rule_folder import load_rule_folder  # which brings pySigma

    return load_rule_folder(folder)


def _recalled(judging: list[Pack], index: Path, scope: Inventory, options: Options) -> Assessment:
    from nachsorge.sweep.recall import recall

    return recall(judging, index, scope, options)


def assets_of(pairs: list[str]) -> dict[str, str]:
    """Read NAME=PATH; UsageError where one is written otherwise."""
    assets: dict[str, str] = {}
    for pair in pairs:
        name, equals, path = pair.partition("=")
        if not equals or not name or not path:
            told = _("--asset {pair!r}: write NAME=PATH, for example --asset pc17=collections/pc17.zip")
            raise UsageError(told.format(pair=pair))
        if assets.setdefault(path, name) != name:
            told = _("--asset: {path} is said to be of {first!r} and of {second!r}; choose one")
            raise UsageError(told.format(path=path, first=assets[path], second=name))
    return assets


def evidence_of(evidence: list[str], pairs: list[str]) -> list[str]:
    """Give the paths, those named by --asset among them, each once."""
    return list(dict.fromkeys([*evidence, *(pair.partition("=")[2] for pair in pairs)]))


def time_of(text: str | None, option: str, parse: object) -> Instant | None:
    """Read the time that an option gives; UsageError where it is none."""
    if text is None:
        return None
    try:
        return parse(text)  # type: ignore[operator,no-any-return]
    except ValueError as error:
        told = _("{option}: {text!r} is no time; write 2023-03-01 or 2023-03-01T12:00:00Z")
        raise UsageError(told.format(option=option, text=text)) from error


def _give(
    assessment: Assessment,
    release: Release,
    *,
    json: str | None,
    sightings: str | None,
    pages: Pages,
    quiet: bool,
    verbose: bool,
) -> None:
    require(assessment, release)
    if json:
        write(json, dumps(assessment))
    if sightings:
        write(sightings, b"".join(lines(assessment)))
    pages.give(assessment, release)
    if not quiet and "-" not in (json, sightings):
        page(assessment, verbose=verbose)
    STDERR.print(one_line(assessment, language()))
