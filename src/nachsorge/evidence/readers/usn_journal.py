r"""The change journal of an NTFS volume (`$UsnJrnl:$J`): every creation, change, renaming and deletion of a file.

Each record with a name is a record here (`file_event`). A journal names the folder by number only; paths are rebuilt
from the volume's `$MFT`, where that lies beside the journal (`../$MFT`), and from what the journal itself says of
folders. Where that leads nowhere, the path begins on the way or is the bare name, and only bare names can be compared.

Coverage: a USN is the record's offset in the journal, so it is known where the next record has to stand. While they
run on, nothing is missing between the first and the last, however long nothing happened; a jump is a gap. That silence
is only worth something for paths that could have been met. So `file_event` is covered from first to last record where
the `$MFT` beside the journal is that of the system volume (it has `Windows\System32`), less the stretches in which
changes lie in folders that are not known. All other journals cover nothing. A journal holds names: no hash, no process.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.evidence.clocks import filetime
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, ReadError, Sieve, Tells
from nachsorge.evidence.siblings import beside, reachable
from nachsorge.evidence.tally import Tally
from nachsorge.evidence.windows.ntfs import number_of, sequence_of
from nachsorge.evidence.windows.ntfs_folders import MOST, Folders, drive_in, folders_of, joined
from nachsorge.evidence.windows.usn import PAGE, Change, Debris, changes, made_change, starts_journal
from nachsorge.evidence.windows.usn_time import JournalTime
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import Instant, render
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.seams import Plant

_NAMES = ("$j", "$usnjrnl:$j", "$usnjrnl%3a$j", "$usnjrnl_$j", "%24j", "%24usnjrnl%3a%24j")
_TABLES = ("../$MFT", "$MFT", "../%24MFT", "%24MFT")
_TOGETHER = 256


class UsnJournal:
    """Reader of change journals."""

    name = "usn_journal"
    telemetry: tuple[Telemetry, ...] = (Telemetry.FILE_EVENT,)
    tells = Tells(
        proves="a file of this name was created, changed, renamed or deleted on the volume at this time",
        rules_out="that a file of a given path came, changed or went between its first and last record: only for the"
        r" system volume, with its `$MFT` beside it, and while its numbers run on",
        not_told="which process did it, hashes, contents; other volumes; files that nobody touched meanwhile; paths,"
        " where the `$MFT` is not beside it",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the first record; a journal that begins with more zeroes than that, by its name."""
        if starts_journal(head):
            return 96
        named = name.replace("\\", "/").rpartition("/")[2].lower() in _NAMES
        return 70 if named and head and not any(head) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one FILE_EVENT a record with a name that the sieve admits."""
        ledger.platform = ledger.platform or Platform.WINDOWS
        folders, system = _folders(source, ledger)
        with source.open() as stream:
            if (start := _data_start(source)) > 0:
                stream.seek(start)
            _first_names(changes(stream), folders)
        run = _Run(source, sieve, ledger, folders)
        with source.open() as stream:
            batch: list[tuple[Change, str]] = []
            for piece in changes(stream):
                run.take(piece, batch)
                if len(batch) >= _TOGETHER:
                    yield from run.given(batch)
                    batch = []
            yield from run.given(batch)
        run.close(system)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a journal of one record with the planted file's name, below the root."""
        names = plant.path.partition(":")[2].strip("\\").split("\\")
        rows, above = b"", (5 << 48) | 5
        for number, name in enumerate(names, 100):
            folder = name != names[-1]
            rows += made_change(len(rows), (1 << 48) | number, above, 133_200_000_000_000_000, name, folder=folder)
            above = (1 << 48) | number
        return rows


def _folders(source: Opened, ledger: Ledger) -> tuple[Folders, bool]:
    """Read the table beside a journal; tell as well whether it is the system volume's."""
    drive = drive_in(source.path) or "?:"
    try:
        table = next((found for name in _TABLES if (found := beside(source, name)) is not None), None)
        if table is not None:
            with table.open() as stream:
                folders = folders_of(stream, drive)
            if folders.left_out:
                ledger.gap(Reason.LIMIT, f"{folders.left_out} folders of its $MFT beyond the {MOST} that are kept")
            return folders, folders.has(("Windows", "System32"))
    except (OSError, EOFError, ReadError) as problem:
        ledger.notes.append(f"the $MFT beside it could not be read: {problem}")
    else:
        where = "is not beside it" if reachable(source) else "cannot be reached from here"
        ledger.notes.append(f"the $MFT of the same volume {where}: paths are known as far as the journal tells")
    return Folders(drive), False


def _data_start(source: Opened) -> int:
    """Give where a sparse file's data begin, 0 where that cannot be asked: a journal may have many GB of nothing."""
    if source.local is None or not hasattr(os, "SEEK_DATA"):
        return 0
    try:
        with source.local.open("rb") as file:
            return os.lseek(file.fileno(), 0, os.SEEK_DATA) // PAGE * PAGE
    except OSError:  # nothing but holes, or a file system that does not tell
        return 0


def _first_names(pieces: Iterator[Change | Debris], folders: Folders) -> None:
    """Set each folder to what it was called before the journal began, as its first record there tells."""
    met: set[int] = set()
    for piece in pieces:
        if isinstance(piece, Change) and piece.folder and piece.name:
            number = number_of(piece.file)
            if number not in met and len(met) < MOST:
                met.add(number)
                folders.add(number, sequence_of(piece.file), piece.parent, piece.name)


@dataclass(slots=True)
class _Run:
    source: Opened
    sieve: Sieve
    ledger: Ledger
    folders: Folders
    clock: JournalTime = field(default_factory=JournalTime)
    pieces: int = 0
    nameless: int = 0
    after: int = -1
    debris: Tally = field(default_factory=Tally)
    timeless: Tally = field(default_factory=Tally)
    astray: Tally = field(default_factory=Tally)

    def take(self, piece: Change | Debris, batch: list[tuple[Change, str]]) -> None:
        """Account for a piece of the journal, and put a record with a name into the batch."""
        if isinstance(piece, Debris):
            if piece.at != self.after:
                self.ledger.count(Telemetry.FILE_EVENT, 1, self.source.host)
                self.ledger.spoil(f"offset {piece.at}")
                self.debris.add(f"offset {piece.at}")
            self.after = piece.at + piece.size
            return
        time = filetime(piece.ticks) if piece.version != 4 else self.clock.time
        self.clock.step(piece, time)
        self.pieces += 1
        if piece.version == 4:
            self.nameless += 1
            return
        if time is None:
            self.timeless.add(f"usn {piece.usn}")
        if piece.folder:
            self.folders.add(number_of(piece.file), sequence_of(piece.file), piece.parent, piece.name)
        batch.append((piece, self._path(piece, time)))

    def _path(self, change: Change, time: Instant | None) -> str:
        folder = self.folders.path(change.parent)
        if not folder.whole:
            self.astray.add(f"usn {change.usn}")
            if time is not None:
                self.clock.blind(time)
        return joined(folder, change.name)

    def given(self, batch: list[tuple[Change, str]]) -> Iterator[Record]:
        """Count a batch, and yield what the sieve admits of it."""
        if not batch:
            return
        self.ledger.count(Telemetry.FILE_EVENT, len(batch), self.source.host)
        texts = [path.encode("utf-8", "replace") for _, path in batch] if not self.sieve.everything else []
        if texts and not self.sieve.ends(b"\n".join(texts)):
            return
        for at, (change, path) in enumerate(batch):
            if not texts or self.sieve.admits(texts[at]):
                yield _record(change, path, self.source.host)

    def close(self, system: bool) -> None:
        """Report what was covered and what was not."""
        ledger, host, kind = self.ledger, self.source.host, Telemetry.FILE_EVENT
        if not self.pieces and not ledger.unreadable:
            raise ReadError(Reason.EMPTY, "no record: the journal is empty, or its copy is (a sparse file's zeroes)")
        if self.debris.count:
            ledger.notes.append(self.debris.says("places hold something that is no record"))
        if self.nameless:
            ledger.notes.append(f"{self.nameless} records of changed ranges, which carry no name, were passed over")
        if self.timeless.count:
            ledger.gap(Reason.NO_TIME, self.timeless.says("records without a usable time"), telemetry=kind, host=host)
        if self.clock.first is None or self.clock.latest is None:
            return
        if not system:
            # No span: what other sources saw meanwhile is not lost by it.
            note = "a change journal without the $MFT of the system volume beside it rules out no path"
            ledger.gap(Reason.NOT_PROVIDED, note, telemetry=kind, host=host)
            ledger.notes += [note for _, _, note in self.clock.broken]
            if self.astray.count:
                ledger.notes.append(self.astray.says("changes in folders that are not known: compared by name only"))
            return
        ledger.saw(kind, self.clock.first, self.clock.latest, host)
        for reason, span, note in self.clock.broken:
            ledger.gap(reason, note, telemetry=kind, span=span, host=host)
        note = self.astray.says("changes in folders that are not known: compared by name only")
        for span in self.clock.blind_spans:
            ledger.gap(Reason.NOT_PROVIDED, note, telemetry=kind, span=span, host=host)


def _record(change: Change, path: str, host: str | None) -> Record:
    time = filetime(change.ticks)
    event = {
        "TargetFilename": path,
        "reason": ", ".join(change.reasons),
        "kind": "folder" if change.folder else "file",
        "record": f"{number_of(change.file)}-{sequence_of(change.file)}",
        "usn": str(change.usn),
    }
    return Record(
        telemetry=Telemetry.FILE_EVENT,
        locator=f"usn {change.usn}",
        time=time,
        values=(Value(Kind.PATH, "TargetFilename", path),),
        event=event | ({"time": render(time)} if time is not None else {}),
        host=host,
        product="windows",
    )
