"""Releases held against earlier ones: whoever has two may take their difference.

A reader of a closed circle sees the public's releases as well, so a new one is audited for every circle that sees it,
together with all that this circle has seen. Numbers are taken to grow: what was counted in the last release is in this
one too, so the growth of every cell is a number of its own, and a small one is as protected as a small cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from nachsorge.cert.picture.audit import audit
from nachsorge.cert.picture.rules import Circle, least
from nachsorge.cert.picture.suppress import protect
from nachsorge.cert.picture.system import PROTECTED, AtMost, Exposed, How, Key, Need, Sheet, Shown, Sum, View

NEW = "new"
LOOK_BACK = 4
"""Releases that a new one is held against: the last that a circle has seen, each held against those before it."""


@dataclass(frozen=True, slots=True)
class Past:
    """An approved release: who reads it, what it shows, and the numbers behind it, which never leave the house."""

    number: int
    circle: Circle
    sheet: Sheet
    numbers: Mapping[Key, int]


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
    """
    sheet = new.sheet
    for reader in new.circle.readers():
        seen = _seen(pasts, reader)
        if not seen:
            continue
        both, needs = _both(replace(new, sheet=sheet), seen, reader)
        before = _known_before(seen, reader)
        lasting = [need for need in needs if need.cell not in before]
        priced = {_named(NEW, cell): cost for cell, cost in costs.items()}
        safe = protect(both, lasting, priced)
        hidden = {cell for cell in sheet.shown if safe.shown[_named(NEW, cell)].how is How.PROTECTED}
        sheet = sheet.hide(hidden - set(sheet.protected()))
    return sheet


def told_by_both(new: Past, pasts: Sequence[Past]) -> dict[Circle, tuple[Exposed, ...]]:
    """Audit a new release for every circle that sees it, each with all it has seen; empty tuples where all hold."""
    found = {}
    for reader in new.circle.readers():
        seen = _seen(pasts, reader)
        both, needs = _both(new, seen, reader)
        before = _known_before(seen, reader) if seen else frozenset()
        found[reader] = audit(both, [need for need in needs if need.cell not in before])
    return found


def views(new: Past, pasts: Sequence[Past], own: Sequence[Need], cell: Key) -> tuple[View, ...]:
    """Give a protected cell of a new release as every circle sees it: alone, and with what it has seen before."""
    found = [View(new.sheet, cell, tuple(own))]
    for reader in new.circle.readers():
        if seen := _seen(pasts, reader):
            both, needs = _both(new, seen, reader)
            before = _known_before(seen, reader)
            found.append(View(both, _named(NEW, cell), tuple(need for need in needs if need.cell not in before)))
    return tuple(found)


def _both(new: Past, seen: Sequence[Past], reader: Circle) -> tuple[Sheet, list[Need]]:
    """Put releases into one sheet: each one's cells under its name, and the growth from one to the next."""
    chain = [(str(past.number), past) for past in seen] + [(NEW, new)]
    shown: dict[Key, Shown] = {}
    sums: list[Sum] = []
    limits: list[AtMost] = []
    needs: list[Need] = []
    for name, past in chain:
        shown |= {_named(name, cell): one for cell, one in past.sheet.shown.items()}
        sums += [Sum(_named(name, one.total), tuple(_named(name, p) for p in one.parts)) for one in past.sheet.sums]
        limits += [AtMost(_named(name, one.smaller), _named(name, one.larger)) for one in past.sheet.limits]
        needs += _few(name, past, reader)
    for (earlier, old), (later, now) in pairwise(chain):
        for cell, grown in _growth(old, now).items():
            more = _named(f"{earlier}>{later}", cell)
            shown[more] = PROTECTED
            sums.append(Sum(_named(later, cell), (_named(earlier, cell), more)))
            if 0 < grown < least(reader).minimum:
                needs.append(Need(more, least(reader).minimum, unless_zero=True))
    return Sheet(shown, tuple(sums), tuple(limits)), needs


def _seen(pasts: Sequence[Past], reader: Circle) -> list[Past]:
    return [past for past in pasts if reader.reads(past.circle)][-LOOK_BACK:]


def _few(name: str, past: Past, reader: Circle) -> Iterator[Need]:
    few = least(reader).minimum
    for cell in past.sheet.protected():
        if past.numbers[cell] < few:
            yield Need(_named(name, cell), few)


def _growth(old: Past, now: Past) -> dict[Key, int]:
    """Give how much every cell of both grew. One that shrank, as after a correction, is left out: nothing links it."""
    both = ((cell, number - old.numbers[cell]) for cell, number in now.numbers.items() if cell in old.numbers)
    return {
        cell: grown for cell, grown in both if grown >= 0 and _may_grow(old.sheet.shown[cell], now.sheet.shown[cell])
    }


def _may_grow(old: Shown, now: Shown) -> bool:
    return now.high >= old.low


def _known_before(seen: Sequence[Past], reader: Circle) -> frozenset[Key]:
    """Give the cells that the earlier releases alone tell already: no new one can mend that."""
    *before, last = seen
    both, needs = _both(last, before, reader)
    names = {NEW: str(last.number)}
    told = audit(both, needs)
    return frozenset(_renamed(one.cell, names) for one in told)


def _renamed(cell: Key, names: Mapping[str, str]) -> Key:
    return tuple((name, _rename(value, names)) if name == "" else (name, value) for name, value in cell)


def _rename(value: str, names: Mapping[str, str]) -> str:
    return ">".join(names.get(part, part) for part in value.split(">"))


def _named(name: str, cell: Key) -> Key:
    return (("", name), *cell)


def _last(cell: Key, pasts: Iterable[Past], reader: Circle) -> int | None:
    """Give what a reader last saw in a cell as an exact number, carried ones included."""
    found = None
    for past in pasts:
        one = past.sheet.shown.get(cell)
        if one and reader.reads(past.circle) and one.how in (How.EXACT, How.CARRIED):
            found = one.number
    return found
