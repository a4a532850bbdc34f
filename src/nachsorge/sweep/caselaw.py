"""What a case comes down to now: everything stored in it, judged again by the packs that are current."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from nachsorge.assets.inventory import Inventory
from nachsorge.cases.outcomes import Kept, unpacked
from nachsorge.matching.tests import Test, tests_of
from nachsorge.model.evidence import Gap, Reading
from nachsorge.model.pack import Claim, Pack
from nachsorge.model.words import Reason, Status
from nachsorge.sweep.rules import prepared
from nachsorge.sweep.stored import Judgement, Stored, judge_stored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nachsorge.cases.state import Read, State
    from nachsorge.cases.store import Case
    from nachsorge.model.assessment import Hit

AGAIN = "read before this version of the packs; read the evidence again: nachsorge case add"


def packs_of(case: Case, state: State) -> list[Pack]:
    """Give the packs that are current, with the claims that people added; of two with one id the pack's stays."""
    return [_with_claims(case, state, _pack(case, blob)) for blob in state.packs.values()]


def _with_claims(case: Case, state: State, pack: Pack) -> Pack:
    if pack.id not in state.claims:
        return pack
    own = msgspec.msgpack.decode(case.blob(state.claims[pack.id]), type=tuple[Claim, ...])
    known = {claim.id for claim in pack.claims}
    # A later version of the pack may have lost the stage that a claim is about: then it can only be told.
    kept = (c if not c.stage or c.stage in pack.stages_by_id else replace(c, test="none") for c in own)
    return replace(pack, claims=(*pack.claims, *(claim for claim in kept if claim.id not in known)))


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
        given=state.labels,
    )


def _unread(shown: str) -> Reading:
    note = "announced to the case, not read yet: another nachsorge case add may be reading it; if none is, start one"
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
