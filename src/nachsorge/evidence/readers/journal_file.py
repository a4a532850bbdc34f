"""Binary files of the systemd journal (`*.journal`), as they lie in `/var/log/journal`.

Long fields may be compressed with XZ, LZ4 (systemd 230 to 245) or Zstandard. An entry with a field that is damaged is
given without it, and counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.linux.journal import HOST, TIME, record_of, time_of
from nachsorge.evidence.linux.journal_file import MAGIC, Entry, Journal
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.text import lenient
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record

LARGEST = 1024 * 1024 * 1024
_HOST = HOST.encode() + b"="


class JournalFile:
    """Reader of one such file."""

    name = "journal_file"
    telemetry: tuple[Telemetry, ...] = (Telemetry.SYSLOG,)
    tells = Tells(
        proves="What programs and the system told the journal, with the program's path as the journal itself saw it",
        rules_out="Only what the same message would have been logged for, in stretches with entries",
        not_told="Entries that rotation has deleted; "
        "messages of DNS and DHCP servers are searched as text; seals are not verified",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the signature."""
        return 97 if head.startswith(MAGIC) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted entries in the order in which they were written."""
        ledger.platform = ledger.platform or Platform.LINUX
        with source.open() as stream:
            journal = Journal(read_whole(stream, LARGEST))
        for entry in journal:
            yield from _entry(entry, source, sieve, ledger)
        if journal.online:
            ledger.notes.append("was in use when it was copied: its newest entries may be missing")
        if journal.broken:
            ledger.gap(Reason.CORRUPT, journal.broken)
        elif ledger.records < journal.entries:
            note = f"{journal.entries - ledger.records} of {journal.entries} entries were not found"
            ledger.gap(Reason.CORRUPT, note)
        if ledger.unreadable:
            ledger.notes.append("of unreadable entries some fields are damaged; export the file")

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """No file: see `control_records`."""
        return None

    def control_records(self, plant: Plant) -> Iterator[Record]:
        """Make what a decoded entry becomes: there is no writer of journals here."""
        yield record_of({"MESSAGE": [plant.host, plant.path]}, "entry 1", None)


def _entry(entry: Entry, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
    locator = f"entry {entry.number}"
    host = next((lenient(one[len(_HOST) :]) for one in entry.fields if one.startswith(_HOST)), None) or source.host
    ledger.count(Telemetry.SYSLOG, 1, host)
    if entry.lost:
        ledger.spoil(locator)
    time = time_of(str(entry.realtime))
    if time is None:
        ledger.gap(Reason.NO_TIME, "entries without a usable time; they were searched, but cover nothing")
    else:
        ledger.saw(Telemetry.SYSLOG, time, time, host)
    if not sieve.everything and not sieve.admits(b"\n".join(entry.fields)):
        return
    fields: dict[str, list[str]] = {}
    for one in entry.fields:
        name, _, text = one.partition(b"=")
        fields.setdefault(lenient(name), []).append(lenient(text))
    yield record_of({**fields, TIME: [str(entry.realtime)]}, locator, source.host)
