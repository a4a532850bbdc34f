"""A list against an index: the same accounts, the same tests on what was kept of each record, the same judgement.

What the index cannot know is said, never left out: rules need records whole, and words may have stood in free text of
which only the tokens were kept. Stages that such a test speaks for are not ruled out (see `unanswered`).
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nachsorge.assets.registry import Registry
from nachsorge.index.engine import failures
from nachsorge.index.rows import TOKENS
from nachsorge.index.store import Kept, Row, Source, Store
from nachsorge.matching.indexed import MARK, IndexMatcher
from nachsorge.matching.tests import tests_of
from nachsorge.model.assessment import Hit
from nachsorge.model.words import Kind
from nachsorge.sweep.conclude import conclude, distinct
from nachsorge.sweep.rules import with_idle_rules_told
from nachsorge.sweep.unanswered import told, unanswered, with_stages_open
from nachsorge.sweep.windows import bounded, stage_windows
from nachsorge.sweep.work import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from nachsorge.assets.inventory import Inventory
    from nachsorge.evidence.seams import Sieve
    from nachsorge.matching.tests import Test
    from nachsorge.model.assessment import Assessment
    from nachsorge.model.evidence import Presence, Record
    from nachsorge.model.pack import Pack
    from nachsorge.model.times import Instant
    from nachsorge.sweep import Options


@dataclass(frozen=True, slots=True)
class _Met:
    """A row that met tests, and its hits: of its first record, and of its last where that is another one."""

    row: Row
    hits: tuple[Hit, ...]


def recall(packs: Sequence[Pack], folder: Path, inventory: Inventory, options: Options) -> Assessment:
    """Judge packs against an index. `options` are those of a sweep; only the window is asked for."""
    packs = [with_idle_rules_told(pack) for pack in distinct(packs)]
    tests = tests_of(packs)
    with closing(Store(folder)) as store, failures(folder):
        kept = store.sources()
        early = Registry(inventory)
        registry = Registry(inventory, [lease for one in kept if one.early for lease in one.reading.leases])
        seen = store.presence(registry.addresses)
        met = _met(store, IndexMatcher(tests), {one.source for one in kept})
    outcomes = [_outcome(one, met.get(one.source, ()), _present(one, seen, early)) for one in kept]
    outcomes.sort(key=lambda outcome: outcome.reading.path)
    if any(one.reading.leases for one in kept if not one.early):
        registry = Registry(inventory, [lease for outcome in outcomes for lease in outcome.reading.leases])

    judged_by = bounded(packs, outcomes, options.start, options.end)
    borders = [b for span in stage_windows(judged_by).values() for b in (span.start, span.end)]
    open_tests = unanswered(tests, kept, _straddling(met, tests, borders, registry))
    judged_by = with_stages_open(judged_by, open_tests)
    found = conclude(judged_by, tests, outcomes, registry, declared=bool(inventory.assets))
    return told(found, open_tests, str(folder))


def _present(one: Kept, seen: Mapping[Source, Sequence[Presence]], early: Registry) -> tuple[Presence, ...]:
    """Give the presence that a sweep would have noted: of sources that name machines, they know the inventory only."""
    noted = seen.get(one.source, ())
    return tuple(p for p in noted if p.address in early.addresses) if one.early else tuple(noted)


def _outcome(one: Kept, met: Iterable[_Met], presence: tuple[Presence, ...]) -> Outcome:
    return Outcome(
        reading=replace(one.reading, presence=presence),
        hits=tuple(hit for each in met for hit in each.hits),
        control=one.control,
        control_note=one.control_note,
    )


def _met(store: Store, matcher: IndexMatcher, sources: set[Source]) -> dict[Source, list[_Met]]:
    """Find the rows that meet any test: first the values, behind the sieve, then the records that hold them."""
    candidates: dict[int, set[int]] = defaultdict(set)
    sieve = matcher.sieve()
    for part, first, texts in store.blocks():
        candidates[part] |= {first + at for at in _admitted(sieve, texts)}
    met: dict[Source, list[_Met]] = defaultdict(list)
    for number in (part.number for part in store.manifest.parts):
        ids = _meeting(store, matcher, number, candidates[number])
        programs = [shape for shape, software in store.shapes(number) if matcher.knows(software)]
        for row in store.rows(number, ids, programs) if ids or programs else ():
            if row.source in sources and (hits := _hits(matcher, row)):
                met[row.source].append(_Met(row, hits))
    return met


def _admitted(sieve: Sieve, texts: str) -> Iterator[int]:
    """Give the numbers of the lines in which the sieve finds something."""
    if sieve.everything:
        yield from range(texts.count("\n") + 1)
        return
    raw = texts.encode()
    number = at = 0
    reached = -1
    for end in sieve.ends(raw):
        # The end lies behind the last byte of a literal, which no line break is in.
        number, at = number + raw.count(b"\n", at, end), max(at, end)
        if number > reached:
            reached = number
            yield number


def _meeting(store: Store, matcher: IndexMatcher, part: int, candidates: set[int]) -> set[int]:
    instants = store.of_kind(part, Kind.INSTANT) if matcher.stored else set()
    values = store.values(part, candidates)
    return instants | {
        number
        for number, (kind, _, text) in values.items()
        if (matcher.meets(Kind.TEXT, MARK + text) if kind == TOKENS else kind and matcher.meets(Kind(kind), text))
    }


def _hits(matcher: IndexMatcher, row: Row) -> tuple[Hit, ...]:
    """Match a row's first record; its last one met the same, at its own time and place."""
    first = matcher.match(_asked(row))
    if row.last is None or row.last == row.record.time:
        return tuple(first)
    return (*first, *(replace(hit, time=row.last, locator=row.last_locator) for hit in first))


def _asked(row: Row) -> Record:
    """Mark the texts of which there are only tokens, so that they are looked up as such."""
    if not row.reduced:
        return row.record
    values = tuple(
        replace(value, text=MARK + value.text) if at in row.reduced else value
        for at, value in enumerate(row.record.values)
    )
    return replace(row.record, values=values)


def _straddling(
    met: Mapping[Source, Iterable[_Met]], tests: Sequence[Test], borders: Sequence[Instant], registry: Registry
) -> set[int]:
    """Name the tests met by records of which some may stand on another side of a border than the first and the last.

    Borders are ends of a value's validity, of a stage's window, and of a lease of the record's addresses.
    """
    found: set[int] = set()
    for one in (one for listed in met.values() for one in listed):
        first, last = one.row.record.time, one.row.last
        if one.row.count < 3 or first is None or last is None or first == last:
            continue
        common = [*borders, *registry.borders(one.row.record.addresses)]
        for hit in one.hits:
            test = tests[hit.test]
            own = [b for b in (test.valid_from, test.valid_until) if b is not None]
            if any(first <= border <= last for border in (*common, *own)):
                found.add(hit.test)
    return found
