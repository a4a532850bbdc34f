"""Decisions of people in a case: `nachsorge case waive|false-positive|remediated|owner|notified|effort`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from nachsorge.cases import decisions
from nachsorge.cases.state import state_of
from nachsorge.cases.told import told
from nachsorge.cli.casefile import looked_at, now, opened, who
from nachsorge.errors import UsageError
from nachsorge.locale import _
from nachsorge.model.assessment import Assessment, Sighting
from nachsorge.model.pack import Pack
from nachsorge.model.times import parse_instant, render
from nachsorge.model.words import Measure
from nachsorge.verdicts.closing import CLEAN_TIME, seen_of

Folder = Annotated[Path, typer.Argument(help="The case's folder.")]
By = Annotated[str | None, typer.Option("--by", help="Who does it. Default: the name of the user.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept with the decision.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    for name, verb in (
        ("waive", waive),
        ("false-positive", false_positive),
        ("remediated", remediated),
        ("owner", owner),
        ("notified", notified),
        ("effort", effort),
    ):
        app.command(name)(verb)


def waive(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="The asset; or the path of a source, or the id of a claim.")],
    subject: Annotated[str, typer.Argument(help=f"The stage; or {CLEAN_TIME}, a closing requirement, source, claim.")],
    reason: Reason,
    pack: Annotated[str | None, typer.Option("--pack", help="The stage's pack, where several have one.")] = None,
    by: By = None,
) -> None:
    """Accept, by name, that something stays open. It changes no standing."""
    packs = _waivable(*_known(folder), name, subject)
    if pack is not None:
        packs &= {pack}
    if len(packs) != 1:
        told = _("no such asset and stage, source or claim")
        if packs:
            told = _("say which pack: {packs}").format(packs=", ".join(sorted(packs)))
        raise UsageError(f"{name} {subject}: {told}")
    _decide(folder, decisions.WAIVED, {"name": name, "subject": subject, "pack": packs.pop(), "reason": reason}, by)


def _known(folder: Path) -> tuple[Assessment, Sequence[Pack]]:
    from nachsorge.sweep.caselaw import judged

    with opened(folder) as case:
        judgement = judged(case, state_of(case.entries()))
    return judgement.assessment, [bounded.pack for bounded in judgement.packs]


def _waivable(found: Assessment, packs: Sequence[Pack], name: str, subject: str) -> set[str]:
    if subject == "source":
        return {""} if any(source.reading.path == name for source in found.sources) else set()
    if subject == "claim":
        return {""} if any(claim.id == name for claim in found.claims) else set()
    rows = [row for row in found.assets if row.asset.id == name]
    if subject == CLEAN_TIME:
        return {""} if rows else set()
    asked = {pack.id for pack in packs for one in pack.requirements if rows and one.id == subject}
    return asked | {cell.pack for row in rows for cell in row.cells if cell.stage == subject}


def false_positive(
    folder: Folder,
    sighting: Annotated[str, typer.Argument(help="The sighting's id in the last assessment, s12.")],
    reason: Reason,
    by: By = None,
) -> None:
    """Mark a sighting as a false positive. The verdict stays; closing no longer asks for its remediation."""
    found = looked_at(folder)[1]
    seen = seen_of(_sighting(found, sighting), {source.id: source.reading.path for source in found.sources})
    body = {name: getattr(seen, name) for name in ("pack", "type", "indicator", "asset", "path", "locator")}
    _decide(folder, decisions.FALSE, body | {"reason": reason}, by)


def _sighting(found: Assessment, name: str) -> Sighting:
    for one in found.sightings:
        if one.id == name:
            return one
    told = _("there is no sighting {name}; nachsorge case show DIR -v lists them")
    raise UsageError(told.format(name=name))


def remediated(
    folder: Folder,
    asset: Annotated[str, typer.Argument(help="The asset.")],
    reason: Annotated[str, typer.Option("--reason", help="What was done.")],
    at: Annotated[str | None, typer.Option("--at", help="When (ISO 8601). Default: now.")] = None,
    measure: Annotated[
        list[Measure] | None, typer.Option("--measure", help="What it consisted of, as packs ask for it; repeat it.")
    ] = None,
    by: By = None,
) -> None:
    """Record that an asset was cleaned or rebuilt. Closing asks for covered clean time from then on."""
    from nachsorge.cli.check import time_of

    done = time_of(at, "--at", parse_instant)
    if done is not None and done > now():
        raise UsageError(_("--at {time} lies in the future: record it when it is done").format(time=at))
    _known_asset(folder, asset)
    told = {"measures": [one.value for one in measure]} if measure else {}
    _decide(folder, decisions.REMEDIED, {"asset": asset, "at": render(done or now()), "reason": reason, **told}, by)


def owner(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="Who answers for it.")],
    asset: Annotated[str, typer.Option("--asset", help="Of one asset; else of the whole case.")] = "",
    by: By = None,
) -> None:
    """Name who answers for the case, or for one asset."""
    if asset:
        _known_asset(folder, asset)
    _decide(folder, decisions.OWNER, {"asset": asset, "owner": name, "reason": ""}, by)


def notified(
    folder: Folder,
    reason: Annotated[str, typer.Option("--reason", help="Whom, how; or why nobody.")],
    declined: Annotated[bool, typer.Option("--declined", help="Nobody was notified, for this reason.")] = False,
    by: By = None,
) -> None:
    """Record that the CERT or authority was notified, or why not."""
    _decide(folder, decisions.NOT_NOTIFIED if declined else decisions.NOTIFIED, {"reason": reason}, by)


def effort(
    folder: Folder,
    minutes: Annotated[int, typer.Argument(min=1, help="Minutes of work.")],
    reason: Annotated[str, typer.Option("--reason", help="What was done.")] = "",
    by: By = None,
) -> None:
    """Record minutes of work."""
    _decide(folder, "effort", {"minutes": minutes, "reason": reason}, by)


def _known_asset(folder: Path, asset: str) -> None:
    found = looked_at(folder)[1]
    if asset not in {row.asset.id for row in found.assets}:
        told = _("{asset} is not an asset of this case; nachsorge case show {folder} lists them")
        raise UsageError(told.format(asset=asset, folder=folder))


def _decide(folder: Path, kind: str, body: dict[str, object], by: str | None) -> None:
    if not str(body.get("reason", "-")).strip() and kind not in (decisions.OWNER, "effort"):
        raise UsageError(_("say why: --reason"))
    with opened(folder) as case:
        case.append(kind, body, now(), who(by))
        entry = case.entries()[-1]
    print(f"{entry.seq}  {told(entry)}")
