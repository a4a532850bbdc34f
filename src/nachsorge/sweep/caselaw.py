"""What a case comes down to now: everything stored in it, judged again by the packs that are current."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from nachsorge import __version__
from nachsorge.assets.inventory import Inventory
from nachsorge.cases import decisions
from nachsorge.cases.diff import Change, changes
from nachsorge.cases.document import assessment_of
from nachsorge.cases.outcomes import Kept, unpacked
from nachsorge.cases.state import Read, State, state_of
from nachsorge.exports.assessment_json import dumps
from nachsorge.matching.tests import Test, tests_of
from nachsorge.model.evidence import Gap, Reading
from nachsorge.model.pack import Pack
from nachsorge.model.words import Reason, Status
from nachsorge.sweep.rules import prepared
from nachsorge.sweep.stored import Judgement, Stored, judge_stored
from nachsorge.verdicts.closing import Decisions, Missing, Remedy, Seen, Waiver, missing
from nachsorge.verdicts.next_evidence import plan
from nachsorge.verdicts.obtainable import obtainable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nachsorge.cases.store import Case
    from nachsorge.model.assessment import Assessment, Hit
    from nachsorge.model.times import Instant

_NAMED = 5
AGAIN = "read before this version of the packs; read the evidence again: nachsorge case add"


def packs_of(case: Case, state: State) -> list[Pack]:
    """Give the packs that are current."""
    return [_pack(case, blob) for blob in state.packs.values()]


def _pack(case: Case, blob: str) -> Pack:
    return msgspec.msgpack.decode(case.blob(blob), type=Pack)


def judged(case: Case, state: State) -> Judgement:
    """Judge all that is stored. The same entries give the same assessment, byte for byte."""
    packs = [prepared(pack) for pack in packs_of(case, state)]
    inventory = msgspec.json.decode(case.blob(state.inventory), type=Inventory) if state.inventory else Inventory()
    translate = _Translator(case, state, packs)
    newest = {listed[-1].seq for listed in state.reads.values()}
    stored = [one for read in state.current() for one in _stored(case, read, translate, older=read.seq not in newest)]
    stored += [Stored(reading=_unread(shown)) for shown in state.pending.values()]
    return judge_stored(
        packs,
        stored,
        inventory,
        state.assets,
        (state.start, state.end),
        interrupted=bool(state.pending),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """A case, judged: what changed since the time before, what stands against closing, and whether it was reopened."""

    judgement: Judgement
    document: bytes
    state: State
    changed: tuple[Change, ...]
    missing: tuple[Missing, ...]
    reopened: bool


def assess(case: Case, time: Instant, by: str) -> Assessed:
    """Judge, keep the assessment if it is another one, and reopen a closed case that it contradicts."""
    state = state_of(case.entries())
    judgement = judged(case, state)
    document = dumps(judgement.assessment)
    last = state.assessed[-1] if state.assessed else None
    before = assessment_of(case.blob(last.document), "the assessment before") if last else None
    changed = changes(before, judgement.assessment) if before else ()
    lacking = lacks(state, judgement)
    with case.writing() as writer:
        name = writer.put(document)
        if last is None or last.document != name:
            told = {"document": name, "upto": state.last, "tool": __version__, "told": _line(judgement.assessment)}
            writer.append("assessed", told | {"changes": [f"{c.kind}: {c.what}" for c in changed]}, time, by)
        if reopened := state.closed is not None and bool(lacking):
            writer.append("reopened", {"because": [one.says for one in lacking[:_NAMED]]}, time, by)
    return Assessed(
        judgement=judgement, document=document, state=state, changed=changed, missing=lacking, reopened=reopened
    )


def lacks(state: State, judgement: Judgement) -> tuple[Missing, ...]:
    """List what stands against closing the case."""
    packs = {bounded.pack.id: bounded.pack for bounded in judgement.packs}
    found = judgement.assessment
    listed = plan(obtainable(packs, found.assets, found.sightings, found.coverage))
    return missing(packs, found, decided(state), [cell for line in listed.lines for cell in line.settles])


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
        remedies=tuple(Remedy(asset, at) for asset, at in decisions.remedies(entries)),
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


def _unread(shown: str) -> Reading:
    note = "announced to the case and not read: nachsorge case add reads it"
    return Reading(path=shown, status=Status.UNREAD, reason=Reason.INTERRUPTED, note=note)


class _Translator:
    """Finds the tests of today in hits that were met with the tests of another day."""

    def __init__(self, case: Case, state: State, packs: Sequence[Pack]) -> None:
        """Take the packs that are current."""
        self._case = case
        self._state = state
        self._known: dict[tuple[str, ...], dict[int, int]] = {}
        self.now = tuple(pack.digest for pack in packs)
        self._today = {_name(test): number for number, test in enumerate(tests_of(packs))}

    def hit(self, hit: Hit, packs: tuple[str, ...]) -> Hit | None:
        """Give a hit with the number of its test today; None where nobody looks for it any more."""
        if packs == self.now:
            return hit
        if packs not in self._known:
            old = [prepared(_pack(self._case, self._state.bodies[digest])) for digest in packs]
            numbers = ((number, self._today.get(_name(test))) for number, test in enumerate(tests_of(old)))
            self._known[packs] = {before: now for before, now in numbers if now is not None}
        number = self._known[packs].get(hit.test)
        return None if number is None else replace(hit, test=number)


def _name(test: Test) -> tuple[object, ...]:
    return (*test.key, test.trace.id, test.trace.stage, test.later)


def _stored(case: Case, read: Read, translate: _Translator, *, older: bool) -> list[Stored]:
    return [_one(kept, read, translate, older=older) for kept in unpacked(case.blob(read.outcomes))]


def _one(kept: Kept, read: Read, translate: _Translator, *, older: bool) -> Stored:
    reading = kept.reading
    if not set(translate.now) <= set(read.packs):
        reading = _without_coverage(reading)
    if older:
        reading = replace(reading, path=f"{reading.path} (as it was when read at {read.time})")
    hits = (translate.hit(hit, read.packs) for hit in kept.hits)
    return Stored(
        reading=reading,
        hits=tuple(hit for hit in hits if hit is not None),
        control=kept.control,
        control_note=kept.control_note,
        early=read.early,
    )


def _without_coverage(reading: Reading) -> Reading:
    """Keep what was found, and let it clear nothing: nobody has looked into it for what the packs know by now."""
    gaps = [Gap(reason=Reason.NEEDS_EVIDENCE, note=AGAIN, telemetry=s.telemetry, host=s.host) for s in reading.seen]
    return replace(
        reading,
        status=Status.PARTLY if reading.status is Status.READ else reading.status,
        reason=reading.reason or Reason.NEEDS_EVIDENCE,
        note="; ".join(part for part in (reading.note, AGAIN) if part),
        seen=(),
        presence=(),
        logged=(),
        gaps=(*reading.gaps, *gaps),
    )
