"""Conditions of several tests, as STIX patterns and OpenIOC definitions state them, brought to single indicators.

A pack looks for single values. What is kept of a condition is chosen so that nothing is ruled out wrongly: a whole
condition can only be met where each part of an AND is met, so to look for one part is to look for all of it, but a met
part alone is only a hint. Each part of an OR must be looked for, else the condition counts as lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from nachsorge.model.words import IndicatorType, Weight
from nachsorge.packs.values import ValueProblem, checked, refang

HASHES = frozenset({IndicatorType.SHA256, IndicatorType.SHA1, IndicatorType.MD5})


@dataclass(frozen=True, slots=True)
class Test:
    """A value that can be looked for."""

    kind: IndicatorType
    value: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A part that nobody can look for, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class All:
    """AND, and FOLLOWEDBY, which is AND with an order."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """OR."""

    parts: tuple[Node, ...]


Node: TypeAlias = Test | Unknown | All | Either


@dataclass(frozen=True, slots=True)
class Found:
    """One value of a condition and what meeting it alone is worth."""

    kind: IndicatorType
    value: str
    weight: Weight


@dataclass(frozen=True, slots=True)
class Outcome:
    """What of a condition is looked for. `complete` tells that it can be ruled out by these values."""

    found: tuple[Found, ...]
    unknown: tuple[str, ...]
    complete: bool


def resolve(node: Node, *, alone: bool = True) -> Outcome:
    """Bring a condition to single values; `alone` tells that meeting this part meets the whole condition."""
    match node:
        case Test():
            return _test(node, alone)
        case Unknown():
            return Outcome((), (node.why,), complete=False)
        case All():
            outcomes = [resolve(part, alone=alone and len(node.parts) == 1) for part in node.parts]
            return _joined(outcomes, complete=any(each.complete for each in outcomes))
        case Either():
            outcomes = [resolve(part, alone=alone) for part in node.parts]
            return _joined(outcomes, complete=bool(outcomes) and all(each.complete for each in outcomes))


def _test(test: Test, alone: bool) -> Outcome:
    try:
        value = checked(test.kind, refang(test.value))
    except ValueProblem as error:
        return Outcome((), (str(error),), complete=False)
    # A hash names the content whatever else the condition says of the file.
    sure = test.kind in HASHES or alone
    return Outcome((Found(test.kind, value, Weight.STRONG if sure else Weight.HINT),), (), complete=True)


def _joined(outcomes: list[Outcome], *, complete: bool) -> Outcome:
    found: dict[Found, Any] = {each: None for outcome in outcomes for each in outcome.found}
    return Outcome(tuple(found), tuple(why for outcome in outcomes for why in outcome.unknown), complete)


def size(node: Node) -> int:
    """Count the tests of a condition, which tells a single comparison from a composite one."""
    match node:
        case All() | Either():
            return sum(size(part) for part in node.parts)
        case _:
            return 1
