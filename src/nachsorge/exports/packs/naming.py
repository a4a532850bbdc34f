"""Names that stay the same from export to export: UUIDs, rule numbers, file names, and one-line texts."""

from __future__ import annotations

import hashlib
import re
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nachsorge.model.labels import Label
    from nachsorge.model.pack import Pack

_NAMESPACE = uuid.UUID("6fd2c5a4-3d0b-5d7e-9a53-5c1f6e0f7b21")
"""Ours, so that the same row of the same pack has the same id wherever it is exported (RFC 9562, section 5.5)."""

FIRST_SID, SIDS = 1_000_000, 1_000_000
"""The range that rule writers keep for local rules."""


def uuid_of(*parts: str) -> str:
    """Give the UUID (version 5) of something by what names it."""
    return str(uuid.uuid5(_NAMESPACE, "\0".join(parts)))


def numbers(names: Iterable[str]) -> dict[str, int]:
    """Give every name a rule number of the local range, by its own text: others come and go without moving it.

    Where two want the same number, the later in order takes the next free one.
    """
    given: dict[str, int] = {}
    taken: set[int] = set()
    for name in sorted(set(names)):
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % SIDS
        while number in taken:
            number = (number + 1) % SIDS
        taken.add(number)
        given[name] = FIRST_SID + number
    return given


def revision(version: str) -> int:
    """Give a number that grows with the pack's version: 1.2.3 becomes 10203; 1 for versions that are no numbers."""
    parts = [int(part) for part in version.split(".")[:3]] if re.fullmatch(r"\d{1,9}(\.\d{1,9})*", version) else []
    major, minor, patch = (*parts, 0, 0, 0)[:3]
    return max(1, min(major, 9999) * 10_000 + min(minor, 99) * 100 + min(patch, 99))


def word(text: str, joint: str = "_") -> str:
    """Give the text as one word of letters and digits, for names in other tools."""
    return re.sub(r"[^A-Za-z0-9]+", joint, text).strip(joint) or "pack"


def file_name(pack: Pack, ending: str) -> str:
    """Give the name of a file of this pack: `nachsorge-3cx-2023.rules`."""
    return f"nachsorge-{word(pack.id, '-')}{ending}"


def plain(text: str) -> str:
    """Give the text on one line, without control characters: for comments and messages of other tools."""
    return re.sub(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+", " ", text).strip()


def heading(pack: Pack, label: Label, what: str) -> list[str]:
    """Give what stands at the head of every text file: what it is, whose, at which label."""
    return [
        f"{what} of the pack {plain(pack.id)} {plain(pack.version)}, sha256 {pack.digest}",
        plain(pack.title),
        f"TLP:{label.tlp} PAP:{label.pap}",
    ]
