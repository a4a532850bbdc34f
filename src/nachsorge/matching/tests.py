"""The flat list of tests that packs come down to; everything else in this room refers to them by index."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING, overload

from nachsorge.model.columns import Indicators
from nachsorge.model.pack import Exposure, Indicator, Pack, Rule, StoredTime, Trace
from nachsorge.model.times import Instant, render
from nachsorge.model.words import IndicatorType, Platform, Polarity, Telemetry, Weight

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

CONTROL = "nachsorge-control"
"""Pack id of the planted values of the positive control; their hits never become sightings."""


CLEAN = "clean_version"
"""Type of the tests for clean versions; see `CleanVersion`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One thing to look for, and what it means when it is found.

    `type` is the indicator's type, or `product`, `clean_version`, `stored_time`, `sigma`, `yara`. `origin` is what it
    was made from. `later` tells a stored time's test from its contrary.
    """

    __test__ = False  # not a pytest class

    pack: str
    value: str
    type: str
    trace: Trace
    origin: Indicator | Exposure | Rule | Trace
    platform: Platform | None = None
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    author: str = ""
    later: bool = True

    def __reduce__(self) -> tuple[object, ...]:
        """Go to other processes as a plain tuple: by the hundred thousand, field names take longer than the rest."""
        return _again, tuple(getattr(self, name) for name in Test.__slots__)

    @property
    def key(self) -> tuple[str, str, str]:
        """Name the value itself: tests of one value on several traces share it."""
        return self.pack, self.type, self.value

    def accepts(self, telemetry: Telemetry) -> bool:
        """Tell whether the trace is left in this telemetry; a trace that names none is left in any."""
        return not self.trace.telemetry or telemetry in self.trace.telemetry

    @property
    def refutes(self) -> bool:
        """Tell whether meeting it shows that the stage did not happen."""
        return self.trace.polarity is Polarity.REFUTES


def _again(*fields: object) -> Test:
    return Test(**dict(zip(Test.__slots__, fields, strict=True)))  # type: ignore[arg-type]


class Rows:
    """The tests of a long list: each is made when it is asked for. Their traces are left in any telemetry."""

    def __init__(self, pack: str, traces: Mapping[str, Trace], indicators: Indicators) -> None:
        """Take the rows that are looked for."""
        self.pack = pack
        self.indicators = indicators
        self._traces = dict(traces)
        self._rows = indicators.rows(sample.drives for sample in indicators.samples)

    @property
    def samples(self) -> list[Indicator]:
        """Give what the rows are samples of, without values."""
        return [sample for sample in self.indicators.samples if sample.drives]

    def values(self) -> Iterator[tuple[str, str]]:
        """Give type and value of each."""
        if len(self._rows) == len(self.indicators):
            return ((kind.value, value) for kind, value in self.indicators.values())
        return (self.typed(number) for number in range(len(self)))

    def typed(self, number: int) -> tuple[str, str]:
        """Give type and value of one."""
        row = self._rows[number]
        return self.indicators.sample(row).type.value, self.indicators.value(row)

    def of_types(self, types: Collection[str]) -> Iterable[int]:
        """Give the numbers of those that are of these types."""
        if not any(sample.type.value in types for sample in self.samples):
            return ()
        return (number for number in range(len(self)) if self.indicators.sample(self._rows[number]).type.value in types)

    def __len__(self) -> int:
        """Count them."""
        return len(self._rows)

    def __getitem__(self, number: int) -> Test:
        """Make one."""
        return _of_indicator(self.pack, self._traces, self.indicators[self._rows[number]])


class Tests(Sequence[Test]):
    """Tests of which some are rows of long lists; else they were a tuple."""

    __test__ = False

    def __init__(self, parts: Iterable[tuple[Test, ...] | Rows]) -> None:
        """Join the parts, in this order."""
        self.parts = tuple(part for part in parts if len(part))
        self._starts = [0, *accumulate(len(part) for part in self.parts)]

    def numbered(self) -> Iterator[tuple[int, tuple[Test, ...] | Rows]]:
        """Give each part with the number of its first test."""
        return zip(self._starts, self.parts, strict=False)

    def __len__(self) -> int:
        """Count all."""
        return self._starts[-1]

    @overload
    def __getitem__(self, at: int) -> Test: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Test, ...]: ...
    def __getitem__(self, at: int | slice) -> Test | tuple[Test, ...]:
        """Give the test of a number, or some."""
        if isinstance(at, slice):
            return tuple(self[number] for number in range(*at.indices(len(self))))
        number = range(len(self))[at]
        part = bisect_right(self._starts, number) - 1
        return self.parts[part][number - self._starts[part]]


def joined(tests: Sequence[Test], more: Iterable[Test]) -> Sequence[Test]:
    """Give the tests and more behind them."""
    return Tests((*tests.parts, tuple(more))) if isinstance(tests, Tests) else (*tests, *more)


def apart(tests: Sequence[Test]) -> Iterator[tuple[int, Test]]:
    """Give the tests that are no rows of long lists, each with its number."""
    for start, part in tests.numbered() if isinstance(tests, Tests) else ((0, tests),):
        if not isinstance(part, Rows):
            yield from enumerate(part, start)


def lists(tests: Sequence[Test]) -> list[tuple[int, Rows]]:
    """Give the long lists among the tests, each with the number of its first row."""
    parts = tests.numbered() if isinstance(tests, Tests) else ()
    return [(start, part) for start, part in parts if isinstance(part, Rows)]


def of_types(tests: Sequence[Test], types: Collection[str]) -> Iterator[tuple[int, Test]]:
    """Give the tests of these types with their numbers, in order."""
    found = [(number, test) for number, test in apart(tests) if test.type in types]
    found += [(start + at, rows[at]) for start, rows in lists(tests) for at in rows.of_types(types)]
    return iter(sorted(found, key=lambda each: each[0]))


def tests_of(packs: Iterable[Pack]) -> Sequence[Test]:
    """List what the packs look for in records, in a stable order.

    Roles that never match and unverified values are not in it, nor are hashes of an asset's attributes, which stand in
    no record (`sweep.digests`).
    """
    judging = list(packs)
    parts = [part for pack in judging for part in _of_pack(pack)]
    # Behind all others: cases keep hits by the number of their test.
    parts.append(tuple(_of_clean(pack, one) for pack in judging for one in pack.exposures if one.clean))
    if any(isinstance(part, Rows) for part in parts):
        return Tests(parts)
    return tuple(test for part in parts if isinstance(part, tuple) for test in part)


def _of_pack(pack: Pack) -> Iterator[tuple[Test, ...] | Rows]:
    yield tuple(_before(pack))
    in_any = not any(trace.telemetry or trace.digest_of for trace in pack.traces)
    if isinstance(pack.indicators, Indicators) and in_any:
        yield Rows(pack.id, pack.traces_by_id, pack.indicators)
    else:
        traces = pack.traces_by_id
        asked = (each for each in pack.indicators if each.drives and traces[each.trace].digest_of is None)
        yield tuple(_of_indicator(pack.id, traces, each) for each in asked)
    yield tuple(_of_rule(pack, rule) for rule in pack.rules)


def _before(pack: Pack) -> Iterator[Test]:
    for exposure in pack.exposures:
        trace = Trace(
            id=f"exposure:{exposure.id}", stage=exposure.stage, weight=Weight.PROOF, platform=exposure.platform
        )
        yield Test(
            pack=pack.id, value=exposure.id, type="product", trace=trace, origin=exposure, platform=exposure.platform
        )
    for trace in pack.traces:
        if trace.stored_time is not None:
            yield from _of_stored_time(pack, trace, trace.stored_time)


def _of_clean(pack: Pack, exposure: Exposure) -> Test:
    """Make the test for versions that are known to be clean: what meets it is no sighting, but a date."""
    trace = Trace(id=f"clean:{exposure.id}", stage=exposure.stage, weight=Weight.PROOF, platform=exposure.platform)
    return Test(pack=pack.id, value=exposure.id, type=CLEAN, trace=trace, origin=exposure, platform=exposure.platform)


def _of_rule(pack: Pack, rule: Rule) -> Test:
    trace = pack.traces_by_id[rule.trace]
    return Test(
        pack=pack.id,
        value=rule.id,
        type=rule.engine,
        trace=trace,
        origin=rule,
        platform=trace.platform,
        author="; ".join(part for part in (rule.author, rule.reference) if part),
    )


def _of_stored_time(pack: Pack, trace: Trace, stored: StoredTime) -> Iterator[Test]:
    """Make the test for a later time, and its contrary.

    One artefact that refutes a stage must not hide another that does not (a second user's profile): a time that is not
    later is a hint that the stage could happen.
    """
    limit, platform = render(stored.after), trace.platform
    later = f"{stored.field} later than {limit}"
    yield Test(pack=pack.id, value=later, type="stored_time", trace=trace, origin=trace, platform=platform)
    if trace.polarity is Polarity.REFUTES:
        contrary = replace(trace, polarity=Polarity.SHOWS, weight=Weight.HINT)
        earlier = f"{stored.field} not later than {limit}"
        yield Test(
            pack=pack.id,
            value=earlier,
            type="stored_time",
            trace=contrary,
            origin=trace,
            platform=platform,
            later=False,
        )


def _of_indicator(pack: str, traces: Mapping[str, Trace], indicator: Indicator) -> Test:
    trace = traces[indicator.trace]
    return Test(
        pack=pack,
        value=indicator.value,
        type=indicator.type.value,
        trace=trace,
        origin=indicator,
        platform=indicator.platform or trace.platform,
        valid_from=indicator.valid_from,
        valid_until=indicator.valid_until,
    )


def control_tests(host: str, address: str, sha256: str, path: str) -> tuple[Test, ...]:
    """Make the tests for the planted values, so that they run beside the real ones."""
    trace = Trace(id=CONTROL, stage=CONTROL, weight=Weight.HINT)
    wanted = (
        (IndicatorType.DOMAIN, host),
        (IndicatorType.IP, address),
        (IndicatorType.SHA256, sha256),
        (IndicatorType.PATH, path),
    )
    return tuple(
        Test(
            pack=CONTROL,
            value=value,
            type=kind.value,
            trace=trace,
            origin=Indicator(type=kind, value=value, trace=CONTROL),
        )
        for kind, value in wanted
    )
