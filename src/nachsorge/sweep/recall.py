"""A list against an index: the same accounts, the same tests on what was kept of each record, the same judgement.

What the index cannot know is said, never left out: rules need records whole, and words may have stood in free text of
which only the tokens were kept. Stages that such a test speaks for are not ruled out (see `unanswered`).
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from nachsorge.assets.registry import Registry, registry_of
from nachsorge.index.engine import failures
from nachsorge.index.found import Row, Source
from nachsorge.index.shapes import text_of
from nachsorge.index.store import Kept, Store, intact
from nachsorge.matching.indexed import MARK, IndexMatcher
from nachsorge.matching.tests import tests_of
from nachsorge.model.assessment import Hit
from nachsorge.model.evidence import Reading
from nachsorge.sweep.conclude import conclude, distinct
from nachsorge.sweep.looking import Search
from nachsorge.sweep.rules import prepared
from nachsorge.sweep.unanswered import told, unanswered, with_stages_open
from nachsorge.sweep.windows import bounded, stage_windows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from nachsorge.assets.inventory import Inventory
    from nachsorge.evidence.seams import Sieve
    from nachsorge.matching.tests import Test
    from nachsorge.model.assessment import Assessment, Sighting
    from nachsorge.model.evidence import Presence, Record
    from nachsorge.model.pack import Pack
    from nachsorge.model.times import Instant
    from nachsorge.sweep import Options
    from nachsorge.sweep.outcome import Outcome


@dataclass(frozen=True, slots=True)
class _Met:
    """A row that met tests, and its hits: of its first record, and of its last where that is another one."""

    row: Row
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recalled:
    """What `sweep.outcome.Outcome` is to those who judge; that one comes with all readers."""

    reading: Reading
    hits: tuple[Hit, ...]
    control: bool | None
    control_note: str
    piece: None = None


def recall(packs: Sequence[Pack], folder: Path, inventory: Inventory, options: Options) -> Assessment:
    """Judge packs against an index. `options` are those of a sweep; only the window is asked for."""
    packs = [prepared(pack, options.store) for pack in distinct(packs)]
    tests = tests_of(packs)
    with closing(Store(folder)) as store, intact(store), failures(folder):
        kept = store.sources()
        registry = registry_of(inventory, [one.reading for one in kept], options.assets)
        seen = store.presence(registry.addresses)
        met = _met(store, IndexMatcher(tests, options.store), {one.source for one in kept})
    outcomes = [_outcome(one, met.get(one.source, ()), tuple(seen.get(one.source, ()))) for one in kept]
    outcomes.sort(key=lambda outcome: outcome.reading.path)

    judged_by = bounded(packs, outcomes, options.start, options.end)
    borders = [b for span in stage_windows(judged_by).values() for b in (span.start, span.end)]
    open_tests = unanswered(tests, kept, _straddling(met, tests, borders, registry))
    judged_by = with_stages_open(judged_by, open_tests)
    found = conclude(judged_by, tests, outcomes, registry, declared=bool(inventory.assets))
    return told(_counted(found, met, kept), open_tests, str(folder))


def _counted(found: Assessment, met: Mapping[Source, Iterable[_Met]], kept: Sequence[Kept]) -> Assessment:
    """Say of sightings how many records they stand for, where it is more than the two that are given."""
    paths = {one.source: one.reading.path for one in kept}
    counts = {
        (paths[source], place): one.row.count
        for source, listed in met.items()
        for one in listed
        for place in (one.row.record.locator, one.row.last_locator)
        if one.row.count > 2
    }
    named = {source.id: source.reading.path for source in found.sources}
    sightings = tuple(_of_many(s, counts.get((named.get(s.source, ""), s.locator), 0)) for s in found.sightings)
    return replace(found, sightings=sightings) if counts else found


def _of_many(sighting: Sighting, count: int) -> Sighting:
    told = f"the first or last of {count} records of this hour that are alike"
    return replace(sighting, note="; ".join(filter(None, (sighting.note, told)))) if count else sighting


def _outcome(one: Kept, met: Iterable[_Met], presence: tuple[Presence, ...]) -> Outcome:
    found = _Recalled(
        reading=replace(one.reading, presence=presence),
        hits=tuple(hit for each in met for hit in each.hits),
        control=one.control,
        control_note=one.control_note,
    )
    return cast("Outcome", found)


def _met(store: Store, matcher: IndexMatcher, sources: set[Source]) -> dict[Source, list[_Met]]:
    """Find the rows that meet any test: first the texts, behind the sieve, then the records that hold them."""
    sieve = matcher.sieve()
    met: dict[Source, list[_Met]] = defaultdict(list)
    for part in (part.number for part in store.manifest.parts):
        search = Search(store.shapes(part), matcher)
        for block in store.blocks(part):
            for at, line in _admitted(sieve, block.texts):
                search.see(block.domain, block.first + at, text_of(line.decode()))
        for row in store.rows(part, search.wanted):
            if row.source in sources and (hits := _hits(matcher, row)):
                met[row.source].append(_Met(row, hits))
    return met


def _admitted(sieve: Sieve, raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the lines in which the sieve finds something, with their numbers from 0 on."""
    if sieve.everything:
        yield from enumerate(raw.split(b"\n"))
        return
    number = at = 0
    reached = -1
    for end in sieve.ends(raw):
        # The end lies behind the last byte of a literal, which no line break is in.
        number, at = number + raw.count(b"\n", at, end), max(at, end)
        if number > reached:
            reached = number
            close = raw.find(b"\n", end)
            yield number, raw[raw.rfind(b"\n", 0, end) + 1 : len(raw) if close < 0 else close]


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
            limit = test.trace.within
            own = [b for b in (test.valid_from, test.valid_until) if b is not None]
            own += [limit.start, limit.end] if limit else []
            if any(first <= border <= last for border in (*common, *own)):
                found.add(hit.test)
    return found
