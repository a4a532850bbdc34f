"""A collection's members as a tree, in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.evidence_kit import opened

from nachsorge.evidence.collections import arranged, recognised
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.read import close
from nachsorge.evidence.readers.files import read_tree
from nachsorge.evidence.trees import Entry

if TYPE_CHECKING:
    from nachsorge.evidence.seams import Root
    from nachsorge.model.evidence import Reading

Members = "Sequence[tuple[str, bytes, Instant | None]]"


def entries(members: Members, base: str = "") -> list[Entry]:  # type: ignore[valid-type]
    return [
        Entry(
            path=base + path,
            size=len(body),
            modified=modified,
            source=opened(body, path.rpartition("/")[2], modified),
        )
        for path, body, modified in members  # type: ignore[attr-defined]
    ]


def brought(members: Members, base: str = "") -> tuple[tuple[Root, ...], tuple[Entry, ...], Ledger]:  # type: ignore[valid-type]
    """Give the roots, the first one's files as the host spells them, and the account."""
    listed, ledger = entries(members, base), Ledger()
    roots = recognised(listed, ledger)
    own = [entry for entry in listed if roots[0].holds(entry.path)]
    return roots, arranged(own, roots[0], ledger).files, ledger


def tree(members: Members) -> Reading:  # type: ignore[valid-type]
    """Read the first collection as the tree that it is."""
    roots, files, ledger = brought(members)
    list(read_tree(files, ledger, before=2**62, root=roots[0], host="pc"))
    return close(opened(b""), "files", ledger)
