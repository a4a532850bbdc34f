"""All of an indicator file at once, for whoever needs it whole and knows that it is small."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.packs.importers.seams import BreaksOff, Carried, Item, Listing, Remark, Statement

if TYPE_CHECKING:
    from nachsorge.packs.importers.seams import Importer

MOST_REMARKS = 100_000


def listing_of(importer: Importer, content: bytes | BinaryIO) -> Listing:
    """Read a file to its end, or to where it breaks off.

    Raises:
        RowProblem: the file as a whole is unusable.
    """
    found = Remarks()
    items, rules, statements = [], [], []
    broken = None
    try:
        for each in importer.read(io.BytesIO(content) if isinstance(content, bytes) else content):
            match each:
                case Item():
                    items.append(each)
                case Remark():
                    found.add(each)
                case Statement():
                    statements.append(each)
                case Carried():
                    rules.append((each.item, each.rule))
    except BreaksOff as error:
        broken = error
    return Listing(
        items=tuple(items),
        not_understood=found.lines(),
        lost=found.lost,
        statements=tuple(statements),
        broken=broken,
        rules=tuple(rules),
    )


class Remarks:
    """Remarks on a file, as many as somebody might read; the others are counted. `lost` counts all that was lost."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lines: list[str] = []
        self._more = 0
        self.lost = 0

    def add(self, remark: Remark, prefix: str = "") -> None:
        """Take one; `prefix` names its file where there are several."""
        self.lost += remark.lost
        if not remark.text:
            return
        if remark.foremost:
            self._lines.insert(0, prefix + remark.text)
        elif len(self._lines) < MOST_REMARKS:
            self._lines.append(prefix + remark.text)
        else:
            self._more += 1

    def lines(self) -> tuple[str, ...]:
        """Give them for people."""
        more = (f"{self._more:,} more such lines are not listed",) if self._more else ()
        return (*self._lines, *more)
