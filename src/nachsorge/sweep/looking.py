"""Which rows of an index are worth putting together: those that hold a text that may meet a test.

A row's texts are kept in parts (`index.shapes`), so a text is asked about as what it is a part of: alone, behind the
same few characters, or as the beginning or the rest of something, and then the row decides.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from nachsorge.index.found import software_of
from nachsorge.index.rows import TOKENS
from nachsorge.index.shapes import ADDRESS, HOST, MORE, PLACE
from nachsorge.matching.indexed import MARK
from nachsorge.model.words import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.index.shapes import Column, Shape
    from nachsorge.matching.indexed import IndexMatcher

_UNASKED = frozenset({HOST, ADDRESS, PLACE})


class _Use(NamedTuple):
    """What a text is a part of: a value of this kind, behind `before`; `begins` it, or is the `rest` of it."""

    kind: str
    before: str = ""
    begins: bool = False
    rest: bool = False


class Search:
    """Collects, for one part of an index, which numbers of texts are wanted in which slots of which shapes."""

    def __init__(self, shapes: Mapping[int, Shape], matcher: IndexMatcher) -> None:
        """Learn what the texts of each domain are used for."""
        self._matcher = matcher
        self._uses: dict[str, dict[_Use, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
        self._whole = {number for number, shape in shapes.items() if _is_wanted_whole(shape, matcher)}
        self._found: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        for number, shape in shapes.items():
            for column in shape.columns if number not in self._whole else ():
                for held, use in _uses(shape, column):
                    self._uses[held.domain][use].append((number, held.slot))

    @property
    def wanted(self) -> dict[int, dict[int, set[int]]]:
        """Give shape -> slot -> numbers of texts; a shape without slots is wanted whole."""
        found = {shape: dict(slots) for shape, slots in self._found.items()}
        return {**found, **{shape: {} for shape in self._whole}}

    def see(self, domain: str, number: int, text: str) -> None:
        """Take a text that the sieve lets pass."""
        for use, places in self._uses[domain].items() if text else ():
            if self._may_meet(use, text):
                for shape, slot in places:
                    self._found[shape][slot].add(number)

    def _may_meet(self, use: _Use, text: str) -> bool:
        if use.rest or use.kind == MORE:
            return True
        if use.kind == TOKENS:
            return use.begins or self._matcher.meets(Kind.TEXT, MARK + use.before + text)
        if use.begins:
            return self._matcher.may_begin(Kind(use.kind), text)
        return self._matcher.meets(Kind(use.kind), use.before + text)


def _is_wanted_whole(shape: Shape, matcher: IndexMatcher) -> bool:
    software, fields = software_of(shape), matcher.fields_of_times()
    if software is not None and matcher.knows(software):
        return True
    return any(column.kind == Kind.INSTANT and column.field in fields for column in shape.columns)


def _uses(shape: Shape, column: Column) -> Iterator[tuple[Column, _Use]]:
    """Give each stored text that a column is made of, and how."""
    if column.kind in _UNASKED:
        return
    before, behind = "", False
    for at, part in enumerate(column.parts):
        last = at == len(column.parts) - 1
        match part:
            case None:
                yield column, _Use(column.kind, rest=len(column.parts) > 1)
            case int() if behind:
                yield shape.columns[part], _Use(column.kind, rest=True)
            case int():
                yield shape.columns[part], _Use(column.kind, before if last else "", begins=not last)
                behind = True
            case _:
                before = part
