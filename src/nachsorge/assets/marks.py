"""The marks by which two machines of one name are told apart: serial numbers, mainboard and machine GUIDs, MACs.

Marks stand as `kind:value`. Placeholders that vendors ship by the thousand are no marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

Marks = Mapping[str, frozenset[str]]
"""What is known of one machine: the kind of mark, and its values."""

KINDS = ("serial", "uuid", "machine_guid", "mac")
"""The kinds that tell machines apart, the surest first. `card`, one network card of several, joins but never parts."""

WORDS = {
    "serial": "serial number",
    "uuid": "hardware UUID",
    "machine_guid": "machine GUID",
    "mac": "network card",
    "card": "network card",
}
"""What each kind is called in notes."""

_NO_SERIAL = re.compile(
    r"0+|1?2345678?9?0?|x+|none|null|n/?a|unknown|default( string)?|not (specified|available|applicable|provided)"
    r"|to be filled by o\.?e\.?m\.?|system serial number|chassis serial number|o\.?e\.?m\.?|invalid|-",
    re.IGNORECASE,
)
_NO_UUID = frozenset({"0" * 32, "f" * 32, "03000200040005000006000700080009", "12345678123456781234567812345678"})
_HEX = re.compile(r"[0-9a-f]+\Z")


def mark(kind: str, text: str) -> str:
    """Spell a mark for comparison; empty where it tells nothing."""
    text = text.strip()
    match kind:
        case "serial":
            return "" if _NO_SERIAL.fullmatch(text) else text.upper()
        case "uuid" | "machine_guid":
            return _guid(text)
        case "mac" | "card":
            return mac(text)
        case _:
            return ""


def _guid(text: str) -> str:
    plain = text.strip("{}").lower()
    digits = plain.replace("-", "")
    return plain if len(digits) == 32 and _HEX.match(digits) and digits not in _NO_UUID else ""


def mac(text: str) -> str:
    """Spell a MAC address as `00:11:22:aa:bb:cc`; empty where it is none, or nobody's (all zeros, broadcast)."""
    digits = re.sub(r"[:.\-\s]", "", text).lower()
    if len(digits) != 12 or not _HEX.match(digits) or digits in ("0" * 12, "f" * 12):
        return ""
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def marks_of(listed: Iterable[str]) -> Marks:
    """Read `kind:value` pairs; what tells nothing is left out."""
    found: dict[str, set[str]] = {}
    for one in listed:
        kind, _, text = one.partition(":")
        if value := mark(kind, text):
            found.setdefault(kind, set()).add(value)
    return {kind: frozenset(values) for kind, values in found.items()}


def joined(left: Marks, right: Marks) -> Marks:
    """Give what is known of a machine from two sides."""
    return {kind: left.get(kind, frozenset()) | right.get(kind, frozenset()) for kind in {*left, *right}}


def same(left: Marks, right: Marks) -> bool | None:
    """Tell whether two sets of marks are of one machine; None where they have no kind in common.

    The surest kind that both have decides: a new installation changes the machine GUID and keeps the serial number, a
    cloned one keeps the GUID on other hardware.
    """
    for kind in KINDS:
        if left.get(kind) and right.get(kind):
            return bool(left[kind] & right[kind])
    return True if _cards(left) & _cards(right) else None


def _cards(marks: Marks) -> frozenset[str]:
    return marks.get("mac", frozenset()) | marks.get("card", frozenset())


def tell(marks: Marks) -> str:
    """Name the surest mark for people: `serial number C02XYZ`; empty where there is none."""
    for kind in (*KINDS, "card"):
        if values := marks.get(kind):
            return f"{WORDS[kind]} {min(values)}"
    return ""


def told_apart(marks: Marks) -> set[str]:
    """Give the marks as single texts to look machines up by; a card is one whether it is said to be the only or not."""
    return {f"{'card' if kind == 'mac' else kind}:{value}" for kind, values in marks.items() for value in values}
