"""What a case knows of the notifications that left it: entries `notified` that hold the receipt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nachsorge.cases.decisions import NOTIFIED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nachsorge.cases.store import Case, Entry
    from nachsorge.model.times import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One notification that left: which step, where to, the digest of its bytes, the receipt if there was one.

    `secret` opens what became of it; it stands in the case, which only its owner may read.
    """

    id: str
    sequence: int
    pack: str
    digest: str
    to: str
    sealed_for: str = ""
    receipt: str = ""
    secret: str = ""
    time: str = ""


_FIELDS = ("id", "sequence", "pack", "digest", "to", "sealed_for", "receipt", "secret")


def sent_of(entries: Iterable[Entry]) -> tuple[Sent, ...]:
    """Give all that left, oldest first; a notification that somebody only told of has no id and is not among them."""
    return tuple(read(entry.body, entry.time) for entry in entries if entry.kind == NOTIFIED and entry.body.get("id"))


def read(body: Mapping[str, Any], time: str) -> Sent:
    """Read what `body_of` wrote."""
    return Sent(time=time, **{name: body[name] for name in _FIELDS})


def body_of(sent: Sent) -> dict[str, Any]:
    """Give an entry's body; `reason` is what people read in the log."""
    receipt = f", receipt {sent.receipt}" if sent.receipt else ""
    reason = f"notification {sent.id} step {sent.sequence} to {sent.to}{receipt}"
    return {name: getattr(sent, name) for name in _FIELDS} | {"reason": reason}


def record(case: Case, sent: Sent, content: bytes, time: Instant, by: str) -> None:
    """Write that it left, with the very bytes."""
    with case.writing() as writer:
        writer.append(NOTIFIED, body_of(sent) | {"blob": writer.put(content)}, time, by)
