"""Releases held against all earlier ones: whoever keeps them may take their differences.

A reader of a closed circle sees the public's releases as well, so a new one is audited for every circle that sees it,
together with everything that this circle has ever seen of the campaign, the sentences included. The growth of every
cell from one release to the next is a number of its own, and a small one is as protected as a small cell.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.cert.picture.audit import Reader
from nachsorge.cert.picture.rules import Circle, least
from nachsorge.cert.picture.series import Past, named, origin, series
from nachsorge.cert.picture.suppress import protect
from nachsorge.cert.picture.system import Exposed, How, Key, Need, Sheet, Shown, View

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


_ROUNDS = 3
_FEW = 8
"""Numbers in doubt that are opened one by one."""


def carried(
    shown: Mapping[Key, Shown], numbers: Mapping[Key, int], pasts: Sequence[Past], to: Circle
) -> dict[Key, Shown]:
    """Show the number of the last release again where it has changed by less than what may be told.

    So a series never grows by one or two. Readers are told that the number stands for one that differs by less than
    the minimum, and cannot tell whether it changed at all.
    """
    found = dict(shown)
    for cell, one in shown.items():
        for reader in to.readers():
            if one.how is How.EXACT and (last := _last(cell, pasts, reader)) is not None:
                few = least(reader).minimum
                if 0 < abs(numbers[cell] - last) < few:
                    found[cell] = Shown(How.CARRIED, last, max(last - few + 1, 0), last + few - 1)
    return found


def held(new: Past, pasts: Sequence[Past], costs: Mapping[Key, float]) -> Sheet:
    """Protect further cells of a new release until no circle learns from its difference to the earlier ones.

    Raises:
        NotSafe: earlier releases already tell so much that nothing can be added without giving something away.
        AuditError: what is shown contradicts an earlier release.
        TooLong: the time allowed is spent.
    """
    for reader, seen in _readers(new, pasts):
        new = _coarser(new, seen, reader) if seen else new
        both, needs, found = _judged(new, seen, reader)
        if found:
            safe = protect(both, needs, {named(new.number, cell): cost for cell, cost in costs.items()})
            hidden = {cell for cell in new.sheet.shown if safe.shown[named(new.number, cell)].how is How.PROTECTED}
            new = replace(new, sheet=new.sheet.hide(hidden - set(new.sheet.protected())))
    return new.sheet


def _coarser(new: Past, seen: Sequence[Past], reader: Circle) -> Past:
    """Protect whatever stands in a row or column with a number in doubt, margins left as they are, all at once.

    Where many are in doubt, opening one after the other costs much and in the end protects nearly the same.
    """
    for _ in range(_ROUNDS):
        both, needs = series([*seen, new], reader)
        doubtful = {origin(need.cell) for need in Reader(both).doubtful(needs)}
        if len(doubtful) <= _FEW:
            break
        beside = {part for one in new.sheet.sums if doubtful & {one.total, *one.parts} for part in one.parts}
        inner = {cell for cell in beside if len(cell) > 1 and new.sheet.shown[cell].how is not How.PROTECTED}
        if not inner:
            break
        new = replace(new, sheet=new.sheet.hide(inner))
    return new


def told_by_both(new: Past, pasts: Sequence[Past]) -> dict[Circle, tuple[Exposed, ...]]:
    """Audit a new release for every circle that sees it, each with all it has seen; empty tuples where all hold."""
    return {reader: _judged(new, seen, reader)[2] for reader, seen in _readers(new, pasts)}


def views(new: Past, pasts: Sequence[Past], own: Sequence[Need], cell: Key) -> tuple[View, ...]:
    """Give a protected cell of a new release as every circle sees it: alone, and with what it has seen before."""
    found = [View(new.sheet, cell, tuple(own))]
    for reader, seen in _readers(new, pasts):
        if seen:
            both, needs, _ = _judged(new, seen, reader)
            found.append(View(both, named(new.number, cell), tuple(needs)))
    return tuple(found)


def _readers(new: Past, pasts: Sequence[Past]) -> Iterator[tuple[Circle, list[Past]]]:
    """Give who sees a release, each with what they have seen.

    A closer circle that has seen no more than a wider one is left out: what may be told to the wider one may be told to
    it, for its minimum is smaller.
    """
    met: list[list[Past]] = []
    for reader in reversed(new.circle.readers()):
        seen = [past for past in pasts if reader.reads(past.circle)]
        if seen not in met:
            met.append(seen)
            yield reader, seen


def _judged(new: Past, seen: Sequence[Past], reader: Circle) -> tuple[Sheet, list[Need], tuple[Exposed, ...]]:
    """Audit a new release with those before it.

    Where these alone tell too much of a number, as releases of older versions of this program may, no new one can mend
    that. Then it must at least tell no more.
    """
    both, needs = series([*seen, new], reader)
    found = tuple(Reader(both).exposed(needs))
    if found and seen and (before := _known(needs, found, seen, reader)):
        needs = [replace(need, width=before.get(need.cell, need.width)) for need in needs]
        found = tuple(one for one in found if one.high - one.low < before.get(one.cell, one.width))
    return both, needs, found


def _known(needs: Iterable[Need], found: Iterable[Exposed], seen: Sequence[Past], reader: Circle) -> dict[Key, int]:
    """Give how wide the cells are that the earlier releases tell already."""
    before, _ = series(seen, reader)
    exposed = {one.cell for one in found}
    asked = [need for need in needs if need.cell in exposed and need.cell in before.shown]
    return {one.cell: one.high - one.low for one in Reader(before).exposed(asked)}


def _last(cell: Key, pasts: Iterable[Past], reader: Circle) -> int | None:
    """Give what a reader last saw in a cell as an exact number, carried ones included."""
    found = None
    for past in pasts:
        one = past.sheet.shown.get(cell)
        if one and reader.reads(past.circle) and one.how in (How.EXACT, How.CARRIED):
            found = one.number
    return found
