"""The chain of the log: each entry holds the digest of the one before, so a changed or missing entry shows.

What a chain cannot show by itself is a cut at its end. `verify` therefore takes the head that somebody wrote down
elsewhere; `nachsorge cert log verify` prints it for that purpose.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable

ORIGIN = sha256(b"nachsorge.cert.log/1").hexdigest()
"""What the first entry names as its predecessor."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry of the log without its digest.

    `at` is RFC 3339 in UTC with microseconds; `who` a user's name, or `reporter` or `server`; `subject` the number of
    the submission or empty; `why` the words of the person; `details` short texts such as the states before and after.
    """

    number: int
    at: str
    who: str
    act: str
    subject: str
    why: str
    details: Mapping[str, str]
    previous: str


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain does not hold."""

    number: int
    what: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What a walk along the whole chain found; `head` is the digest of its last entry."""

    entries: int
    head: str
    breaks: tuple[Break, ...]


def digest(fact: Fact) -> str:
    """Compute the digest of an entry: SHA-256 over its fields as JSON with sorted keys."""
    fields = asdict(fact) | {"details": dict(fact.details)}
    text = json.dumps(fields, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return sha256(text.encode("ascii")).hexdigest()


def verify(entries: Iterable[tuple[Fact, str]], known_head: str = "") -> Proof:
    """Walk the chain from its first entry; `entries` are facts with their stored digests, by number.

    Args:
        entries: the log, oldest first.
        known_head: a digest noted earlier; that entry must still be in the log, or entries were cut off.
    """
    breaks: list[Break] = []
    count, head, seen = 0, ORIGIN, not known_head
    for fact, stored in entries:
        count += 1
        breaks += _breaks(fact, stored, count, head)
        head = stored
        seen = seen or stored == known_head
    if not seen:
        text = _("the head %(head)s noted earlier is not in the log: its end was cut off")
        breaks.append(Break(count, text % {"head": known_head[:16]}))
    return Proof(count, head, tuple(breaks))


def _breaks(fact: Fact, stored: str, expected: int, head: str) -> list[Break]:
    found = []
    if fact.number != expected:
        text = _("number %(number)s expected: entries are missing or were put in")
        found.append(Break(fact.number, text % {"number": expected}))
    if fact.previous != head:
        found.append(Break(fact.number, _("does not follow the entry before it")))
    if digest(fact) != stored:
        found.append(Break(fact.number, _("was changed after it was written")))
    return found
