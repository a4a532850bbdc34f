"""What programs and installers in a tree state of themselves, as a part of the account of what holds them.

Such a file is no log with an account of its own: it is one fact more about the tree. Its hashes and YARA rules are
compared like those of any file; here its version is read, and whatever was in the way becomes a gap of the tree.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nachsorge.evidence.containers import head_of
from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.read import read_source
from nachsorge.evidence.seams import ReadError
from nachsorge.evidence.tally import Tally
from nachsorge.matching.match import Matcher
from nachsorge.matching.tokens import Sieve

if TYPE_CHECKING:
    from nachsorge.evidence.seams import Opened, Reader
    from nachsorge.model.evidence import Record

READERS = frozenset({"pe_version", "msi"})
"""Readers of what programs state."""

PROGRAMS = (".exe", ".dll", ".sys", ".ocx", ".scr", ".cpl", ".com")
"""How names of Windows programs and libraries end."""

_INSTALLERS = (".msi", ".msp")


def stated(source: Opened, reader: Reader, sieve: Sieve, ledger: Ledger) -> list[Record]:
    """Read what a program states, and add the account of it to that of its holder."""
    records: list[Record] = []
    # With `lines` set nobody takes the digest: whoever holds the file has it already.
    told = read_source(replace(source, lines=source.open), reader, sieve, records.append)
    for seen in told.seen:
        ledger.count(seen.telemetry, seen.records, seen.host)
    for gap in told.gaps:
        ledger.gap(gap.reason, f"{source.path}: {gap.note}; its version is not known", host=source.host)
    return records


@dataclass(slots=True)
class Programs:
    """The programs of one tree: those that may be a product are read, the others counted."""

    matcher: Matcher
    sieve: Sieve
    ledger: Ledger
    opened: int = 0
    passed: Tally = field(default_factory=Tally)

    def records(self, source: Opened, path: str, locator: str) -> list[Record]:
        """Give the records of a file, which lies at `path` on its host and at `locator` in the tree."""
        lowered = path.lower()
        if not (self.matcher.concerns(path) or lowered.endswith(_INSTALLERS)):
            if lowered.endswith(PROGRAMS):
                self.passed.add(locator)
            return []
        try:
            head = head_of(source)
        except (OSError, ReadError):
            return []  # read_tree has named it already
        reader = reader_for(head, source.path) if head else None
        if reader is None or reader.name not in READERS:
            return []
        self.opened += 1
        return [replace(record, locator=locator) for record in stated(source, reader, self.sieve, self.ledger)]

    def close(self) -> None:
        """Say how many were opened and how many were not."""
        if self.opened:
            self.ledger.notes.append(f"{self.opened} programs and installers: the version they state was read")
        if self.passed.count and self.matcher.products:
            what = "programs and libraries whose path names no product of the packs: the version stated was not read"
            self.ledger.notes.append(self.passed.says(what))
