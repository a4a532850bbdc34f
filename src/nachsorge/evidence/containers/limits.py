"""How much one piece of evidence may unfold to, and the count of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger

MIB = 1024 * 1024


@dataclass(slots=True)
class Spent:
    """What has been unpacked so far of one top-level source. `stopped` says why nothing more may come."""

    packed: int = 0
    unpacked: int = 0
    members: int = 0
    stopped: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one top-level source, however deep it is nested; `fresh()` for the next one.

    `depth` is how many more containers may be opened inside each other. `unpacked` is bytes in all. `ratio` is bytes
    unpacked to bytes of the top-level source and holds once more than `free` bytes are out; a source of unknown size
    (-1) has no ratio. Bytes are counted once, however often a member is read again.
    """

    depth: int = 5
    unpacked: int = 64 * 1024 * MIB
    ratio: int = 1000
    free: int = 64 * MIB
    members: int = 200_000
    spent: Spent = field(default_factory=Spent, repr=False, compare=False)

    def fresh(self) -> Limits:
        """Give the same limits with nothing spent."""
        return replace(self, spent=Spent())

    def deeper(self) -> Limits:
        """Give the limits for what lies inside: one container less, on the same account."""
        return replace(self, depth=self.depth - 1)

    def enter(self, source: Opened, ledger: Ledger) -> bool:
        """Say whether the container may be opened; if not, that is a gap."""
        if self.depth <= 0:
            ledger.gap(Reason.LIMIT, f"{source.path}: nested too deep, not unpacked")
            return False
        if not self.spent.packed:
            self.spent.packed = source.size
        return True

    def admit(self) -> None:
        """Count one more member; ReadError with LIMIT where that is one too many or everything is used up."""
        self.spent.members += 1
        if self.spent.members > self.members:
            self.spent.stopped = self.spent.stopped or f"more than {self.members} members"
        if self.spent.stopped:
            raise ReadError(Reason.LIMIT, f"{self.spent.stopped}; the rest was not looked at")

    def take(self, size: int) -> None:
        """Count unpacked bytes; ReadError with LIMIT where they are too many."""
        spent = self.spent
        spent.unpacked += size
        if spent.unpacked > self.unpacked:
            spent.stopped = f"more than {self.unpacked} bytes unpacked"
        elif spent.unpacked > self.free and 0 < spent.packed * self.ratio < spent.unpacked:
            spent.stopped = f"unpacks to more than {self.ratio} times its size"
        if spent.stopped:
            raise ReadError(Reason.LIMIT, f"{spent.stopped}; the rest was not looked at")


class Meter:
    """Counts the bytes of one member against the limits: the furthest byte reached, not every reading."""

    def __init__(self, limits: Limits) -> None:
        """Begin at nothing."""
        self._limits = limits
        self._furthest = 0

    def watch(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Pass the chunks on while they are allowed."""
        at = 0
        for chunk in chunks:
            at += len(chunk)
            if at > self._furthest:
                self._limits.take(at - self._furthest)
                self._furthest = at
            yield chunk
