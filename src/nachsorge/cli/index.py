"""`nachsorge index`: read evidence once, for every list to come."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nachsorge.cli.check import assets_of, evidence_of, time_of
from nachsorge.cli.progress import progress
from nachsorge.cli.say import STDERR
from nachsorge.errors import UsageError
from nachsorge.model.times import parse_instant, render
from nachsorge.model.words import Status

if TYPE_CHECKING:
    from nachsorge.sweep.indexing import Added

_NAMED = 5


def index_evidence(
    evidence: Annotated[list[str] | None, typer.Argument(help="Files, folders, archives.")] = None,
    into: Annotated[Path | None, typer.Option("--into", help="Folder of the index; made where there is none.")] = None,
    asset: Annotated[list[str] | None, typer.Option(help="NAME=PATH: whose evidence a path is.")] = None,
    forget: Annotated[
        str | None,
        typer.Option("--forget-before", help="Drop hours that ended by then (ISO 8601), and their coverage."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 for one a core.")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the summary line.")] = False,
) -> None:
    """Read evidence once and keep what any list may ask: check PACK --index DIR then needs no evidence.

    Only new and changed evidence is read. Example: nachsorge index logs/ --into logs.index

    Exit codes: 0 everything was read; 2 wrong use; 3 something could not be read, or not to its end.
    """
    if into is None:
        raise UsageError("say where the index is: --into DIR")
    given = evidence_of(evidence or [], asset or [])
    if not given and not forget:
        raise UsageError("give evidence to index, or --forget-before")
    from nachsorge.sweep.indexing import IndexOptions, index  # which comes with all readers

    with progress(quiet) as report:
        options = IndexOptions(
            assets=assets_of(asset or []),
            jobs=jobs,
            now=time.time_ns() // 1000,
            forget_before=time_of(forget, "--forget-before", parse_instant),
            progress=report,
        )
        added = index(given, into, options)
    unread = [
        f"{r.path}: {r.note or r.status.value}" for r in added.readings if r.status in (Status.PARTLY, Status.UNREAD)
    ]
    if not quiet:
        _tell("indexed before, unchanged, skipped", added.known)
        _tell("changed since it was indexed, read again", added.replaced)
        _tell("cannot be read any more; the index keeps what it was", added.kept)
        _tell("not read to its end", unread)
    _tell("not reached before the interrupt", added.not_reached)
    STDERR.print(_summary(added, into))
    raise typer.Exit(3 if unread or added.not_reached or added.kept else 0)


def _tell(what: str, listed: Sequence[str]) -> None:
    for one in listed[:_NAMED]:
        print(f"{what}: {one}")
    if len(listed) > _NAMED:
        print(f"{what}: {len(listed) - _NAMED} more")


def _summary(added: Added, into: Path) -> str:
    parts = [f"{len(added.readings)} sources of {added.raw:,} bytes read", f"{len(added.known)} unchanged"]
    if added.forgotten_before is not None:
        parts.append(f"forgotten before {render(added.forgotten_before)}")
    return f"{into}: {', '.join(parts)}; the index has {added.size:,} bytes"
