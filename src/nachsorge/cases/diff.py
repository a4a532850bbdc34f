"""What changed from one assessment of a case to another: what became known, what got worse, what was opened again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.locale import N_, _
from nachsorge.model.words import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nachsorge.model.assessment import Assessment

_HARDER = (Standing.RULED_OUT, Standing.OPEN, Standing.SUSPECTED, Standing.SHOWN)

KNOWN, WORSE, REOPENED, SOFTER, CLAIM, SCOPE, PACK = (
    N_("became known"),
    N_("got worse"),
    N_("is open again"),
    N_("got softer"),
    N_("claim"),
    N_("scope"),
    N_("pack"),
)
WORDS = {
    "shown": N_("shown"),
    "suspected": N_("suspected"),
    "open": N_("open"),
    "ruled-out": N_("ruled-out"),
    "compromised": N_("compromised"),
    "holds": N_("holds"),
    "refuted": N_("refuted"),
    "untestable": N_("untestable"),
}
"""Standings, verdicts and answers, which stand in an assessment as codes."""


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One difference. `kind` is one of the words above, `phrase` a message of the catalogue with its `values`."""

    kind: str
    phrase: str
    values: tuple[tuple[str, str], ...] = ()

    @property
    def what(self) -> str:
        """Say it in English, as a case keeps it, whoever reads it."""
        return self.phrase.format(**dict(self.values))

    def told(self, say: Callable[[str], str] = str) -> str:
        """Say it in the language that is spoken; `say` says reasons, which an assessment has in English."""
        values = {name: say(value) if name == "why" else value for name, value in self.values}
        values |= {name: _(WORDS[values[name]]) for name in ("was", "now") if values.get(name) in WORDS}
        return f"{_(self.kind)}: {_(self.phrase).format(**values)}"


def _change(kind: str, phrase: str, **values: str) -> Change:
    return Change(kind, phrase, tuple(values.items()))


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
            yield _change(PACK, N_("{id} {version} is new"), id=pack.id, version=pack.version)
        elif was.sha256 != pack.sha256:
            yield _change(PACK, N_("{id} {old} is {version} now"), id=pack.id, old=was.version, version=pack.version)


def _cells(before: Assessment, after: Assessment) -> Iterator[Change]:
    old = {(row.asset.id, c.pack, c.stage): c.standing for row in before.assets for c in row.cells}
    assets = {row.asset.id for row in before.assets}
    now = {row.asset.id for row in after.assets}
    for name in sorted(now - assets):
        yield _change(SCOPE, N_("{asset} is new: {now}"), asset=name, now=_verdict(after, name))
    yield from (_change(SCOPE, N_("{asset} is not in it any more"), asset=name) for name in sorted(assets - now))
    for row in after.assets:
        for cell in row.cells:
            was = old.get((row.asset.id, cell.pack, cell.stage))
            if was is None and row.asset.id in assets and cell.standing is not Standing.RULED_OUT:
                # A stage that the pack did not have, or a pack that was not asked before.
                kind = SCOPE if cell.standing is Standing.OPEN else WORSE
                asked = {"asset": row.asset.id, "stage": cell.stage, "now": cell.standing.value}
                yield _change(kind, N_("{asset} {stage}: not asked before -> {now}"), **asked)
            elif was is not None and was is not cell.standing:
                names = {"asset": row.asset.id, "stage": cell.stage, "was": was.value, "now": cell.standing.value}
                yield _change(_kind(was, cell.standing), N_("{asset} {stage}: {was} -> {now}"), **names)


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
            names = {"claim": claim.id, "was": was, "now": claim.answer, "why": "; ".join(claim.because)}
            yield _change(CLAIM, N_("{claim}: {was} -> {now}: {why}"), **names)
