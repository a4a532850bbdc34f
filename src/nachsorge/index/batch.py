"""Records with the same fields, as columns: what a worker hands to the index, however it came by it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from nachsorge.model.times import Instant

Key = tuple[str, str]
"""(kind, field) of a column."""


@dataclass(slots=True, kw_only=True)
class Batch:
    """Records of one source, telemetry, program and set of fields. All lists are as long as there are records.

    `columns` holds the texts of each of `keys`; empty where a record has not the field. `numbers` is filled where
    `place` is a text (the record's place is that text and the number), else `places`. `plain` names columns of numbers:
    digits with at most one dot, each shorter than a digest.
    """

    telemetry: str
    software: tuple[str, ...] | None = None
    place: str | None = None
    keys: tuple[Key, ...]
    columns: list[list[str]]
    times: list[Instant] | None = None
    numbers: list[int] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    hosts: list[str] | None = None
    addresses: list[list[str]] = field(default_factory=list)
    plain: frozenset[int] = frozenset()

    def __len__(self) -> int:
        """Count the records."""
        return len(self.numbers if self.place is not None else self.places)

    def joined(self, other: Batch) -> Batch:
        """Give both, this one first; they have the same fields."""
        known: dict[tuple[int, int], list[str]] = {}  # one list may serve as two columns

        def both(columns: list[list[str]], others: list[list[str]]) -> list[list[str]]:
            pairs = zip(columns, others, strict=True)
            return [known.setdefault((id(one), id(more)), one + more) for one, more in pairs]

        columns, addresses = both(self.columns, other.columns), both(self.addresses, other.addresses)
        return replace(
            self,
            columns=columns,
            addresses=addresses,
            times=None if self.times is None or other.times is None else self.times + other.times,
            hosts=None if self.hosts is None or other.hosts is None else self.hosts + other.hosts,
            numbers=self.numbers + other.numbers,
            places=self.places + other.places,
        )
