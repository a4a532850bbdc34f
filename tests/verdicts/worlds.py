"""Strategies: small incidents, assets, sightings and coverage, on a grid of six hours over two weeks."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from tests.builders import DNS, FILES, PROCESS, PROXY, asset, pack, sighting, stage

from nachsorge.model.assessment import Asset, Cell, Sighting
from nachsorge.model.pack import Need, Option, Pack, Stage, Window
from nachsorge.model.times import HOUR, Span
from nachsorge.model.words import Platform, Reason, Rung, Standing, Telemetry, Verdict, Weight
from nachsorge.verdicts.coverage import Appearance, Facts, KnownGap, Observation, cover
from nachsorge.verdicts.judge import judge, verdict_of

if TYPE_CHECKING:
    from collections.abc import Sequence

TICK = 6 * HOUR
TELEMETRY = (DNS, PROXY, PROCESS, FILES)
SENSORS = ("site-a", "site-b")
HARDNESS = (Standing.SHOWN, Standing.SUSPECTED, Standing.OPEN, Standing.RULED_OUT)
VERDICTS = (Verdict.COMPROMISED, Verdict.SUSPECTED, Verdict.OPEN, Verdict.RULED_OUT)

ticks = st.integers(0, 56).map(lambda n: n * TICK)
lengths = st.one_of(st.integers(0, 8), st.integers(30, 56)).map(lambda n: n * TICK)
spans = st.builds(lambda start, length: Span(start, start + length), ticks, lengths)
platforms = st.sampled_from([None, None, *Platform])
middle = st.builds(lambda start, end: Span(start * TICK, end * TICK), st.integers(8, 20), st.integers(20, 44))
telemetries = st.sampled_from(TELEMETRY)


SELDOM_NONE = st.sampled_from([1, 1, 1, 1, 0])


@dataclass(frozen=True)
class World:
    """All that one asset is judged by."""

    pack: Pack
    asset: Asset
    sightings: tuple[Sighting, ...]
    facts: Facts

    def cells(self) -> dict[str, Cell]:
        covered = {t: cover(self.asset, t, self.facts, Span(0, 56 * TICK)) for t in Telemetry}
        return {cell.stage: cell for cell in judge(self.pack, self.asset, self.sightings, covered)}

    def verdict(self) -> Verdict:
        return verdict_of({self.pack.id: self.pack}, self.cells().values())


@st.composite
def needs(draw: st.DrawFn) -> Need:
    option = st.builds(
        Option,
        telemetry=st.lists(telemetries, min_size=draw(SELDOM_NONE), max_size=2, unique=True).map(tuple),
        snapshot_after=st.one_of(st.none(), ticks),
    )
    options = draw(st.lists(option, min_size=draw(SELDOM_NONE), max_size=2))
    return Need(any_of=tuple(options), platform=draw(platforms))


@st.composite
def windows(draw: st.DrawFn, before: Sequence[str]) -> tuple[Window, ...]:
    absolute = st.builds(Window, absolute=st.one_of(middle, middle, spans), platform=platforms)
    relative = st.builds(Window, anchor=st.sampled_from([*before, "unseen"]), after=lengths, until=lengths)
    simple = st.builds(Window, absolute=middle).map(lambda one: [one])
    return tuple(draw(st.one_of(simple, simple, st.lists(st.one_of(absolute, absolute, relative), max_size=3))))


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    stages: list[Stage] = []
    for number in range(draw(st.integers(1, 4))):
        before = [each.id for each in stages]
        stages.append(
            stage(
                f"stage{number}",
                list(Rung)[number],
                requires=tuple(draw(st.lists(st.sampled_from(before), unique=True))) if before else (),
                platforms=tuple(draw(st.sampled_from([[], [], [], [Platform.WINDOWS]]))),
                roles=tuple(draw(st.sampled_from([[], [], [], [], ["pbx"]]))),
                except_roles=tuple(draw(st.sampled_from([[], [], [], ["pbx"]]))),
                windows=draw(windows(before)),
                needs=draw(st.lists(needs(), min_size=draw(SELDOM_NONE), max_size=2)),
                means_compromise=draw(st.booleans()),
                strong_enough=draw(st.integers(1, 2)),
                never=draw(st.sampled_from([*[""] * 5, "nobody logs it"])),
            )
        )
    return pack(*stages)


assets = st.builds(
    asset,
    platform=platforms,
    role=st.sampled_from(["", "client", "pbx"]),
    watched=st.lists(st.sampled_from(["dns_query", "dns_query@site-a", "proxy", "proxy@site"]), max_size=2).map(tuple),
)


@st.composite
def sightings(
    draw: st.DrawFn, of: Pack, locators: Sequence[int], *, refutes: bool | None = None
) -> tuple[Sighting, ...]:
    """Each in a record of its own, so that no two are the same one told twice."""
    return tuple(
        sighting(
            draw(st.sampled_from([each.id for each in of.stages])),
            draw(st.sampled_from(Weight)),
            draw(st.one_of(st.none(), ticks)),
            indicator=draw(st.sampled_from("ab")),
            trace=draw(st.sampled_from("xy")),
            locator=f"line {locator}",
            id=f"s{locator}",
            refutes=draw(st.booleans()) if refutes is None else refutes,
        )
        for locator in locators
    )


# Facts are many small parts: one seed for all is drawn much faster than each, and small worlds need no shrinking.
_chance = st.integers(0, 2**32).map(random.Random)


def _span(chance: random.Random) -> Span:
    if chance.random() < 0.5:
        return Span(chance.randint(0, 8) * TICK, chance.randint(44, 60) * TICK)
    start = chance.randint(0, 56)
    return Span(start * TICK, (start + chance.choice([0, 1, 2, 8, 40])) * TICK)


def _spans(chance: random.Random) -> tuple[Span, ...]:
    return tuple(_span(chance) for _ in range(chance.choice([0, 1, 1, 1, 2, 3])))


def _observation(chance: random.Random) -> Observation:
    if chance.random() < 0.5:
        owner = chance.choice(["pc1", "pc1", "pc1", "pc2"])
        return Observation(telemetry=chance.choice(TELEMETRY), spans=_spans(chance), asset=owner)
    return Observation(telemetry=chance.choice([DNS, PROXY]), spans=_spans(chance), sensor=chance.choice(SENSORS))


def _appearance(chance: random.Random) -> Appearance:
    return Appearance(
        asset=chance.choice(["pc1", "pc1", "pc2"]),
        sensor=chance.choice([*SENSORS, "site-c"]),
        telemetry=chance.choice([DNS, PROXY]),
        spans=_spans(chance),
    )


def _gap(chance: random.Random) -> KnownGap:
    return KnownGap(
        reason=chance.choice([Reason.CORRUPT, Reason.LOG_CLEARED, Reason.LIMIT]),
        note=chance.choice(["", "here"]),
        asset=chance.choice([None, "pc1", "pc2"]),
        telemetry=chance.choice([None, *TELEMETRY]),
        span=chance.choice([None, Span(10 * TICK, 12 * TICK), _span(chance)]),
        sensor=chance.choice(["", *SENSORS]),
    )


def _gaps(chance: random.Random) -> tuple[KnownGap, ...]:
    return tuple(_gap(chance) for _ in range(chance.choice([0, 0, 1, 2])))


def _facts(chance: random.Random) -> Facts:
    return Facts(
        tuple(_observation(chance) for _ in range(chance.randint(0, 9))),
        tuple(_appearance(chance) for _ in range(chance.randint(0, 4))),
        _gaps(chance),
    )


facts = _chance.map(_facts)


@st.composite
def worlds(draw: st.DrawFn, *, refutes: bool | None = None) -> World:
    incident = draw(packs())
    seen = draw(sightings(incident, range(draw(st.sampled_from([0, 0, 1, 2, 4]))), refutes=refutes))
    return World(incident, draw(assets), seen, draw(facts))


def _shrunk(chance: random.Random, listed: tuple[Span, ...]) -> tuple[Span, ...]:
    """Leave spans out and cut others at either end."""
    kept = []
    for span in listed:
        start, end = span.start + chance.randint(0, 8) * TICK, span.end - chance.randint(0, 8) * TICK
        fate = chance.choice(["keep", "keep", "drop", "cut"])
        if fate == "keep" or (fate == "cut" and start <= end):
            kept.append(span if fate == "keep" else Span(start, end))
    return tuple(kept)


def _less(chance: random.Random, known: Facts, drop_sensors: bool) -> Facts:
    kept = [
        replace(one, spans=_shrunk(chance, one.spans))
        for one in known.observations
        if chance.random() < 0.8 or (one.asset is None and not drop_sensors)
    ]
    there = [
        replace(one, spans=_shrunk(chance, one.spans))
        for one in known.appearances
        if not drop_sensors or chance.random() < 0.8
    ]
    return Facts(tuple(kept), tuple(there), (*known.gaps, *_gaps(chance)))


def less(known: Facts, *, drop_sensors: bool) -> st.SearchStrategy[Facts]:
    """Make facts that cover less: shorter, fewer, and with more gaps.

    Without `drop_sensors` a sensor stays known even where nothing of its recordings is left.
    """
    return _chance.map(lambda chance: _less(chance, known, drop_sensors))
