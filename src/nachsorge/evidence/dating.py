"""When a copy of a file system was made, from the times of its files alone.

A file system in use is written to all the time, so it is at least as new as its newest file. But one file that was
added to the copy later (a note of the collector's) must not make the rest look newer: the twentieth-newest time is
taken. And where nine of ten files carry the same hour, the copy did not keep their times: then nothing is known.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field

from nachsorge.model.times import EARLIEST_PLAUSIBLE, HOUR, Instant

RESISTS = 20
"""So many files may be newer than the copy without moving its date."""

SAME_HOUR = 0.9
"""This share of all times within one hour says that copying set them."""


@dataclass(slots=True)
class Dating:
    """Collects the times of a tree's files."""

    newest: list[Instant] = field(default_factory=list)
    hours: Counter[int] = field(default_factory=Counter)
    times: int = 0

    def add(self, modified: Instant) -> None:
        """Take one file's time; one from before 1990 tells nothing."""
        if modified < EARLIEST_PLAUSIBLE:
            return
        self.times += 1
        self.hours[modified // HOUR] += 1
        if len(self.newest) < RESISTS:
            heapq.heappush(self.newest, modified)
        else:
            heapq.heappushpop(self.newest, modified)

    def made(self) -> Instant | None:
        """Give an instant at which the copy was certainly not yet older; None where too few files say."""
        return self.newest[0] if len(self.newest) == RESISTS and not self.restamped else None

    @property
    def restamped(self) -> bool:
        """Tell whether copying has set the times."""
        most = self.hours.most_common(1)
        return bool(most) and self.times >= RESISTS and most[0][1] >= SAME_HOUR * self.times
