"""What changed from one assessment of a case to another: what became known, what got worse, what was opened again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.model.words import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.model.assessment import Assessment

_HARDER = (Standing.RULED_OUT, Standing.OPEN, Standing.SUSPECTED, Standing.SHOWN)

KNOWN, WORSE, REOPENED, SOFTER, CLAIM, SCOPE, PACK = (
    "became known",
    "got worse",
    "is open again",
    "got softer",
    "claim",
    "scope",
    "pack",
)


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One difference, in words. `kind` is one of the words above."""

    kind: str
    what: str


def changes(before: Assessment, after: Assessment) -> tuple[Change, ...]:
    """List all differences that people have to know, in a stable order."""
    found = [*_packs(before, after), *_cells(before, after), *_claims(before, after)]
    return tuple(sorted(found, key=lambda one: (_ORDER.index(one.kind), one.what)))


_ORDER = (WORSE, REOPENED, SOFTER, CLAIM, PACK, SCOPE, KNOWN)


def _packs(before: Assessment, after: Assessment) -> Iterator[Change]:
    old = {pack.id: pack for pack in before.packs}
    for pack in after.packs:
        was = old.get(pack.id)
        if was is None:
            yield Change(PACK, f"{pack.id} {pack.version} is new")
        elif was.sha256 != pack.sha256:
            yield Change(PACK, f"{pack.id} {was.version} is {pack.version} now")


def _cells(before: Assessment, after: Assessment) -> Iterator[Change]:
    old = {(row.asset.id, c.pack, c.stage): c.standing for row in before.assets for c in row.cells}
    assets = {row.asset.id for row in before.assets}
    now = {row.asset.id for row in after.assets}
    yield from (Change(SCOPE, f"{name} is new: {_verdict(after, name)}") for name in sorted(now - assets))
    yield from (Change(SCOPE, f"{name} is not in it any more") for name in sorted(assets - now))
    for row in after.assets:
        for cell in row.cells:
            was = old.get((row.asset.id, cell.pack, cell.stage))
            if was is None and row.asset.id in assets and cell.standing is not Standing.RULED_OUT:
                # A stage that the pack did not have, or a pack that was not asked before.
                kind = SCOPE if cell.standing is Standing.OPEN else WORSE
                yield Change(kind, f"{row.asset.id} {cell.stage}: not asked before -> {cell.standing.value}")
            elif was is not None and was is not cell.standing:
                told = f"{row.asset.id} {cell.stage}: {was.value} -> {cell.standing.value}"
                yield Change(_kind(was, cell.standing), told)


def _verdict(found: Assessment, name: str) -> str:
    return next(row.verdict.value for row in found.assets if row.asset.id == name)


def _kind(was: Standing, now: Standing) -> str:
    if now is Standing.OPEN:
        return REOPENED
    if was is Standing.OPEN and now is Standing.RULED_OUT:
        return KNOWN
    return WORSE if _HARDER.index(now) > _HARDER.index(was) else SOFTER


def _claims(before: Assessment, after: Assessment) -> Iterator[Change]:
    old = {claim.id: claim.answer for claim in before.claims}
    for claim in after.claims:
        was = old.get(claim.id, claim.answer)
        if was != claim.answer:
            yield Change(CLAIM, f"{claim.id}: {was} -> {claim.answer}: {'; '.join(claim.because)}")
