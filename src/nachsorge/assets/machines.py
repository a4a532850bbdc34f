"""What sources state of machines, put together: which statements are of one machine, and which cannot be.

Marks part machines and never join them across names: installations are cloned, mainboards get the same number, and a
machine that was credited with another's evidence would be cleared by it. Whoever knows better writes both names into
one row of the inventory.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.assets.marks import Marks, joined, marks_of, same, tell
from nachsorge.assets.names import is_full, plain, short
from nachsorge.model.words import Platform

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nachsorge.model.evidence import Identity


MOST_COMPARED = 200
"""Of a name that more machines bear, each mark counts as one machine; to compare all with all would take for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One machine as some sources state it. `places` are paths below which evidence of its names is its own."""

    names: tuple[str, ...]
    marks: Marks
    places: tuple[str, ...] = ()
    platform: Platform | None = None

    @property
    def order(self) -> tuple[object, ...]:
        """Sort by what is said, so that the order of the evidence decides nothing."""
        return self.names, sorted((kind, *sorted(values)) for kind, values in self.marks.items()), self.places

    def bears(self, name: str) -> bool:
        """Tell whether it has this name, or a full one of which this is the first label."""
        return plain(name) in {spelled for own in self.names for spelled in (plain(own), short(own))}


def claims(stated: Iterable[Identity]) -> dict[str, list[Claim]]:
    """Sort statements by the name they are about; each list holds machines that are different, as far as was said."""
    found: list[Claim] = []
    by_place: defaultdict[str, list[Claim]] = defaultdict(list)
    for one in stated:
        claim = Claim(names=one.names, marks=marks_of(one.marks), places=(one.place,), platform=one.platform)
        by_place[one.place].append(claim)
    for place in sorted(by_place):
        found += _of_place(by_place[place])
    named = _by_name(found)
    return {name: distinct(named[name]) for name in sorted(named)}


def distinct(listed: Sequence[Claim]) -> list[Claim]:
    """Give the machines behind claims of one name: one where nothing contradicts, else one for each that differs."""
    marked = _marked(listed)
    if len(marked) > MOST_COMPARED:
        return _by_surest(listed)
    if all(same(a.marks, b.marks) is not False for at, a in enumerate(marked) for b in marked[:at]):
        return [_merged(listed)]
    left, apart = sorted(listed, key=lambda claim: claim.order), list[Claim]()
    while left:
        one = left.pop(0)
        like = [other for other in left if same(one.marks, other.marks)]
        if like:
            left = [_merged([one, *like]), *(other for other in left if other not in like)]
        else:
            apart.append(one)
    return sorted(apart, key=lambda claim: claim.order)


def _by_surest(listed: Sequence[Claim]) -> list[Claim]:
    """Part the bearers of a name that says nothing (`localhost`) by one mark each."""
    found: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in listed:
        found[tell(claim.marks)].append(claim)
    return [_merged(found[mark]) for mark in sorted(found)]


def _marked(listed: Sequence[Claim]) -> list[Claim]:
    unique = {str(claim.order[1]): claim for claim in listed if claim.marks}
    return [unique[key] for key in sorted(unique)]


def _merged(listed: Sequence[Claim]) -> Claim:
    marks: Marks = {}
    for claim in listed:
        marks = joined(marks, claim.marks)
    ordered = sorted(listed, key=lambda claim: claim.order, reverse=True)
    names = {plain(name): name for claim in ordered for name in reversed(claim.names)}
    platforms = {claim.platform for claim in listed if claim.platform}
    return Claim(
        names=tuple(names[key] for key in sorted(names, key=lambda key: (len(key), key))),
        marks=marks,
        places=tuple(sorted({place for claim in listed for place in claim.places})),
        platform=platforms.pop() if len(platforms) == 1 else None,
    )


def _of_place(listed: Sequence[Claim]) -> list[Claim]:
    """Join what one place states of one machine; a hive that does not know its name belongs to the only one there."""
    nameless = [claim for claim in listed if not claim.names]
    named = _by_name([claim for claim in listed if claim.names])
    if nameless and len(named) == 1:
        (name,) = named
        named[name] = [_merged([*named[name], *nameless])]
    out: list[Claim] = []
    for name in sorted(named):
        found = distinct(named[name])
        # Two machines of one name in one place: the place does not say which of them a record is about.
        out += found if len(found) == 1 else [_without_place(claim) for claim in found]
    return out


def _without_place(claim: Claim) -> Claim:
    return Claim(names=claim.names, marks=claim.marks, platform=claim.platform)


def _by_name(listed: Iterable[Claim]) -> dict[str, list[Claim]]:
    """Sort by full name; a short name goes with the only full one that begins with it."""
    full: defaultdict[str, list[Claim]] = defaultdict(list)
    bare: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in listed:
        names = sorted(plain(name) for name in claim.names if is_full(name))
        if names:
            full[names[0]].append(claim)
        elif claim.names:
            bare[plain(claim.names[0])].append(claim)
    begun: defaultdict[str, list[str]] = defaultdict(list)
    for name in full:
        begun[short(name)].append(name)
    for name, some in bare.items():
        fitting = begun[name]
        full[fitting[0] if len(fitting) == 1 else name] += some
    return dict(full)
