r"""The master file table of an NTFS volume (`$MFT`): every file name of the volume, present or deleted, with its times.

Each record of the table is a record here, with all its paths (hard links, short names, data streams), rebuilt through
the parent folders. Names whose record is not in use are `deleted`: the file was there, until when is not told. The
address that a browser wrote into a file's `Zone.Identifier` stream, which is short enough to lie in the table, is a
value too. The volume's letter does not stand in the table: it is taken from the folder that the file lies in (`C`,
`C%3A`), else it is `?:`.

A whole table lists every name of its volume at the time it was copied. This reader all the same covers no time: nothing
is hashed, the time of the copy is not in it, and other volumes of the host have tables of their own. The table is read
twice, folders first; memory is bounded by `windows/ntfs_folders.MOST`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.evidence.clocks import filetime
from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, ReadError, Sieve, Tells
from nachsorge.evidence.tally import Tally
from nachsorge.evidence.windows.ntfs import (
    DOS,
    FOLDER,
    IN_USE,
    MAGIC,
    ROOT,
    Damage,
    FileRecord,
    decoded,
    number_of,
    record_size,
)
from nachsorge.evidence.windows.ntfs_folders import MOST, Folders, drive_in, folders_of, joined, raw_records
from nachsorge.evidence.windows.ntfs_made import made_table
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import render
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.seams import Plant

_TOGETHER, _LETTERS = 256, 4 * 1024 * 1024
"""So many records, or so long paths, go through the sieve at a time."""

_MIRRORED = 4
_ZONE = "Zone.Identifier"
_ADDRESS = re.compile(r"^(?:HostUrl|ReferrerUrl)=(\S+)", re.MULTILINE)
_SYSTEM_STREAMS = frozenset({"$Bad", "$SDS", "$J", "$Max", "$Config", "$T", "$TXF_DATA", "$EFS", "$DSC"})
_TIMES = ("created", "written", "changed", "accessed")


class Mft:
    """Reader of master file tables."""

    name = "mft"
    telemetry: tuple[Telemetry, ...] = (Telemetry.FILESYSTEM,)
    tells = Tells(
        proves="a file or folder of this name is on the volume, or was (`deleted`), with its times and, where the"
        " record holds it, the address it was downloaded from",
        rules_out="nothing: it covers no time. A whole table has every name of its volume at the time of the copy, but"
        " no hash",
        not_told="contents and hashes; when a deleted file was deleted; names whose record was used again; other"
        " volumes; when the copy was made",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the first FILE record by a header that agrees with itself."""
        return 97 if record_size(head) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one FILESYSTEM record a FILE record with a name; records that cannot be decoded are counted."""
        ledger.platform = ledger.platform or Platform.WINDOWS
        with source.open() as stream:
            folders = folders_of(stream, drive_in(source.path) or "?:")
        run = _Run(source, sieve, ledger, folders)
        with source.open() as stream:
            batch: list[tuple[int, FileRecord, list[str]]] = []
            for number, raw in raw_records(stream):
                run.take(number, raw, batch)
                if len(batch) >= _TOGETHER or run.letters >= _LETTERS:
                    yield from run.given(batch)
                    batch = []
            yield from run.given(batch)
        run.close()

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a table of records of the same size, whose last one is the planted path."""
        return made_table(plant.path, record_size(head) or 1024)


@dataclass(slots=True)
class _Run:
    source: Opened
    sieve: Sieve
    ledger: Ledger
    folders: Folders
    size: int = 0
    stated: int = -1
    records: int = 0
    letters: int = 0
    torn: Tally = field(default_factory=Tally)
    astray: Tally = field(default_factory=Tally)

    def take(self, number: int, raw: bytes, batch: list[tuple[int, FileRecord, list[str]]]) -> None:
        """Decode one record and put it into the batch; one that was never used is passed over."""
        if len(raw) * number < self.size:
            self.ledger.gap(Reason.TRUNCATED, f"ends within record {number}")
        self.size += len(raw)
        self.records += 1
        if not raw.startswith(MAGIC) and not any(raw):
            return
        try:
            if not raw.startswith(MAGIC):
                raise Damage("no FILE record")
            record = decoded(raw)
        except Damage:
            self.ledger.count(Telemetry.FILESYSTEM, 1, self.source.host)
            self.ledger.spoil(f"record {number}")
            self.torn.add(f"record {number}")
            return
        if number == 0:
            self.stated = record.size
        if record.names:
            batch.append((number, record, self._paths(number, record)))

    def _paths(self, number: int, record: FileRecord) -> list[str]:
        paths: list[str] = []
        for name in sorted(record.names, key=lambda one: one.space == DOS):
            folder = self.folders.path(name.parent)
            if not folder.whole:
                self.astray.add(f"record {number}")
            paths.append(joined(folder, "" if number == ROOT else name.text))
        self.letters += sum(map(len, paths))
        return list(dict.fromkeys(paths))

    def given(self, batch: list[tuple[int, FileRecord, list[str]]]) -> Iterator[Record]:
        """Count a batch, and yield what the sieve admits of it."""
        self.letters = 0
        if not batch:
            return
        self.ledger.count(Telemetry.FILESYSTEM, len(batch), self.source.host)
        texts = [_text(record, paths) for _, record, paths in batch] if not self.sieve.everything else []
        if texts and not self.sieve.ends(b"\n".join(texts)):
            return
        for at, (number, record, paths) in enumerate(batch):
            if not texts or self.sieve.admits(texts[at]):
                yield _record(number, record, paths, self.source.host)

    def close(self) -> None:
        """Say what is not whole: the table itself, the folders' table, paths without their beginning."""
        if not self.records:
            raise ReadError(Reason.CORRUPT, "no master file table: its first record is not whole")
        mirror = self.records == _MIRRORED or "mftmirr" in last_part(self.source.name).lower()
        if mirror:
            self.ledger.notes.append("the mirror of a master file table: its first few records only")
        elif self.size < self.stated:
            self.ledger.gap(Reason.TRUNCATED, f"has {self.size} bytes of the {self.stated} that it says it has")
        if self.folders.left_out:
            note = f"{self.folders.left_out} folders beyond the {MOST} that are kept: paths through them are not whole"
            self.ledger.gap(Reason.LIMIT, note, telemetry=Telemetry.FILESYSTEM)
        if self.torn.count:
            self.ledger.notes.append(self.torn.says("records could not be decoded"))
        if self.astray.count:
            self.ledger.notes.append(self.astray.says("names whose folder is no more: their paths are not whole"))


def _text(record: FileRecord, paths: list[str]) -> bytes:
    zone = record.streams.get(_ZONE, b"").decode("utf-8", "replace") if record.streams else ""
    return "\n".join([*paths, *record.streams, zone]).encode("utf-8", "replace")


def _record(number: int, record: FileRecord, paths: list[str], host: str | None) -> Record:
    streams = [name for name in record.streams if name not in _SYSTEM_STREAMS]
    addresses = _ADDRESS.findall(record.streams.get(_ZONE, b"").decode("utf-8", "replace"))
    values = [Value(Kind.PATH, "path", path) for path in paths]
    values += [Value(Kind.PATH, "stream", f"{path}:{name}") for path in paths[:1] for name in streams if name != _ZONE]
    values += [Value(Kind.URL, "downloaded_from", address) for address in addresses]
    event = {
        "path": "\n".join(paths),
        "state": "present" if record.flags & IN_USE else "deleted",
        "kind": "folder" if record.flags & FOLDER else "file",
        "record": f"{number}-{record.sequence}",
        **_told(record.times, ""),
        **_told(record.names[0].times, "name_"),
    }
    event |= {"continues": str(number_of(record.base))} if record.base else {}
    event |= {"size": str(record.size)} if record.size >= 0 else {}
    event |= {"streams": "\n".join(streams)} if streams else {}
    event |= {"downloaded_from": "\n".join(addresses)} if addresses else {}
    return Record(
        telemetry=Telemetry.FILESYSTEM,
        locator=f"record {number}",
        time=filetime(record.times[0]) or filetime(record.names[0].times[0]),
        values=tuple(values),
        event=event,
        host=host,
        product="windows",
    )


def _told(times: tuple[int, int, int, int], prefix: str) -> dict[str, str]:
    found = ((name, filetime(ticks)) for name, ticks in zip(_TIMES, times, strict=True))
    return {prefix + name: render(time) for name, time in found if time is not None}
