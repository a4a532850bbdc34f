"""Who reads a release, and how little it may tell of few.

The least number a cell: three for a closed circle, as Statistik Austria publishes ("G" where fewer); five, rounded to
five, for the community; ten for the public, as the ONS asks of research output. A house may ask for more, never less.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from nachsorge.errors import NachsorgeError
from nachsorge.model.labels import Audience


class RuleError(NachsorgeError):
    """Rules that protect less than the least this program allows."""


class Circle(StrEnum):
    """Readers of a release, the closest first. Whoever belongs to one reads what the wider ones get as well."""

    CLOSED = "closed"
    COMMUNITY = "community"
    PUBLIC = "public"

    @property
    def audience(self) -> Audience:
        """Give the word that the door knows them by."""
        return _AUDIENCE[self]

    def reads(self, release: Circle) -> bool:
        """Tell whether someone of this circle sees a release made for another."""
        return _ORDER.index(self) <= _ORDER.index(release)

    def readers(self) -> tuple[Circle, ...]:
        """Give the circles whose members see a release made for this one."""
        return tuple(one for one in _ORDER if one.reads(self))


_ORDER = (Circle.CLOSED, Circle.COMMUNITY, Circle.PUBLIC)
_AUDIENCE = {
    Circle.CLOSED: Audience.CONSTITUENCY,
    Circle.COMMUNITY: Audience.COMMUNITY,
    Circle.PUBLIC: Audience.PUBLIC,
}
_FLOOR = {Circle.CLOSED: (3, 1), Circle.COMMUNITY: (5, 5), Circle.PUBLIC: (10, 1)}
"""The least number a cell, and what it is rounded to."""
_DOMINANCE = 0.5
_SPREAD = 0.2


@dataclass(frozen=True, slots=True)
class Rules:
    """What protects a number.

    Attributes:
        circle: who reads it.
        minimum: controlling groups that a shown cell holds at least; also how far apart the ends of what can be
            worked out of a protected cell lie at least.
        base: shown numbers are multiples of it; 1 for none.
        dominance: share of a cell's assets that one group may have at most.
        spread: how far apart those ends lie at least for numbers of assets, as a share of the number.
    """

    circle: Circle
    minimum: int
    base: int = 1
    dominance: float = _DOMINANCE
    spread: float = _SPREAD

    def __post_init__(self) -> None:
        minimum, base = _FLOOR[self.circle]
        for name, right in (
            (f"at least {minimum} a cell", self.minimum >= minimum),
            (f"rounding to at least {base}", self.base >= base),
            (f"a largest share of at most {_DOMINANCE}", 0 < self.dominance <= _DOMINANCE),
            (f"a spread of {_SPREAD} to 1", _SPREAD <= self.spread <= 1),
        ):
            if not right:
                raise RuleError(f"rules may only be made stricter: the audience '{self.circle}' needs {name}")

    def width(self, number: int, *, assets: bool = False) -> int:
        """Give how far apart the ends of what a reader can work out must lie at least."""
        return max(self.minimum, -int(-number * self.spread // 1)) if assets else self.minimum


def least(circle: Circle) -> Rules:
    """Give the rules that hold where a house set none of its own."""
    minimum, base = _FLOOR[circle]
    return Rules(circle, minimum, base)
