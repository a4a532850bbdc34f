"""What a disk image's account and its roots say about the hosts on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.read import LOST
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Root


def unlisted(ledger: Ledger) -> bool:
    """Tell whether a volume was not listed to its end, or not at all: its files may lie anywhere in a host's tree.

    Unlike in a folder, a file system that is not supported hides files as one that is encrypted does.
    """
    return any(gap.reason in LOST | {Reason.UNKNOWN_FORMAT} for gap in ledger.gaps)


def alone(roots: Iterable[Root], asset: str | None) -> str | None:
    """Give the one host whose the whole disk is: the named asset, or the only one that its roots name."""
    names = {root.host for root in roots if root.host}
    return asset or (names.pop() if len(names) == 1 else None)
