"""`nachsorge check`: packs against evidence, a verdict for every asset."""

from __future__ import annotations

import time
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from nachsorge.assets.inventory import Inventory, load_inventory
from nachsorge.cli.cache import load, store
from nachsorge.cli.progress import progress
from nachsorge.cli.say import STDERR, write
from nachsorge.errors import InputError, PackError, UsageError
from nachsorge.exports.assessment_json import dumps
from nachsorge.exports.sightings import lines
from nachsorge.model.assessment import Assessment
from nachsorge.model.pack import Pack
from nachsorge.model.times import Instant, parse_end, parse_instant
from nachsorge.reports import console, html
from nachsorge.sweep import Options, sweep
from nachsorge.sweep.cluster import cluster
from nachsorge.sweep.recall import recall


class Lang(StrEnum):
    """Languages of what people read."""

    DE = "de"
    EN = "en"


def check(
    pack: Annotated[str, typer.Argument(help="A shipped pack's id, a pack folder, or any indicator file.")],
    evidence: Annotated[list[str] | None, typer.Argument(help="Files, folders, archives, URLs.")] = None,
    more: Annotated[list[str] | None, typer.Option("--pack", help="A further pack; may be repeated.")] = None,
    index: Annotated[
        Path | None, typer.Option(help="Folder of an index (nachsorge index), in place of evidence.")
    ] = None,
    inventory: Annotated[Path | None, typer.Option(help="CSV with the assets in scope.")] = None,
    asset: Annotated[list[str] | None, typer.Option(help="NAME=PATH: whose evidence a path is.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="Begin of the window (ISO 8601).")] = None,
    end: Annotated[str | None, typer.Option("--to", help="End of the window (ISO 8601).")] = None,
    json: Annotated[str | None, typer.Option(help="Write the assessment as JSON; - for stdout.")] = None,
    sightings: Annotated[str | None, typer.Option(help="Write the sightings as JSON lines; - for stdout.")] = None,
    html_to: Annotated[str | None, typer.Option("--html", help="Write the report as one HTML file.")] = None,
    lang: Annotated[Lang, typer.Option(help="Language of the report.")] = Lang.EN,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 for one a core.")] = 0,
    cluster_at: Annotated[
        str | None, typer.Option("--cluster", help="Dask scheduler (tcp://host:8786) whose workers read.")
    ] = None,
    sieve: Annotated[bool, typer.Option("--sieve/--no-sieve", help="Skip records that cannot match.")] = True,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the summary line.")] = False,
    verbose: Annotated[int, typer.Option("--verbose", "-v", count=True, help="Show every row.")] = 0,
) -> None:
    """Look again: what is shown, what is ruled out, and what was not looked at.

    Example: nachsorge check 3cx-2023 logs/ collections/ --inventory hosts.csv --html report.html

    Exit codes: 0 everything in scope ruled out; 1 something shown or suspected; 2 wrong use or unusable pack;
    3 nothing shown, but not everything was looked at.
    """
    given = evidence_of(evidence or [], asset or [])
    if bool(given) == (index is not None):
        raise UsageError("give either evidence or --index DIR")
    packs = _packs([pack, *(more or [])])
    declared = load_inventory(inventory) if inventory else Inventory()
    with progress(quiet) as report, cluster(cluster_at) if cluster_at else nullcontext() as executor:
        options = Options(
            assets=assets_of(asset or []),
            start=time_of(start, "--from", parse_instant),
            end=time_of(end, "--to", parse_end),
            jobs=jobs,
            sieve=sieve,
            now=time.time_ns() // 1000,
            progress=report,
            executor=executor,
            store=store(),
        )
        assessment = recall(packs, index, declared, options) if index else sweep(packs, given, declared, options)
    _give(assessment, json=json, sightings=sightings, html_to=html_to, lang=lang, quiet=quiet, verbose=bool(verbose))
    raise typer.Exit(assessment.summary.exit)


def _packs(words: list[str]) -> list[Pack]:
    packs, problems = [], []
    for word in dict.fromkeys(words):
        try:
            packs.append(load(word))
        except InputError as error:
            problems += error.problems
    if problems:
        raise PackError(problems)
    return packs


def assets_of(pairs: list[str]) -> dict[str, str]:
    """Read NAME=PATH; UsageError where one is written otherwise."""
    assets: dict[str, str] = {}
    for pair in pairs:
        name, equals, path = pair.partition("=")
        if not equals or not name or not path:
            raise UsageError(f"--asset {pair!r}: write NAME=PATH, for example --asset pc17=collections/pc17.zip")
        if assets.setdefault(path, name) != name:
            raise UsageError(f"--asset: {path} is said to be of {assets[path]!r} and of {name!r}; choose one")
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
        raise UsageError(f"{option}: {error}; write 2023-03-01 or 2023-03-01T12:00:00Z") from error


def _give(
    assessment: Assessment,
    *,
    json: str | None,
    sightings: str | None,
    html_to: str | None,
    lang: Lang,
    quiet: bool,
    verbose: bool,
) -> None:
    if json:
        write(json, dumps(assessment))
    if sightings:
        write(sightings, b"".join(lines(assessment)))
    if html_to:
        write(html_to, html.render(assessment, lang.value).encode())
    if not quiet and "-" not in (json, sightings):
        console.render(assessment, Console(highlight=False), lang.value, verbose)
    STDERR.print(console.one_line(assessment, lang.value))
