"""The worker's side of the sweep: one unit in, accounts and hits out. Keeps nothing between units."""

from __future__ import annotations

import gc
import signal
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence import expendable, fast
from nachsorge.evidence.collections import Arranged, Holders, arranged, orders
from nachsorge.evidence.containers import ARCHIVES, Container, DiskImage, Limits, container_of, head_of
from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.containers.names import shown as shown_as
from nachsorge.evidence.containers.self_extracting import archive_in
from nachsorge.evidence.containers.streams import settled
from nachsorge.evidence.entries import OnDisk
from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.parts import Part, Piece, digest_of, header_of, narrowed
from nachsorge.evidence.read import LOST, close, read_source, unknown, unread
from nachsorge.evidence.readers.files import hash_file, read_tree
from nachsorge.evidence.roots import contradiction, find_roots, owner
from nachsorge.evidence.seams import Opened, Reader, ReadError, Root
from nachsorge.evidence.siblings import Siblings
from nachsorge.evidence.tally import Tally
from nachsorge.evidence.trees import Entry
from nachsorge.evidence.units import Unit, opened, tree_of, within
from nachsorge.matching.match import Matcher
from nachsorge.matching.tests import control_tests, joined
from nachsorge.matching.tokens import Sieve
from nachsorge.model.evidence import Reading, Record, Value
from nachsorge.model.words import Kind, Reason, Telemetry
from nachsorge.sweep import disks, programs
from nachsorge.sweep.control import PLANT, control
from nachsorge.sweep.outcome import Orders as Orders
from nachsorge.sweep.outcome import Outcome as Outcome
from nachsorge.sweep.packed import packed
from nachsorge.sweep.scanning import Scanning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from nachsorge.matching.rule_sieve import RuleSieve
    from nachsorge.model.assessment import Hit
    from nachsorge.sweep.packed import Packed


@dataclass(slots=True)
class Worker:
    """Compiled once per process, used for every unit. Never raises for anything that is wrong with the evidence."""

    orders: Orders
    matcher: Matcher = field(init=False)
    sieve: Sieve = field(init=False)

    def __post_init__(self) -> None:
        """Compile tests and sieve."""
        folder = self.orders.store.path("kernel")
        fast.prepare(None if folder is None else str(folder), self.orders.lines)
        fast.prepare_events(None if folder is None else str(folder), self.orders.events)
        planted = control_tests(PLANT.host, PLANT.address, PLANT.sha256, PLANT.path)
        self.matcher = Matcher(joined(self.orders.tests, planted), self.orders.store)
        self.sieve = self.matcher.sieve(self.orders.sieve, store=self.orders.store)

    def work(self, unit: Unit) -> list[Outcome]:
        """Read everything in a unit."""
        if unit.trouble is not None:
            return [Outcome(reading=unit.trouble)]
        if unit.part is not None:
            return [self._part(opened(unit, self.orders.addresses), unit.part)]
        if unit.root is not None:
            ledger = Ledger(host=unit.host, platform=unit.root.platform)
            entries = [e for e in tree_of(unit, ledger) if within(unit.root, e)]
            unlisted = _unlisted(ledger)
            place = _place(unit.shown, "/", unit.root)
            return list(self._host(place, entries, unit.root, unit.host, ledger, Limits(), unlisted=unlisted))
        return list(self._unwrap(opened(unit, self.orders.addresses), Limits().fresh()))

    def _unwrap(self, source: Opened, limits: Limits) -> Iterator[Outcome]:
        """Follow wrappings down to pieces of evidence; a host's file system in an archive is read as one."""
        try:
            head = head_of(source)
        except (OSError, ReadError) as error:
            yield Outcome(reading=_unopened(source, error))
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
                unlisted, place = _unlisted(listing), _place(source.path, "!", root)
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

    def _leaf(self, source: Opened, head: bytes) -> Outcome:
        """Read one piece of evidence by its format; without one, its name, hash and contents are all there is."""
        if not head:
            return Outcome(reading=unread(source.path, Reason.EMPTY, "holds no bytes"))
        reader = reader_for(head, source.path)
        if reader is None or reader.name in programs.READERS:
            return self._unknown(source, reader)
        return self._read(source, head, reader)

    def _read(self, source: Opened, head: bytes, reader: Reader) -> Outcome:
        hits: list[Hit] = []
        ledger = Ledger(host=source.host, platform=source.platform)
        sieve = self._sieve_of(reader)
        reading = read_source(source, reader, sieve, lambda record: hits.extend(self.matcher.match(record)), ledger)
        itself = file_record(source, {"sha256": reading.sha256})
        hits += self.matcher.match(itself)
        if (scanning := self._scanning(ledger)).reads(reader.name):
            hits += self._scanned(lambda: scanning.of_reader(reader.name, source, itself), source, ledger)
            scanning.close()
            reading = close(source, reader.name, ledger, reading.sha256)
        seen, note = control(self.matcher, sieve, reader, head, source.name)
        return Outcome(reading=reading, hits=tuple(hits), control=seen, control_note=note)

    def _part(self, source: Opened, part: Part) -> Outcome:
        """Read a part of a big file; without a piece in its outcome, the file must be read whole."""
        try:
            if part.digest:
                return self._digest(source)
            head = head_of(source)
            reader = reader_for(head, source.path)
            if reader is None:
                return Outcome(reading=_unopened(source, ReadError(Reason.CHANGED_WHILE_READ, "another file by now")))
            some, stream = narrowed(source, part, reader.name, head)
        except (OSError, EOFError, ReadError) as error:
            return Outcome(reading=_unopened(source, error))
        hits: list[Hit] = []
        ledger = Ledger(host=source.host, platform=source.platform)
        sieve = self._sieve_of(reader)
        reading = read_source(some, reader, sieve, lambda record: hits.extend(self.matcher.match(record)), ledger)
        piece = Piece(
            reader=reader.name,
            ledger=ledger,
            size=stream.size,
            newlines=stream.newlines,
            marks=stream.marks,
            header=len(header_of(head)),
        )
        seen, note = (None, "") if part.first else control(self.matcher, sieve, reader, head, source.name)
        found = piece if stream.finished else None
        return Outcome(reading=reading, hits=tuple(hits), control=seen, control_note=note, piece=found)

    def _digest(self, source: Opened) -> Outcome:
        digest, size = digest_of(source)
        hits = self.matcher.match(file_record(source, {"sha256": digest}))
        piece = Piece(reader="", size=size)
        return Outcome(reading=Reading(path=source.path, sha256=digest), hits=tuple(hits), piece=piece)

    def _unknown(self, source: Opened, program: Reader | None = None) -> Outcome:
        """Compare a file as a whole; of a program, read the version that it states as well."""
        ledger = Ledger(host=source.host)
        hits = self._contents(source, ledger)
        if program is not None:
            if form := archive_in(source):
                note = f"a program that carries a {form} archive, not unpacked (unpack it and give the folder)"
                ledger.gap(Reason.NOT_SUPPORTED, note)
            for record in programs.stated(source, program, self.sieve, ledger):
                hits += self.matcher.match(record)
            return Outcome(reading=close(source, program.name, ledger), hits=tuple(hits))
        return Outcome(reading=unknown(source, ledger), hits=tuple(hits))

    def _contents(self, source: Opened, ledger: Ledger) -> list[Hit]:
        try:
            record = file_record(source, self._hashes(source, ledger))
            return [*self.matcher.match(record), *self._scan(source, record, ledger)]
        except ReadError as error:
            ledger.gap(error.reason, error.note)
        except (OSError, EOFError) as error:
            ledger.gap(Reason.FAILED, str(error))
        return []

    def _hashes(self, source: Opened, ledger: Ledger) -> dict[str, str]:
        sizes = self.matcher.sizes
        if self.matcher.algorithms and sizes is not None and source.size >= 0 and source.size not in sizes:
            ledger.notes.append("not hashed: no file that is looked for has its size")
            return {}
        return hash_file(source, sorted(self.matcher.algorithms or {"sha256"})).hashes

    def _sieve_of(self, reader: Reader) -> Sieve | RuleSieve:
        """Give the sieve that a reader needs: a rule about logs that it does not read opens nothing."""
        if not self.matcher.rules_open_the_sieve:
            return self.sieve
        by_origin = getattr(reader, "by_origin", False)
        return self.matcher.sieve_for(reader.telemetry, self.orders.sieve, self.orders.store, by_origin=by_origin)

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

    def _scan(self, source: Opened, record: Record, ledger: Ledger, scanning: Scanning | None = None) -> list[Hit]:
        mine = scanning or self._scanning(ledger)
        hits = self._scanned(lambda: mine.hits(source, record), source, ledger)
        if scanning is None:
            mine.close()
        return hits

    def _scanning(self, ledger: Ledger) -> Scanning:
        return Scanning(self.matcher, ledger, logs=self.orders.scan_logs)

    def _scanned(self, scan: Callable[[], list[Hit]], source: Opened, ledger: Ledger) -> list[Hit]:
        try:
            return scan()
        except ReadError as error:
            ledger.gap(error.reason, f"{source.path}: {error.note}")
        except (OSError, EOFError) as error:
            ledger.gap(Reason.FAILED, f"{source.path}: {error}")
        return []

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


def _unlisted(listing: Ledger) -> bool:
    """Tell whether a listing is known to lack entries. Links that lead out, and the kernel's folders, lack none."""
    return any(gap.reason in LOST - {Reason.LINK_OUTSIDE, Reason.NOT_SUPPORTED} for gap in listing.gaps)


def _closed() -> BinaryIO:
    raise ReadError(Reason.NOT_SUPPORTED, "a file system has no bytes of its own")


def _unopened(source: Opened, error: Exception) -> Reading:
    reason = Reason.PERMISSION if isinstance(error, PermissionError) else Reason.FAILED
    reason = Reason.MISSING if isinstance(error, FileNotFoundError) else reason
    return unread(source.path, getattr(error, "reason", reason), str(error), size=max(source.size, 0))


def _place(shown: str, mark: str, root: Root) -> str:
    """Name a tree: a collection by its own folder as well, since one archive may hold hundreds of hosts'."""
    return f"{shown}{mark}{shown_as(root.prefix)}" if root.collector and root.prefix else shown


def _entry(source: Opened, member: Opened) -> Entry:
    """Make a tree's entry of an archive's member; its path is what stands behind the archive's.

    Tools of Windows write backslashes into archives, although none may stand there (APPNOTE.TXT 4.4.17).
    """
    path = member.path.removeprefix(source.path).removeprefix("!").lstrip("/")
    path = path if "/" in path else path.replace("\\", "/")
    return Entry(path=path, size=member.size, modified=member.modified, source=member)


def file_record(source: Opened, hashes: dict[str, str]) -> Record:
    """Make the record that a piece of evidence is itself: its path and its hashes."""
    known: Iterable[tuple[str, str]] = [(name, text) for name, text in hashes.items() if text]
    values = (Value(Kind.PATH, "path", source.path), *(Value(Kind.HASH, name, text) for name, text in known))
    return Record(
        telemetry=Telemetry.FILESYSTEM,
        locator="file",
        time=source.modified,
        values=values,
        event={"path": source.path, **dict(known)},
        host=source.host,
    )


_WORKER: Worker | None = None
_SHARED: Sequence[Unit] = ()


def prepare(orders: Orders, units: Sequence[Unit] = ()) -> None:
    """Compile for processes that will be forked off this one; they share its memory, and these units in it."""
    global _WORKER, _SHARED
    _WORKER, _SHARED = Worker(orders), units


def start(orders: Orders) -> None:
    """Prepare this process (initializer of a pool). Interrupts are the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    expendable.allow()
    gc.freeze()  # what the parent left will never be garbage here; looking through it copies its pages
    if _WORKER is None or _WORKER.orders is not orders:  # a spawned process has but a copy of the orders
        prepare(orders)


def forget() -> None:
    """Let go of what was compiled."""
    global _WORKER, _SHARED
    _WORKER, _SHARED = None, ()


def shared() -> Sequence[Unit]:
    """Give the units that processes forked off this one have already."""
    return _SHARED


def work(unit: Unit) -> list[Outcome]:
    """Work a unit with this process's worker."""
    assert _WORKER is not None  # the pool's initializer ran
    return _WORKER.work(unit)


def bundle(task: Callable[[Unit], list[Outcome]], units: Sequence[Unit | int]) -> list[Packed]:
    """Work some units, each itself or its number among those that are shared."""
    here = [_SHARED[unit] if isinstance(unit, int) else unit for unit in units]
    return packed(here, [task(unit) for unit in here])
