"""What people decided, from the entries of a case to what closing asks for. A later word on the same thing counts.

`cases.told` says entries in words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.model.times import parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nachsorge.cases.store import Entry

WAIVED, FALSE, REMEDIED, OWNER, NOTIFIED, NOT_NOTIFIED = (
    "waived",
    "false-positive",
    "remediated",
    "owner",
    "notified",
    "not-notified",
)


def owners(entries: Iterable[Entry]) -> dict[str, str]:
    """Give the owner of each asset; that of the case as a whole under the empty name."""
    return {e.body["asset"]: e.body["owner"] for e in entries if e.kind == OWNER}


def remedies(entries: Iterable[Entry]) -> list[tuple[str, int]]:
    """Give (asset, when) of everything that was remediated."""
    return sorted((asset, at) for asset, at, _ in measures(entries))


def measures(entries: Iterable[Entry]) -> list[tuple[str, int, tuple[str, ...]]]:
    """Give (asset, when, what was done) of everything that was remediated."""
    found = (e.body for e in entries if e.kind == REMEDIED)
    return sorted((b["asset"], parse_instant(b["at"]), tuple(b.get("measures", ()))) for b in found)
