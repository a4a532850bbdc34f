"""A host's file system: every file's name and hash, what programs state, and the logs that lie in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence.collections import Arranged, arranged
from nachsorge.evidence.containers import Limits, container_of, head_of
from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.containers.names import shown as shown_as
from nachsorge.evidence.entries import OnDisk
from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.read import LOST, close
from nachsorge.evidence.readers.files import read_tree
from nachsorge.evidence.roots import contradiction
from nachsorge.evidence.seams import Opened, ReadError, Root
from nachsorge.evidence.siblings import Siblings
from nachsorge.evidence.tally import Tally
from nachsorge.model.words import Reason
from nachsorge.sweep import programs
from nachsorge.sweep.outcome import Outcome
from nachsorge.sweep.single import Single

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.trees import Entry
    from nachsorge.model.assessment import Hit


@dataclass(slots=True)
class Hosts(Single):
    """Reads trees; what is packed in them is for `_unwrap`."""

    def _unwrap(self, source: Opened, limits: Limits) -> Iterator[Outcome]:
        """Follow wrappings down to pieces of evidence (`wrapped`)."""
        raise NotImplementedError

    def _host(
        self,
        shown: str,
        entries: list[Entry],
        root: Root,
        host: str | None,
        ledger: Ledger,
        limits: Limits,
        *,
        unlisted: bool,
    ) -> Iterator[Outcome]:
        """Read a host's file system: every file's name and hash, and the logs that lie in it."""
        tree = replace(root, host=host)
        if said := [part for part in (contradiction(root, host), root.note) if part]:
            ledger.notes += said
        found_in_it = arranged(entries, root, ledger) if root.collector else Arranged(tuple(entries))
        entries, siblings = list(found_in_it.files), Siblings(found_in_it.files)
        hits: list[Hit] = []
        by_place = {shown_as(entry.path): entry for entry in entries}
        others = Tally()
        logs: list[Outcome] = []
        stating = programs.Programs(self.matcher, self.sieve, ledger)
        scanning = self._scanning(ledger)
        records = read_tree(
            entries,
            ledger,
            before=self.orders.now,
            root=tree,
            host=host,
            algorithms=self.matcher.algorithms,
            sizes=self.matcher.sizes,
            unlisted=unlisted,
        )
        for record in records:
            hits += self.matcher.match(record)
            entry = by_place.get(record.locator)
            if entry is None or entry.source is None:
                continue
            local = entry.source.local
            told = replace(
                entry.source,
                open=entry.source.open if local is None else OnDisk(local),
                name=last_part(entry.inside or entry.source.name),
                host=host,
                platform=root.platform,
                addresses=self.orders.addresses,
                near=siblings.near(entry),
            )
            found = self._log(told, limits)
            logs += found
            if not found:
                others.add(record.locator)
                hits += self._scan(told, record, ledger, scanning)
                for found_in in stating.records(told, record.event["path"], record.locator):
                    hits += self.matcher.match(found_in)
        stating.close()
        scanning.close()
        if others.count:
            ledger.notes.append(others.says("files of no known log format: name and hash compared, text not searched"))
        yield Outcome(reading=close(Opened(path=shown, name="", open=_closed), "files", ledger), hits=tuple(hits))
        yield from logs
        for result in found_in_it.results:
            if result.source is not None:
                told = replace(
                    result.source, host=host, platform=root.platform, addresses=self.orders.addresses, near=None
                )
                yield from self._unwrap(told, limits)

    def _log(self, source: Opened, limits: Limits) -> list[Outcome]:
        """Read a file of a host's tree if it is a log of a known format; compressed ones only below a log folder."""
        try:
            head = head_of(source)
        except (OSError, ReadError):
            return []  # read_tree has named it already: it could not be hashed or opened
        container = container_of(head, source.name)
        if container is not None and container.name == "utf16":
            # Text with two bytes a letter (tasks, Defender's logs): the format is known once it is plain text.
            inner = next(container.members(source, limits, Ledger()), None)
            return [] if inner is None else self._log(inner, limits.deeper())
        if container is not None:
            wanted = "/log" in source.path.lower() or self.matcher.concerns(source.name)
            return list(self._unwrap(source, limits)) if wanted else []
        reader = reader_for(head, source.path) if head else None
        if reader is None or reader.name == "plain_text" or reader.name in programs.READERS:
            return []
        return [self._read(source, head, reader)]


def lacking(listing: Ledger) -> bool:
    """Tell whether a listing is known to lack entries. Links that lead out, and the kernel's folders, lack none."""
    return any(gap.reason in LOST - {Reason.LINK_OUTSIDE, Reason.NOT_SUPPORTED} for gap in listing.gaps)


def place_of(shown: str, mark: str, root: Root) -> str:
    """Name a tree: a collection by its own folder as well, since one archive may hold hundreds of hosts'."""
    return f"{shown}{mark}{shown_as(root.prefix)}" if root.collector and root.prefix else shown


def _closed() -> BinaryIO:
    raise ReadError(Reason.NOT_SUPPORTED, "a file system has no bytes of its own")
