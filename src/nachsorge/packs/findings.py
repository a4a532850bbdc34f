"""What is wrong with a pack so far, and which names it defines and uses; all problems are told at once."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: lines and columns count from 1, 0 means that the file as a whole is meant."""

    path: str
    line: int = 0
    column: int = 0


@dataclass(slots=True)
class Findings:
    """The problems of one pack, and its names: `defined` by kind and id, `used` with the kinds that may answer."""

    problems: list[Problem] = field(default_factory=list)
    defined: dict[str, dict[str, Place]] = field(default_factory=dict)
    used: list[tuple[tuple[str, ...], str, Place]] = field(default_factory=list)

    def problem(self, place: Place, message: str, remedy: str = "") -> None:
        """Note something wrong and what to do about it."""
        self.problems.append(
            Problem(path=place.path, line=place.line, column=place.column, message=message, remedy=remedy)
        )

    def define(self, kind: str, name: str, place: Place) -> None:
        """Note that the pack defines this name; a second definition is a problem."""
        known = self.defined.setdefault(kind, {})
        if name in known:
            self.problem(place, f"{kind} {name!r} is defined twice", f"first in line {known[name].line}")
        known.setdefault(name, place)

    def refer(self, kinds: tuple[str, ...], name: str, place: Place) -> None:
        """Note that the pack uses a name; `close` tells whether anything defines it."""
        self.used.append((kinds, name, place))

    def close(self) -> None:
        """Report the names that nothing defines. Call it once, when the whole pack was read."""
        for kinds, name, place in self.used:
            known = [each for kind in kinds for each in self.defined.get(kind, {})]
            if name not in known:
                self.problem(place, f"no {' or '.join(kinds)} {name!r} in this pack", nearest(name, known))

    def in_order(self) -> list[Problem]:
        """Give the problems by file, line and column."""
        return sorted(self.problems, key=lambda each: (each.path, each.line, each.column, each.message))


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which known word was probably meant, or else which ones there are."""
    words = sorted(set(known))
    close = difflib.get_close_matches(word.lower(), words, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"one of: {', '.join(words)}" if words else "none is defined"
