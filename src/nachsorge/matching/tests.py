"""The flat list of tests that packs come down to; everything else in this room refers to them by index."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nachsorge.model.pack import Exposure, Indicator, Pack, Rule, StoredTime, Trace
from nachsorge.model.times import Instant, render
from nachsorge.model.words import IndicatorType, Platform, Polarity, Telemetry, Weight

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CONTROL = "nachsorge-control"
"""Pack id of the planted values of the positive control; their hits never become sightings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One thing to look for, and what it means when it is found.

    `type` is the indicator's type, or `product`, `stored_time`, `sigma`, `yara`. `origin` is what it was made from.
    `later` tells a stored time's test from its contrary.
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


def tests_of(packs: Iterable[Pack]) -> tuple[Test, ...]:
    """List what the packs look for, in a stable order. Roles that never match and unverified values are not in it."""
    return tuple(test for pack in packs for test in _of_pack(pack))


def _of_pack(pack: Pack) -> Iterator[Test]:
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
    for indicator in pack.indicators:
        if indicator.drives:
            yield _of_indicator(pack, indicator)
    for rule in pack.rules:
        trace = pack.traces_by_id[rule.trace]
        yield Test(
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


def _of_indicator(pack: Pack, indicator: Indicator) -> Test:
    trace = pack.traces_by_id[indicator.trace]
    return Test(
        pack=pack.id,
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
