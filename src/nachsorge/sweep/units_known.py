"""How a unit of evidence is known again: whose file it is, and whether it has changed since it was read."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.units import tree_of, within

if TYPE_CHECKING:
    from nachsorge.evidence.units import Unit

TREE = "its listing"


def key_of(unit: Unit) -> str:
    """Name a unit whatever folder the program runs in, and whose it was said to be."""
    what = unit.root.prefix + unit.root.collector if unit.root is not None else TREE if unit.trouble else ""
    # A file that could not be read is the same unit when it can be.
    what = "" if what == TREE and not unit.path.is_dir() else what
    return f"{unit.path.resolve()}\n{what}\n{unit.host or ''}"


def content_of(unit: Unit) -> str:
    """Give what changes when the evidence does; empty where it cannot be read."""
    if unit.trouble is not None:
        return ""
    try:
        if unit.root is None:
            with unit.path.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        listed = (e for e in tree_of(unit, Ledger()) if within(unit.root, e))
        lines = sorted(f"{entry.path}\0{entry.size}\0{entry.modified}\0{entry.target}" for entry in listed)
    except OSError:
        return ""
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
