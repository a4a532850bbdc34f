"""What stands against closing, in lines: what many assets lack alike is said once, with number and first names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.locale import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nachsorge.verdicts.closing import Missing

ALIKE = 6
"""So many that differ in nothing but the asset stand together; fewer are read one by one."""
NAMES = 6


def lines(listed: Sequence[Missing], *, each: bool = False) -> Iterator[tuple[int, str]]:
    """Give each requirement with its place in the list; with `each` nothing is put together."""
    groups: dict[object, list[tuple[int, Missing]]] = {}
    for number, one in enumerate(listed, start=1):
        groups.setdefault(number if each or not one.name else _shape(one), []).append((number, one))
    told: list[tuple[int, str]] = []
    for members in groups.values():
        if len(members) < ALIKE:
            told += [(number, _line(one)) for number, one in members]
        else:
            told.append((members[0][0], _together([one for _number, one in members])))
    yield from sorted(told)


def _shape(one: Missing) -> object:
    return one.kind, one.pack, one.stage, one.says.replace(one.name, "", 1), one.settle


def _line(one: Missing) -> str:
    return one.says + (f"\n      {one.settle}" if one.settle else "")


def _together(alike: Sequence[Missing]) -> str:
    """Say the first, and whom else it is about."""
    first, rest = alike[0], alike[1:]
    names = ", ".join(one.name for one in rest[:NAMES])
    if len(rest) > NAMES:
        names = _("{names} and {count} more (--each)").format(names=names, count=len(rest) - NAMES)
    same = _("the same of {count} more: {names}").format(count=len(rest), names=names)
    return _line(first) + f"\n      {same}"
