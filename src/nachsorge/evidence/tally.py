"""Counting what was passed over without filling the account: all are counted, the first few are named."""

from __future__ import annotations

from dataclasses import dataclass, field

from nachsorge.evidence.ledger import NAMED


@dataclass(slots=True)
class Tally:
    """A number of like things with the names of the first ones."""

    count: int = 0
    named: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.named) < NAMED:
            self.named.append(name)

    def says(self, what: str) -> str:
        """Phrase it: `12 <what>: a, b, c, d, e, ...`."""
        more = ", ..." if self.count > len(self.named) else ""
        return f"{self.count} {what}: {', '.join(self.named)}{more}"
