"""What tests of readers share: a sieve that admits everything, one by literals, and a call that reads bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, Plant, Reader

if TYPE_CHECKING:
    from nachsorge.model.evidence import Record
    from nachsorge.model.times import Instant

PLANT = Plant(
    host="positive-control.nachsorge.invalid",
    address="192.0.2.123",
    sha256="f" * 63 + "e",
    path="C:\\nachsorge\\positive-control.bin",
)


@dataclass(frozen=True)
class Everything:
    """A sieve that drops nothing."""

    everything: bool = True

    def ends(self, block: bytes | memoryview) -> list[int]:
        return []

    def admits(self, raw: bytes) -> bool:
        return True


@dataclass(frozen=True)
class Literals:
    """A slow, obviously right sieve."""

    literals: tuple[bytes, ...]
    everything: bool = False

    def ends(self, block: bytes | memoryview) -> list[int]:
        lowered, ends = bytes(block).lower(), []
        for literal in self.literals:
            at = lowered.find(literal.lower())
            while at >= 0:
                ends.append(at + len(literal))
                at = lowered.find(literal.lower(), at + 1)
        return sorted(ends)

    def admits(self, raw: bytes) -> bool:
        return any(literal.lower() in raw.lower() for literal in self.literals)


def opened(body: bytes, name: str = "evidence.log", modified: Instant | None = None, **more: object) -> Opened:
    """Wrap bytes as a piece of evidence."""
    return Opened(path=name, name=name, open=lambda: io.BytesIO(body), size=len(body), modified=modified, **more)  # type: ignore[arg-type]


def read_bytes(
    reader: Reader, body: bytes, *literals: bytes, name: str = "evidence.log", **more: object
) -> tuple[list[Record], Ledger]:
    """Read bytes with a reader; with literals, through a sieve."""
    ledger = Ledger()
    sieve = Literals(literals) if literals else Everything()
    return list(reader.read(opened(body, name, **more), sieve, ledger)), ledger  # type: ignore[arg-type]
