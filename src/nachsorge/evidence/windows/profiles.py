"""Which users' own hives lie beside a machine's SOFTWARE hive, and can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.evidence.trees import open_plain
from nachsorge.evidence.windows.hive_open import open_hive

if TYPE_CHECKING:
    from pathlib import Path

_DEPTH = 4
"""SOFTWARE lies four levels below its drive: Windows/System32/config/SOFTWARE."""


def unread_users(source: Opened, profiles: list[str]) -> str:
    """Name the users whose NTUSER.DAT is not beside a SOFTWARE hive, or cannot be read whole; empty where all are."""
    missing: list[str] = []
    for profile in profiles:
        parts = [part for part in profile.replace("/", "\\").split("\\") if part]
        place = _hive_of(source.local, parts[1:]) if source.local is not None else None
        if place is None or _unsound(place):
            missing.append(parts[-1] if parts else profile)
    return ", ".join(sorted(missing))


def _hive_of(software: Path, parts: list[str]) -> Path | None:
    if len(software.parents) < _DEPTH:
        return None
    place = software.parents[_DEPTH - 1]
    for name in (*parts, "ntuser.dat"):
        try:
            found = [path for path in place.iterdir() if path.name.lower() == name.lower()]
        except OSError:
            return None
        if not found:
            return None
        place = found[0]
    return place


def _unsound(place: Path) -> bool:
    """Tell whether a user's hive has any gap of its own: then its programs are not known for certain."""
    ledger = Ledger()
    source = Opened(path=place.name, name=place.name, open=lambda: open_plain(place), local=place)
    try:
        hive = open_hive(source, ledger)
        top = hive.root.find("Software") if hive else None
    except (ReadError, OSError, EOFError):
        return True
    return top is None or bool(ledger.gaps) or bool(hive and hive.faults.count)
