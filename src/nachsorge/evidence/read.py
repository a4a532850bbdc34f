"""One source from its first byte to its account. Here is the broad `except` for what reads: it makes a gap.

Readers never raise into the run (decision 0003): what cannot be read further is a gap with a reason, what came before
it is kept, and the run goes on.
"""

from __future__ import annotations

import hashlib
import io
import os
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from nachsorge.evidence.beside import host_beside, note_beside
from nachsorge.evidence.blocks import read_into
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import HEAD, Opened, Reader, ReadError, Sieve
from nachsorge.model.evidence import Gap, Reading, Record
from nachsorge.model.words import Platform, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Callable

LOST = frozenset(
    {
        Reason.TRUNCATED,
        Reason.CORRUPT,
        Reason.PERMISSION,
        Reason.LIMIT,
        Reason.ENCRYPTED,
        Reason.CHANGED_WHILE_READ,
        Reason.FAILED,
        Reason.INTERRUPTED,
        Reason.MISSING,
        Reason.MISSING_EXTRA,
        Reason.LINK_OUTSIDE,
        Reason.NOT_SUPPORTED,
    }
)
"""Reasons that mean bytes of the source itself were not read; they make its status `partly`."""


_LARGE = 512 * 1024
"""Blocks from this size on are hashed in a thread beside the search, which takes about as long."""


def _cores() -> int:
    """Say on how many cores this process may run."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_idle = [_cores() > 1]
"""Whether there is a core beside this process."""


def share_cores(workers: int) -> None:
    """Say that so many processes like this one read.

    Where each core has its own, handing blocks to a thread costs a tenth of all that is done, and wins nothing.
    """
    _idle[:] = [workers < _cores()]


class Tee(io.RawIOBase):
    """A stream that hashes and counts what passes through it; `digest` is None unless all passed in order."""

    def __init__(self, stream: BinaryIO) -> None:
        """Wrap a stream that stands at its first byte."""
        self._stream = stream
        self._hash = hashlib.sha256()
        self._thread: ThreadPoolExecutor | None = None
        self._hashing: Future[None] | None = None
        self._whole = False
        self._sought = False
        self.passed = 0

    @property
    def digest(self) -> str | None:
        """Give the SHA-256 of all bytes, or None where not all passed in order."""
        self._wait()
        return self._hash.hexdigest() if self._whole and not self._sought else None

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say what the stream below says."""
        return self._stream.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        """Seek below; the hash is then void."""
        self._sought = True
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Give the position."""
        return self._stream.tell() if self._sought else self.passed

    def read(self, size: int | None = -1) -> bytes:
        """Read up to `size` bytes, all where it is negative."""
        data = self._stream.read(-1 if size is None else size)
        self.passed += len(data)
        self._update(data)
        if not data or size is None or size < 0:
            self._whole = True
        return data

    def readinto(self, buffer: Any, /) -> int:
        """Read into a buffer of the caller's, who must not write to it again before the read after the next.

        Until then a thread may still be hashing it.
        """
        view = memoryview(buffer)
        size = read_into(self._stream, view)
        self.passed += size
        self._update(view[:size])
        self._whole = self._whole or not size
        return size

    def _update(self, data: bytes | memoryview) -> None:
        # One block waits at most, so memory is bounded and the order kept. hashlib releases the interpreter's lock.
        self._wait()
        if len(data) < _LARGE or not _idle[0]:
            self._hash.update(data)
            return
        self._thread = self._thread or ThreadPoolExecutor(1, "sha256")
        self._hashing = self._thread.submit(self._hash.update, data)

    def _wait(self) -> None:
        if self._hashing is not None:
            self._hashing.result()
            self._hashing = None

    def close(self) -> None:
        """Close the stream below as well."""
        self._wait()
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None
        self._stream.close()
        super().close()


@dataclass(slots=True)
class _Watch:
    tee: Tee | None = None


def read_head(source: Opened) -> bytes:
    """Read what readers and containers recognise a format by."""
    with source.open() as stream:
        return stream.read(HEAD)


def read_source(
    source: Opened, reader: Reader, sieve: Sieve, consume: Callable[[Record], None], ledger: Ledger | None = None
) -> Reading:
    """Read a source with a reader, hand every admitted record on, and give the account. Never raises.

    Whoever wants the open ledger as well (parts of a file) gives one; it must be fresh.
    """
    ledger = ledger or Ledger(host=source.host, platform=source.platform)
    watch = _Watch()
    failure: tuple[Reason, str] | None = None
    try:
        watched = replace(source, open=_watched(source, watch), ahead=source.open)
        for record in reader.read(watched, sieve, ledger):
            host = record.host or ledger.host or host_beside(source, record)
            consume(record if record.host == host else replace(record, host=host))
    except ReadError as error:
        failure = error.reason, error.note
    except PermissionError as error:
        failure = Reason.PERMISSION, error.strerror or "no permission"
    except FileNotFoundError:
        failure = Reason.MISSING, "vanished before it could be read"
    except EOFError as error:
        failure = Reason.TRUNCATED, str(error) or "ends in the middle"
    except OSError as error:
        failure = Reason.CORRUPT, str(error)
    except Exception as error:  # noqa: BLE001  the one broad catch: a reader's fault is a gap, not the end of the run
        failure = Reason.FAILED, f"reader {reader.name} failed: {type(error).__name__}: {error}"
    if failure is not None:
        ledger.gap(*failure)
    _compare_size(source, watch, ledger)
    note_beside(source, ledger)
    return close(source, reader.name, ledger, sha256=_digest(source, watch))


def _watched(source: Opened, watch: _Watch) -> Callable[[], BinaryIO]:
    def opener() -> BinaryIO:
        watch.tee = Tee(source.open())
        return cast("BinaryIO", watch.tee)

    return opener


def _compare_size(source: Opened, watch: _Watch, ledger: Ledger) -> None:
    if source.local is None or source.size < 0 or watch.tee is None or watch.tee.digest is None:
        return
    if watch.tee.passed < source.size:
        note = f"was {source.size} bytes when opened and gave {watch.tee.passed}"
        ledger.gap(Reason.CHANGED_WHILE_READ, note)


def _digest(source: Opened, watch: _Watch) -> str:
    if watch.tee is not None and watch.tee.digest is not None:
        return watch.tee.digest
    if source.lines is not None:
        return ""  # a part: another task takes the digest of the whole
    try:
        with source.open() as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    except (OSError, EOFError, ReadError):
        return ""


def close(source: Opened, reader: str, ledger: Ledger, sha256: str = "") -> Reading:
    """Close the ledger into a reading and choose its status."""
    if source.lines is None:  # what a part of a file lacks, another may hold
        ledger.settle()
    lost = [gap for gap in ledger.gaps if gap.reason in LOST]
    status = Status.READ
    if ledger.unreadable or lost:
        readable = ledger.records > ledger.unreadable
        status = Status.PARTLY if readable else Status.UNREAD
    if reader == "plain_text" and status is Status.READ:
        status = Status.UNKNOWN_FORMAT
    return Reading(
        path=source.path,
        reader=reader,
        status=status,
        reason=_reason(ledger, lost[0].reason if lost else None, status),
        note=_note(ledger, status),
        sha256=sha256,
        size=max(source.size, 0),
        first=ledger.first,
        last=ledger.last,
        records=ledger.records,
        unreadable=ledger.unreadable,
        unreadable_at=tuple(ledger.unreadable_at),
        seen=ledger.seen(),
        presence=ledger.presence(),
        gaps=tuple(ledger.gaps),
        leases=(*ledger.leases, *ledger.own_leases()),
        platform=ledger.platform,
        asset=ledger.host,
        identities=tuple(ledger.identities),
        logged=ledger.log_sources(),
        scanned=ledger.scanned,
    )


def _reason(ledger: Ledger, lost: Reason | None, status: Status) -> Reason | None:
    if lost is not None:
        return lost
    if status is Status.UNKNOWN_FORMAT:
        return Reason.UNKNOWN_FORMAT
    return Reason.CORRUPT if ledger.unreadable else None


def _note(ledger: Ledger, status: Status) -> str:
    notes = [gap.note for gap in ledger.gaps if gap.note] + ledger.notes
    if status is Status.UNKNOWN_FORMAT:
        notes.insert(0, "no reader knows this format; searched as text, covers nothing")
    return "; ".join(dict.fromkeys(notes))


_UNKNOWN = "no reader knows this format; only name, hash and YARA rules were compared"


def unknown(source: Opened, ledger: Ledger) -> Reading:
    """Close the ledger of a file that no reader knows: it was compared as a whole, unless a gap says otherwise."""
    if not ledger.gaps:
        # Nearly all files of a disk. Nothing was counted in it, so there is nothing to choose from.
        note = "; ".join(dict.fromkeys((_UNKNOWN, *ledger.notes))) if ledger.notes else _UNKNOWN
        size, platform = max(source.size, 0), ledger.platform
        return compared(source.path, note=note, size=size, host=ledger.host, scanned=ledger.scanned, platform=platform)
    reading = close(source, "", ledger)
    status = Status.UNKNOWN_FORMAT if reading.status is Status.READ else reading.status
    note = "; ".join(part for part in (_UNKNOWN, reading.note) if part)
    return replace(reading, status=status, reason=reading.reason or Reason.UNKNOWN_FORMAT, note=note)


def compared(
    path: str,
    *,
    note: str = _UNKNOWN,
    size: int = 0,
    host: str | None = None,
    scanned: int = 0,
    platform: Platform | None = None,
) -> Reading:
    """Make the account of a file that no reader knows, and that was compared as a whole."""
    return Reading(
        path=path,
        status=Status.UNKNOWN_FORMAT,
        reason=Reason.UNKNOWN_FORMAT,
        note=note,
        size=size,
        platform=platform,
        asset=host,
        scanned=scanned,
    )


def unread(path: str, reason: Reason, note: str = "", *, status: Status = Status.UNREAD, size: int = 0) -> Reading:
    """Make the account of a source of which nothing was read."""
    return Reading(path=path, status=status, reason=reason, note=note, size=size, gaps=(Gap(reason=reason, note=note),))
