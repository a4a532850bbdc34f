"""A case, judged and kept: what changed, what stands against closing it, whether it opens again, and the proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge import __version__
from nachsorge.cases import decisions
from nachsorge.cases.diff import Change, changes
from nachsorge.cases.document import assessment_of
from nachsorge.cases.state import State, state_of
from nachsorge.exports.assessment_json import dumps
from nachsorge.locale import language, speaking
from nachsorge.model.ranking import Ranking
from nachsorge.model.words import Measure
from nachsorge.reports import given
from nachsorge.reports.languages import CATALOGUES
from nachsorge.sweep.caselaw import judged
from nachsorge.sweep.rankcase import current_ranking
from nachsorge.sweep.stored import Judgement
from nachsorge.verdicts.closing import Decisions, Missing, Remedy, Seen, Waiver, missing
from nachsorge.verdicts.next_evidence import plan
from nachsorge.verdicts.obtainable import obtainable

if TYPE_CHECKING:
    from collections.abc import Callable

    from nachsorge.cases.store import Case
    from nachsorge.model.assessment import Assessment
    from nachsorge.model.times import Instant

_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """A case, judged: what changed since the time before, what stands against closing, and whether it was reopened."""

    judgement: Judgement
    document: bytes
    state: State
    changed: tuple[Change, ...]
    missing: tuple[Missing, ...]
    reopened: bool
    ranking: Ranking | None = None


def assess(case: Case, time: Instant, by: str) -> Assessed:
    """Judge, keep the assessment if it is another one, and reopen a closed case that it contradicts."""
    state = state_of(case.entries())
    judgement = judged(case, state)
    document = dumps(judgement.assessment)
    last = state.assessed[-1] if state.assessed else None
    before = assessment_of(case.blob(last.document), "the assessment before") if last else None
    changed = changes(before, judgement.assessment) if before else ()
    lacking = lacks(state, judgement)
    ranking, _ = current_ranking(case, state, judgement)
    with case.writing() as writer:
        name = writer.put(document)
        if last is None or last.document != name:
            told = {"document": name, "upto": state.last, "tool": __version__, "told": _line(judgement.assessment)}
            writer.append("assessed", told | {"changes": [f"{c.kind}: {c.what}" for c in changed]}, time, by)
        if reopened := state.closed is not None and bool(lacking):
            with speaking("en"):  # the chain is the same whoever reads it
                because = [one.says for one in lacks(state, judgement)[:_NAMED]]
            writer.append("reopened", {"because": because}, time, by)
    return Assessed(
        judgement=judgement,
        document=document,
        state=state,
        changed=changed,
        missing=lacking,
        reopened=reopened,
        ranking=ranking if any(one.score for one in ranking.assets) else None,
    )


def lacks(state: State, judgement: Judgement) -> tuple[Missing, ...]:
    """List what stands against closing the case."""
    packs = {bounded.pack.id: bounded.pack for bounded in judgement.packs}
    found = judgement.assessment
    listed = plan(obtainable(packs, found.assets, found.sightings, found.coverage))
    first = [cell for line in listed.lines for cell in line.settles]
    return missing(packs, found, decided(state), first, _spoken(found))


def _spoken(found: Assessment) -> Callable[[str], str]:
    """Say notes and reasons, which an assessment has in English, as its report says them."""
    if language() == "en":
        return str
    texts = CATALOGUES[language()]
    titles = {stage: german or title for pack in found.packs for stage, title, german in pack.stages}
    return lambda text: given.say(text, texts, titles)


def decided(state: State) -> Decisions:
    """Give what people decided, as closing asks for it."""
    entries = state.decisions
    waivers = frozenset(
        Waiver(e.body["subject"], e.body["name"], e.body["pack"]) for e in entries if e.kind == decisions.WAIVED
    )
    false = frozenset(
        Seen(*(e.body[key] for key in ("pack", "type", "indicator", "asset", "path", "locator")))
        for e in entries
        if e.kind == decisions.FALSE
    )
    return Decisions(
        waivers=waivers,
        remedies=tuple(
            Remedy(asset, at, tuple(Measure(word) for word in done)) for asset, at, done in decisions.measures(entries)
        ),
        false=false,
        notified=any(e.kind in (decisions.NOTIFIED, decisions.NOT_NOTIFIED) for e in entries),
    )


def verify(case: Case) -> list[str]:
    """Prove the chain, the stored bytes, and the last assessment: judged anew from what it knew, byte for byte."""
    found = [*case.broken(), *case.damaged()]
    if found:
        return found
    entries = case.entries()
    assessed = state_of(entries).assessed
    if not assessed:
        return []
    last = assessed[-1]
    if dumps(judged(case, state_of(entries, last.upto)).assessment) != case.blob(last.document):
        made = next(entry.body["tool"] for entry in entries if entry.seq == last.seq)
        by = f" (it was made by version {made}, this is {__version__})" if made != __version__ else ""
        found.append(f"the assessment of {last.time} does not come out again{by}")
    return found


def _line(found: Assessment) -> str:
    summary = found.summary
    assets = ", ".join(f"{count} {word}" for word, count in sorted(summary.assets.items()) if count)
    return f"{summary.verdict.value}: {assets or 'no asset'}; {summary.cells.get('open', 0)} cells open"
