"""What an author has to look at before a value goes into a pack. Traps annotate with a reason; people decide."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.model.words import IndicatorType as T
from nachsorge.packs import known_values
from nachsorge.packs.lookalikes import lookalikes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nachsorge.packs.merge import Merged
    from nachsorge.packs.warning_lists import WarningLists

_COMMON_WORDS = frozenset({"the", "app", "desktop", "pack", "incident", "supply", "chain", "update", "npm", "package"})
_HASHES = frozenset({T.SHA256, T.SHA1, T.MD5})


@dataclass(frozen=True, slots=True)
class Trap:
    """A value that may not mean what the list says, of what kind, and why.

    Whoever is asked about it is told who names it, and how many more questions may come.
    """

    type: T
    value: str
    kind: str
    reason: str
    named_by: tuple[str, ...] = ()
    more: int = 0


def traps(
    values: Sequence[Merged], vendors: Iterable[str], words: Iterable[str], lists: WarningLists | None
) -> list[Trap]:
    """Give all traps, in the order of the values.

    Args:
        values: what the reports name.
        vendors: domains of the vendor, as the author says.
        words: names of the incident and its products, for recognising the vendor where nobody said it.
        lists: warning lists, if there are any.
    """
    own = {vendor.lower().strip(".") for vendor in vendors}
    named = {word for text in words for word in re.split(r"[^a-z0-9]+", text.lower()) if _telling(word)}
    found: dict[tuple[T, str, str], Trap] = {}
    for each in values:
        for kind, reason in _of(each, own, named, lists):
            found.setdefault((each.type, each.value, kind), Trap(each.type, each.value, kind, reason))
    for each, reason in lookalikes(values):
        found.setdefault((each.type, each.value, "extraction"), Trap(each.type, each.value, "extraction", reason))
    order = {(each.type, each.value): number for number, each in enumerate(values)}
    return sorted(found.values(), key=lambda trap: order[trap.type, trap.value])


def _telling(word: str) -> bool:
    return len(word) > 2 and not word.isdigit() and word not in _COMMON_WORDS


def _of(each: Merged, own: set[str], named: set[str], lists: WarningLists | None) -> Iterable[tuple[str, str]]:
    kind, reason = known_values.reason(each.type, each.value)
    if kind:
        yield kind, reason
    host = known_values.host_of(each.type, each.value)
    parents = known_values.suffixes(host) if host else []
    if vendor := next((parent for parent in parents if parent in own), ""):
        yield "vendor", f"{vendor} is the vendor's own domain"
    elif label := next((p.split(".")[0] for p in parents if "." in p and p.split(".")[0] in named), ""):
        yield "vendor", f"{label!r} is a name of the product or incident: perhaps the vendor's own domain"
    if lists is not None and (names := lists.naming(each.type, each.value)):
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        yield "warning-list", f"on the MISP warning list {shown}"
