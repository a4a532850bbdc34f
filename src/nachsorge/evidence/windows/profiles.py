"""Which users' own hives lie beside a machine's SOFTWARE hive, and can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.evidence.siblings import beside
from nachsorge.evidence.windows.hive_open import open_hive

if TYPE_CHECKING:
    from collections.abc import Sequence

_UP = "../../../"
"""SOFTWARE lies three folders below its drive: Windows/System32/config/SOFTWARE."""


def unread_users(source: Opened, profiles: list[str]) -> str:
    """Name the users whose NTUSER.DAT is not beside a SOFTWARE hive, or cannot be read whole; empty where all are."""
    missing: list[str] = []
    for profile in profiles:
        parts = [part for part in profile.replace("/", "\\").split("\\") if part]
        found = _hive_of(source, parts[1:])
        if found is None or _unsound(found):
            missing.append(parts[-1] if parts else profile)
    return ", ".join(sorted(missing))


def _hive_of(software: Opened, parts: Sequence[str]) -> Opened | None:
    # What a hive states is no path to trust: it may not lead upwards.
    if any(part in (".", "..") for part in parts):
        return None
    try:
        return beside(software, _UP + "/".join([*parts, "ntuser.dat"]))
    except OSError:
        return None


def _unsound(source: Opened) -> bool:
    """Tell whether a user's hive has any gap of its own: then its programs are not known for certain."""
    ledger = Ledger()
    try:
        hive = open_hive(source, ledger)
        top = hive.root.find("Software") if hive else None
    except (ReadError, OSError, EOFError):
        return True
    return top is None or bool(ledger.gaps) or bool(hive and hive.faults.count)
