"""`nachsorge pack export`: a pack in the words of other tools, and what they have no words for."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nachsorge.cli.cache import load
from nachsorge.cli.say import STDERR, write
from nachsorge.errors import UsageError
from nachsorge.model.times import SECOND, Instant
from nachsorge.model.words import Role
from nachsorge.sharing.terms import For, terms

if TYPE_CHECKING:
    from nachsorge.exports.packs.seams import Exporter, Loss, Written

NOT_EXPRESSED = "not-expressed.txt"
_SHOWN = 12
"""Reasons told on the terminal; the file has every row."""
_NAMED = 3
"""Up to so many rows of one reason are named on the terminal as well."""


def export(
    pack: Annotated[str, typer.Argument(help="A shipped pack's id, a folder, or an indicator file.")],
    to: Annotated[list[str], typer.Option("--to", help="The format; may be repeated. `list` names them.")],
    out: Annotated[
        str | None, typer.Option("--out", "-o", help="Folder for the files; without it a single file goes to stdout.")
    ] = None,
    include: Annotated[
        list[Role] | None,
        typer.Option(help="Put abused-legitimate hosts into blocking lists, too.", show_choices=False),
    ] = None,
    recipient: Annotated[
        For, typer.Option("--for", help="Whom it is for; what its label does not allow there stays, and is named.")
    ] = For.OWN,
) -> None:
    """Write a pack for other tools, and name everything that they have no words for.

    Example: nachsorge pack export 3cx-2023 --to suricata --to rpz -o for-the-sensors

    Rows that are withdrawn, known-good or unverified never leave; what exists in memory only, and hosts that were
    abused but are legitimate, stay out of blocking lists (rpz, hosts, pihole). TLP:RED leaves --for me only,
    AMBER+STRICT --for own, AMBER --for clients as well, GREEN --for community, and --for public what is CLEAR.
    """
    wanted = [_named(name) for name in dict.fromkeys(to)]
    if include and set(include) != {Role.ABUSED_LEGITIMATE}:
        raise UsageError("--include takes abused-legitimate; other roles never leave")
    written = [(each, _written(pack, each, include or [], recipient)) for each in wanted]
    for each, result in written:
        _give(each, result, out, several=len(written) > 1)


def _named(name: str) -> Exporter:
    from nachsorge.exports.packs import EXPORTERS, exporter  # which come with Sigma

    found = exporter(name)
    if found is None:
        raise UsageError(f"--to {name!r}: one of {', '.join(each.name for each in EXPORTERS)}")
    return found


def _written(pack: str, to: Exporter, include: list[Role], recipient: For) -> Written:
    from nachsorge.exports.packs.release import Refused, Terms, select
    from nachsorge.exports.packs.seams import Unavailable

    loaded = load(pack)
    decide = terms(recipient, loaded.id, blocks=to.blocks)
    try:
        return to.write(select(loaded, Terms(decide=decide, at=_now(), include=frozenset(include)), blocks=to.blocks))
    except Refused as error:
        raise UsageError(f"nothing was written: {error}") from error
    except Unavailable as error:
        raise UsageError(str(error)) from error


def _now() -> Instant:
    """Give the time of the export; SOURCE_DATE_EPOCH makes it repeatable (reproducible-builds.org)."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(fixed) * SECOND if fixed.isdigit() else time.time_ns() // 1000 // SECOND * SECOND


def _give(to: Exporter, result: Written, out: str | None, *, several: bool) -> None:
    if out is None:
        if several or len(result.files) != 1:
            raise UsageError(f"{to.name} writes several files: name a folder with --out")
        write("-", result.files[0].content)
    else:
        for file in result.files:
            write(str(Path(out) / file.name), file.content)
        listed = "".join(f"{loss.what}\t{loss.why}\n" for loss in result.losses)
        write(str(Path(out) / f"{to.name}-{NOT_EXPRESSED}"), listed.encode())
    _tell(to, result.losses, out)


def _tell(to: Exporter, losses: tuple[Loss, ...], out: str | None) -> None:
    reasons = Counter(loss.why for loss in losses)
    named = {
        why: [loss.what for loss in losses if loss.why == why] for why, count in reasons.items() if count <= _NAMED
    }
    where = f"; each by name in {to.name}-{NOT_EXPRESSED}" if out else ""
    STDERR.print(f"{to.name}: {len(losses)} things not expressed{where}" if losses else f"{to.name}: all is expressed")
    for reason, count in reasons.most_common(_SHOWN):
        STDERR.print(f"  {count:5}  {reason}" + (f": {', '.join(named[reason])}" if reason in named else ""))
    if len(reasons) > _SHOWN:
        STDERR.print(f"         and {len(reasons) - _SHOWN} reasons more")
