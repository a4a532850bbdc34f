"""Which tests an index cannot answer, and what that means: their stages stay open, and the result says so."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nachsorge.index.rows import FREE, NUMBER, WORD
from nachsorge.matching import sigma
from nachsorge.matching.indexed import WORDY, hidden_by
from nachsorge.matching.logsources import Recorded
from nachsorge.matching.tests import Test, apart, lists
from nachsorge.model.assessment import Assessment, RuleAccount
from nachsorge.model.pack import Rule
from nachsorge.model.words import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nachsorge.index.store import Kept
    from nachsorge.model.pack import Pack, Stage
    from nachsorge.sweep.windows import Bounded

AGAIN = "needs the raw evidence again"
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A test that the index alone cannot answer, and why."""

    test: Test
    why: str


def unanswered(tests: Sequence[Test], kept: Sequence[Kept], straddling: set[int]) -> list[Unanswered]:
    """List what needs the raw evidence. A rule none of whose records were seen needs none: it would find none."""
    hidden: Counter[str] = Counter()
    recorded = Recorded(one.reading for one in kept)
    for one in kept:
        hidden.update(one.hidden)
    found = []
    for number, test in _asked(tests, straddling):
        if isinstance(test.origin, Rule):
            why = _of_rule(test.origin, kept, recorded)
        elif hidden_by(test, free=bool(hidden[FREE]), word=bool(hidden[WORD]), number=bool(hidden[NUMBER])):
            why = f"of {hidden.total()} free texts the index holds names, addresses and hashes only"
        else:
            why = "an hour of the index straddles a border of its time" if number in straddling else ""
        if why:
            found.append(Unanswered(test, why))
    return found


def _asked(tests: Sequence[Test], straddling: set[int]) -> Iterator[tuple[int, Test]]:
    """Give the tests to be asked about, in order: of long lists only rows that may stand in text, or straddle."""
    wanted = dict(apart(tests))
    for start, rows in lists(tests):
        wanted.update((start + at, rows[at]) for at in rows.of_types(WORDY))
    wanted.update((number, tests[number]) for number in straddling)
    return iter(sorted(wanted.items()))


def _of_rule(rule: Rule, kept: Sequence[Kept], recorded: Recorded) -> str:
    if rule.engine == "yara":
        scanned = any(one.reading.reader in ("files", "") and one.reading.status is not Status.UNREAD for one in kept)
        return "the index holds no contents of files" if scanned else ""
    try:
        plan = sigma.compiled(rule).plan
    except sigma.NotSupported:
        return ""  # said already, and its stage is open
    return "the index holds no whole records" if recorded.of(plan) else ""


def with_stages_open(packs: Sequence[Bounded], found: Sequence[Unanswered]) -> list[Bounded]:
    """Keep open the stages that such tests speak for, and those that would be implied by them."""
    return [replace(bounded, pack=_open(bounded.pack, found)) for bounded in packs]


def _open(pack: Pack, found: Sequence[Unanswered]) -> Pack:
    waiting: dict[str, list[str]] = {}
    for one in found:
        if one.test.pack == pack.id:
            for stage in (one.test.trace.stage, *_before(pack.stages_by_id, one.test.trace.stage)):
                waiting.setdefault(stage, []).append(one.test.value)
    stages = (replace(s, unanswered=_note(waiting[s.id])) if s.id in waiting else s for s in pack.stages)
    return replace(pack, stages=tuple(stages)) if waiting else pack


def _before(stages: Mapping[str, Stage], stage: str) -> list[str]:
    found: list[str] = []
    waiting = list(stages[stage].requires)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.append(one)
            waiting += stages[one].requires
    return found


def _note(values: Iterable[str]) -> str:
    listed = list(dict.fromkeys(values))
    rest = len(listed) - _NAMED
    return f"{AGAIN}: {', '.join(listed[:_NAMED])}" + (f" and {rest} more" if rest > 0 else "")


def told(found: Assessment, listed: Sequence[Unanswered], where: str) -> Assessment:
    """Say in the result what was not answered: in the rules, in claims that would hold, and in a note."""
    why = {(one.test.value, one.test.type): f"{AGAIN}: {one.why}" for one in listed}
    rules = [replace(rule, note=rule.note or _why(why, rule.id)) for rule in found.rules]
    rules += [
        RuleAccount(id=one.test.value, applicable=0, matches=_matches(found, one.test), note=f"{AGAIN}: {one.why}")
        for one in {(o.test.value, o.test.type): o for o in listed if not isinstance(o.test.origin, Rule)}.values()
    ]
    claims = tuple(
        replace(claim, answer="untestable", because=(_note(one.test.value for one in listed),))
        if claim.answer == "holds"
        else claim
        for claim in found.claims
    )
    again = f"; {len(why)} rules and values need the raw evidence again" if why else ""
    note = f"judged against the index {where}: of an hour's records that are alike it has the first and the last{again}"
    summary = replace(found.summary, notes=(*found.summary.notes, note))
    return replace(found, rules=tuple(rules), claims=claims, summary=summary)


def _why(why: Mapping[tuple[str, str], str], rule: str) -> str:
    return why.get((rule, "sigma"), why.get((rule, "yara"), ""))


def _matches(found: Assessment, test: Test) -> int:
    return sum((s.indicator, s.type, s.pack) == (test.value, test.type, test.pack) for s in found.sightings)
