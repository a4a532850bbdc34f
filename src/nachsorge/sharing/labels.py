"""Labels, read and put together: FIRST's Traffic Light Protocol 2.0 and MISP's Permissible Actions Protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nachsorge.model.labels import MOST_RESTRICTIVE_LAST, UNLABELLED, Label, Pap
from nachsorge.model.words import Tlp

if TYPE_CHECKING:
    from collections.abc import Iterable

_PAPS = (Pap.CLEAR, Pap.GREEN, Pap.AMBER, Pap.RED)
_OLD = {"WHITE": Tlp.CLEAR}
"""TLP 1 (until 2022) said WHITE; its AMBER and RED read as those of TLP 2."""

DEFAULT: Final = UNLABELLED
"""Of what comes in without a label."""


def at_most(tlp: Tlp, limit: Tlp) -> bool:
    """Tell whether a label is no more restrictive than another. Audiences are not ordered by it: ask the door."""
    return MOST_RESTRICTIVE_LAST.index(tlp) <= MOST_RESTRICTIVE_LAST.index(limit)


def strictest(labels: Iterable[Tlp]) -> Tlp:
    """Give the most restrictive TLP; AMBER+STRICT where there is none."""
    return max(labels, key=MOST_RESTRICTIVE_LAST.index, default=Tlp.AMBER_STRICT)


def most_restrictive(labels: Iterable[Label]) -> Label:
    """Give the label of something made of several: the strictest TLP and PAP, and every restriction of any of them."""
    found = list(labels)
    if not found:
        return DEFAULT
    return Label(
        strictest(label.tlp for label in found),
        max((label.pap for label in found), key=_PAPS.index),
        tuple(dict.fromkeys(one for label in found for one in label.restrictions)),
    )


def read_label(text: str | None) -> Label:
    """Read a TLP as others write it: `TLP:AMBER+STRICT`, `tlp:amber`, `white`.

    Nothing reads as AMBER+STRICT. What is no label of TLP 1 or 2 (`tlp:unclear` of the MISP taxonomy, a misspelling)
    reads as RED. `tlp:ex:chr`, the Chatham House rule, is AMBER+STRICT without attribution.
    """
    word = (text or "").strip().upper()
    if not word:
        return DEFAULT
    word = word.removeprefix("TLP").lstrip(": ")
    if word == "EX:CHR":
        return Label(Tlp.AMBER_STRICT, restrictions=("no-attribution",))
    try:
        return Label(_OLD.get(word) or Tlp(word))
    except ValueError:
        return Label(Tlp.RED)


def read_pap(text: str | None) -> Pap:
    """Read a PAP as others write it: `PAP:AMBER`, `WHITE`. Nothing reads as GREEN; what is none reads as RED."""
    word = (text or "").strip().upper().removeprefix("PAP").lstrip(": ")
    if not word:
        return Pap.GREEN
    try:
        return Pap.CLEAR if word == "WHITE" else Pap(word)
    except ValueError:
        return Pap.RED


def may_block(pap: Pap) -> bool:
    """Tell whether what it labels may stand in a blocking list: the attacker may notice (PAP:GREEN and CLEAR only)."""
    return pap in (Pap.CLEAR, Pap.GREEN)


def may_look_up(pap: Pap) -> bool:
    """Tell whether third parties may be asked about what it labels (all but PAP:RED)."""
    return pap is not Pap.RED


__all__ = [
    "DEFAULT",
    "Label",
    "Pap",
    "Tlp",
    "at_most",
    "may_block",
    "may_look_up",
    "most_restrictive",
    "read_label",
    "read_pap",
    "strictest",
]
