"""`nachsorge rank`: whom the attacker would want, and what a thief got from exactly that host."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated

import typer

from nachsorge.cases.store import NAME as CASE_FILE
from nachsorge.cli import check
from nachsorge.cli.cache import store
from nachsorge.cli.casefile import now, opened, report, who
from nachsorge.cli.decide import By
from nachsorge.cli.progress import progress
from nachsorge.cli.ranking_words import lines, summary
from nachsorge.cli.say import STDERR, write
from nachsorge.errors import UsageError
from nachsorge.exports.ranking_json import dumps
from nachsorge.locale import _
from nachsorge.model.ranking import Ranking
from nachsorge.model.times import parse_end, parse_instant
from nachsorge.model.words import Trait

_SHOWN = 20


def rank_assets(
    what: Annotated[str, typer.Argument(help="A case's folder; or a pack, with evidence behind it.")],
    evidence: Annotated[list[str] | None, typer.Argument(help="Files, folders, archives; not with a case.")] = None,
    inventory: Annotated[list[Path] | None, typer.Option(help="The assets in scope; not with a case.")] = None,
    asset: Annotated[list[str] | None, typer.Option(help="NAME=PATH: whose evidence a path is.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="Begin of the window (ISO 8601).")] = None,
    end: Annotated[str | None, typer.Option("--to", help="End of the window (ISO 8601).")] = None,
    systems: Annotated[
        Path | None, typer.Option(help="CSV with `host,kind`: your own word on what a system is (gave-vpn ...).")
    ] = None,
    read: Annotated[bool, typer.Option("--read/--no-read", help="Look through the evidence, too.")] = True,
    shown: Annotated[int, typer.Option("--assets", "-n", min=1, help="So many assets.")] = _SHOWN,
    json: Annotated[str | None, typer.Option(help="Write the whole ranking as JSON; - for stdout.")] = None,
    rows: Annotated[
        bool, typer.Option("--rows", help="With --json: the addresses of the stolen lists, which people visited.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 for one a core.")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the summary line.")] = False,
    by: By = None,
) -> None:
    """Rank the assets by what an attacker would want of them; every point has its reason.

    Example: nachsorge rank cases/3cx

    It is an order in which to look, no verdict.
    """
    said = _systems(systems) if systems is not None else {}
    if (Path(what) / CASE_FILE).is_file():
        if evidence or inventory or start or end:
            raise UsageError(_("a case has its own evidence, inventory and window: nachsorge case add"))
        ranking = _of_case(Path(what), asset or [], said, read=read, jobs=jobs, quiet=quiet, by=by)
    else:
        window = (check.time_of(start, "--from", parse_instant), check.time_of(end, "--to", parse_end))
        given = check.evidence_of(evidence or [], asset or [])
        ranking = _of_pack(what, given, inventory, asset or [], window, said, read=read, jobs=jobs, quiet=quiet)
    if json:
        write(json, dumps(ranking, rows=rows))
    if json != "-" and not quiet:
        for line in lines(ranking, shown):
            print(line)
    STDERR.print(summary(ranking))


def _of_case(
    folder: Path, assets: list[str], said: dict[str, Trait], *, read: bool, jobs: int, quiet: bool, by: str | None
) -> Ranking:
    from nachsorge.cases.state import state_of
    from nachsorge.sweep.casebook import assess
    from nachsorge.sweep.haul import Passing
    from nachsorge.sweep.rankcase import rank_case

    with opened(folder) as case, progress(quiet) as bar:
        options = Passing(now=now(), assets=check.assets_of(assets), jobs=jobs, progress=bar) if read else None
        ranking = rank_case(case, state_of(case.entries()), options, said, now(), who(by))
        found = assess(case, now(), who(by)) if read else None
    if found is not None:
        report(folder, found)  # which shows the ranking that was just kept
    return ranking


def _of_pack(
    word: str,
    given: list[str],
    inventory: list[Path] | None,
    assets: list[str],
    window: tuple[int | None, int | None],
    said: dict[str, Trait],
    *,
    read: bool,
    jobs: int,
    quiet: bool,
) -> Ranking:
    from nachsorge.sweep import Options, sweep
    from nachsorge.sweep.haul import Passing, profiles
    from nachsorge.sweep.rankcase import systems_of
    from nachsorge.verdicts.rank import rank

    if not given:
        raise UsageError(_("give a case's folder, or a pack and evidence"))
    judging = check.packs([word], [])
    scope, owners = check.declared(inventory, None), check.assets_of(assets)
    with progress(quiet) as bar:
        options = Options(
            assets=owners, start=window[0], end=window[1], jobs=jobs, now=now(), progress=bar, store=store()
        )
        found = sweep(judging, given, scope, options)
        passing = Passing(now=now(), assets=owners, jobs=jobs, progress=bar)
        profiled, notes = profiles(given, scope, passing) if read else (None, ())
    return rank({pack.id: pack for pack in judging}, found, profiled, systems_of(found, said), notes)


def _systems(path: Path) -> dict[str, Trait]:
    """Read `host,kind`; UsageError with every line that is not of that form."""
    kinds = {trait.value: trait for trait in Trait if trait.value.startswith("gave-")}
    found: dict[str, Trait] = {}
    wrong: list[str] = []
    try:
        listed = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"--systems {path}: {error}") from error
    for number, row in enumerate(listed, start=2):
        host, kind = (row.get("host") or "").strip().lower(), (row.get("kind") or "").strip()
        if host and kind in kinds:
            found[host] = kinds[kind]
        else:
            trouble = f"{kind!r} is none of {', '.join(kinds)}" if host else "no host"
            wrong.append(f"line {number}: {trouble}")
    if wrong or not listed:
        raise UsageError(f"--systems {path}: {'; '.join(wrong) or 'no rows below the header host,kind'}")
    return found
