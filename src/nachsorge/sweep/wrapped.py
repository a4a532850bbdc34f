"""Archives, images and compressed files: followed down to pieces of evidence and to hosts' file systems."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nachsorge.evidence.collections import Holders, orders
from nachsorge.evidence.containers import ARCHIVES, Container, DiskImage, Limits, container_of, head_of
from nachsorge.evidence.containers.names import shown as shown_as
from nachsorge.evidence.containers.streams import settled
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.read import close, unread
from nachsorge.evidence.readers.files import read_tree
from nachsorge.evidence.roots import find_roots, owner
from nachsorge.evidence.seams import Opened, ReadError, Root
from nachsorge.evidence.siblings import Siblings
from nachsorge.evidence.trees import Entry
from nachsorge.evidence.units import within
from nachsorge.model.words import Reason
from nachsorge.sweep import disks
from nachsorge.sweep.hosts import Hosts, lacking, place_of
from nachsorge.sweep.outcome import Outcome
from nachsorge.sweep.single import unopened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.model.assessment import Hit


@dataclass(slots=True)
class Wrapped(Hosts):
    """Reads a source whatever it is wrapped in."""

    def _unwrap(self, source: Opened, limits: Limits) -> Iterator[Outcome]:
        """Follow wrappings down to pieces of evidence; a host's file system in an archive is read as one."""
        try:
            head = head_of(source)
        except (OSError, ReadError) as error:
            yield Outcome(reading=unopened(source, error))
            return
        container = container_of(head, source.name)
        if container is None:
            yield self._leaf(source, head)
            return
        ledger = Ledger(host=source.host)
        held = 0
        for held, outcome in enumerate(self._members(source, container, limits, ledger), start=1):  # noqa: B007
            yield outcome
        if ledger.gaps and not isinstance(container, DiskImage):
            yield Outcome(reading=close(source, container.name, ledger))
        elif not held:
            yield Outcome(reading=unread(source.path, Reason.EMPTY, f"a {container.name} without any file in it"))

    def _members(self, source: Opened, container: Container, limits: Limits, ledger: Ledger) -> Iterator[Outcome]:
        if isinstance(container, DiskImage):
            yield from self._disk(source, container, limits, ledger)
            return
        roots: tuple[Root, ...] = ()
        siblings = Siblings(())
        if container.name in ARCHIVES:
            listing = Ledger()
            entries = [_entry(source, member) for member in container.members(source, limits.fresh(), listing)]
            roots = find_roots(entries, ledger, named=source.host is not None, label=source.path)
            if roots and (whole := settled(source)) is not source:
                source = whole
                entries = [_entry(source, member) for member in container.members(source, limits.fresh(), Ledger())]
            siblings = Siblings(entries)
            held = Holders(roots).sorted_by(entries)
            for root in roots:
                host = owner(root, roots, source.host)
                tree = Ledger(host=host, platform=root.platform)
                unlisted, place = lacking(listing), place_of(source.path, "!", root)
                yield from self._host(place, held[root], root, host, tree, limits.deeper(), unlisted=unlisted)
        holders = Holders(roots)
        beside = disks.alone(roots, None) if roots else source.beside
        for member in container.members(source, limits, ledger):
            entry = _entry(source, member)
            if holders.of(entry.path) is None and not orders(entry.path, roots):
                near = siblings.near(entry) if container.name in ARCHIVES else None
                told = replace(
                    member,
                    host=source.host,
                    platform=source.platform,
                    addresses=source.addresses,
                    near=near,
                    beside=beside,
                )
                yield from self._unwrap(told, limits.deeper())

    def _disk(self, source: Opened, image: DiskImage, limits: Limits, ledger: Ledger) -> Iterator[Outcome]:
        """Read a disk image: the hosts in it, then its other files, then the names of which nothing else is left."""
        entries = list(image.entries(source, limits, ledger))
        unlisted = disks.unlisted(ledger)
        roots = find_roots(
            [entry for entry in entries if not entry.deleted],
            ledger,
            named=source.host is not None,
            label=source.path,
        )
        alone = disks.alone(roots, source.host)
        for root in roots:
            inside = [entry for entry in entries if within(root, entry)]
            host = owner(root, roots, source.host) or alone
            tree = Ledger(host=host, platform=root.platform)
            place = f"{source.path}!{shown_as(root.prefix)}"
            yield from self._host(place, inside, root, host, tree, limits.deeper(), unlisted=unlisted)
        holders, siblings = Holders(roots), Siblings(entries)
        others = [e for e in entries if holders.of(e.path) is None and not orders(e.path, roots)]
        for entry in others:
            if entry.source is not None:
                told = replace(
                    entry.source,
                    host=alone,
                    platform=source.platform,
                    addresses=source.addresses,
                    near=siblings.near(entry),
                )
                yield from self._unwrap(told, limits.deeper())
        yield self._names(source, [entry for entry in others if entry.source is None], alone, ledger)

    def _names(self, source: Opened, entries: list[Entry], host: str | None, ledger: Ledger) -> Outcome:
        """Compare the names of files that have no bytes to read, and close an image's own account."""
        hits: list[Hit] = []
        for record in read_tree(entries, Ledger(), before=self.orders.now):
            hits += self.matcher.match(replace(record, host=host))
        return Outcome(reading=close(source, DiskImage.name, ledger), hits=tuple(hits))


def _entry(source: Opened, member: Opened) -> Entry:
    """Make a tree's entry of an archive's member; its path is what stands behind the archive's.

    Tools of Windows write backslashes into archives, although none may stand there (APPNOTE.TXT 4.4.17).
    """
    path = member.path.removeprefix(source.path).removeprefix("!").lstrip("/")
    path = path if "/" in path else path.replace("\\", "/")
    return Entry(path=path, size=member.size, modified=member.modified, source=member)
