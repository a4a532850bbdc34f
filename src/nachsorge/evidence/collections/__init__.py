"""Collections: what triage tools take of a host, as the host itself knows its files.

A collector copies a choice of a host's files below folders of its own, beside its own results and its own log. Each is
recognised by what lies in the archive or folder, never by the archive's name. Its paths are spelled as the host spells
them; its results are evidence of that host; its log says what it wanted and could not get, and that is a gap. What it
wrote about itself (its orders, its parameters) is not evidence and not searched: a hunt for an indicator names it.

No collection is a whole file system, however much of one it holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.collections.cylr import CyLR
from nachsorge.evidence.collections.kape import Kape
from nachsorge.evidence.collections.layout import Arranged, Layout
from nachsorge.evidence.collections.orc import Orc
from nachsorge.evidence.collections.uac import Uac
from nachsorge.evidence.collections.velociraptor import Velociraptor
from nachsorge.evidence.containers.names import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Root
    from nachsorge.evidence.trees import Entry

__all__ = ["LAYOUTS", "Arranged", "Holders", "arranged", "orders", "recognised"]

LAYOUTS: tuple[Layout, ...] = (Velociraptor(), Uac(), Kape(), Orc(), CyLR())


class Holders:
    """Finds the root that holds a path, however many roots there are."""

    def __init__(self, roots: Sequence[Root]) -> None:
        """Sort the roots by their prefixes."""
        self._by_prefix: dict[str, list[Root]] = {}
        for root in roots:
            self._by_prefix.setdefault(root.prefix, []).append(root)

    def of(self, path: str) -> Root | None:
        """Give the root; None where no root holds the path."""
        above = path
        while above:
            above = above.rpartition("/")[0]
            for root in self._by_prefix.get(above, ()):
                if root.holds(path):
                    return root
        return None

    def sorted_by(self, entries: Sequence[Entry]) -> dict[Root, list[Entry]]:
        """Give every root its entries; those of none are left out."""
        held: dict[Root, list[Entry]] = {root: [] for roots in self._by_prefix.values() for root in roots}
        for entry in entries if held else ():
            if (root := self.of(entry.path)) is not None:
                held[root].append(entry)
        return held


def recognised(entries: Sequence[Entry], ledger: Ledger) -> tuple[Root, ...]:
    """Give the roots of all collections in a tree; one that lies within another is part of it, and is noted."""
    kept: list[Root] = []
    found = [root for layout in LAYOUTS for root in layout.roots(entries)]
    for root in sorted(found, key=lambda root: (len(root.prefix), root.prefix)):
        marks = [f"{root.prefix}/{part}" if root.prefix else part for part in root.parts]
        outer = next((one for one in kept if any(one.holds(mark) for mark in marks)), None)
        if outer is None:
            kept.append(root)
        else:
            where = shown(root.prefix) or "the tree"
            ledger.notes.append(f"{where} looks like a collection by {root.collector} within another; part of it")
    return tuple(kept)


def arranged(entries: Sequence[Entry], root: Root, ledger: Ledger) -> Arranged:
    """Spell a collection's files as its host does and account for what the collector could not get.

    Args:
        entries: those that the root holds.
        root: one that `recognised` gave.
        ledger: takes gaps: files that were wanted and are not there, each with its path and reason.
    """
    layout = next(layout for layout in LAYOUTS if layout.name == root.collector)
    return layout.arrange(entries, root, ledger)


def orders(path: str, roots: Sequence[Root]) -> bool:
    """Tell whether a file outside of all roots holds a collector's orders for several of them (a hunt's)."""
    folder, _, name = path.rpartition("/")
    return name.lower() == "hunt_info.json" and any(
        root.collector == Velociraptor.name and (not folder or root.prefix.startswith(folder + "/")) for root in roots
    )
