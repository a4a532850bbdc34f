"""One piece of evidence: read by its format, or compared as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.evidence import fast
from nachsorge.evidence.containers import head_of
from nachsorge.evidence.containers.self_extracting import archive_in
from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.parts import Part, Piece, digest_of, header_of, narrowed
from nachsorge.evidence.read import close, read_source, unknown, unread
from nachsorge.evidence.readers.files import hash_file
from nachsorge.evidence.seams import Opened, Reader, ReadError
from nachsorge.matching.match import Matcher
from nachsorge.matching.tests import control_tests, joined
from nachsorge.matching.tokens import Sieve
from nachsorge.model.evidence import Reading, Record, Value
from nachsorge.model.words import Kind, Reason, Telemetry
from nachsorge.sweep import programs
from nachsorge.sweep.control import PLANT, control
from nachsorge.sweep.outcome import Orders, Outcome
from nachsorge.sweep.scanning import Scanning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nachsorge.matching.rule_sieve import RuleSieve
    from nachsorge.model.assessment import Hit

_LARGE = 256 * 1024
"""What is smaller was read before anything else, without a look at what it is (`evidence.units`)."""


@dataclass(slots=True)
class Single:
    """The tests, compiled once a process, and what is done with a piece of evidence that is no wrapping."""

    orders: Orders
    matcher: Matcher = field(init=False)
    sieve: Sieve = field(init=False)
    _unforeseen: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Compile tests and sieve."""
        fast.prepare(self._kernels, self.orders.lines)
        fast.prepare_events(self._kernels, self.orders.events)
        planted = control_tests(PLANT.host, PLANT.address, PLANT.sha256, PLANT.path)
        self.matcher = Matcher(joined(self.orders.tests, planted), self.orders.store)
        self.sieve = self.matcher.sieve(self.orders.sieve, store=self.orders.store)

    @property
    def _kernels(self) -> str | None:
        folder = self.orders.store.path("kernel")
        return None if folder is None else str(folder)

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
        self._expect(source)
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
                return Outcome(reading=unopened(source, ReadError(Reason.CHANGED_WHILE_READ, "another file by now")))
            some, stream = narrowed(source, part, reader.name, head)
        except (OSError, EOFError, ReadError) as error:
            return Outcome(reading=unopened(source, error))
        hits: list[Hit] = []
        ledger = Ledger(host=source.host, platform=source.platform)
        sieve = self._sieve_of(reader)
        self._expect(source)
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

    def _expect(self, source: Opened) -> None:
        """Load the compiled loops after all where enough is met of logs that are not called like logs."""
        if source.size >= _LARGE and self.orders.perhaps and fast.kernel() is None:
            self._unforeseen += source.size
            fast.prepare(self._kernels, self.orders.lines + self._unforeseen)

    def _sieve_of(self, reader: Reader) -> Sieve | RuleSieve:
        """Give the sieve that a reader needs: a rule about logs that it does not read opens nothing."""
        if not self.matcher.rules_open_the_sieve:
            return self.sieve
        by_origin = getattr(reader, "by_origin", False)
        return self.matcher.sieve_for(reader.telemetry, self.orders.sieve, self.orders.store, by_origin=by_origin)

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


def unopened(source: Opened, error: Exception) -> Reading:
    """Make the account of a source that could not be opened."""
    reason = Reason.PERMISSION if isinstance(error, PermissionError) else Reason.FAILED
    reason = Reason.MISSING if isinstance(error, FileNotFoundError) else reason
    return unread(source.path, getattr(error, "reason", reason), str(error), size=max(source.size, 0))


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
