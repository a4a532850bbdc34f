"""The system log of macOS before the unified log, in its binary files (`*.asl`, below `/var/log`).

A message proves that a program reported it, and when. Which messages are kept in which file, and for how long, is a
setting (`asl.conf`), and since macOS 10.12 most go to the unified log: files of this kind cover nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.fields import kind_of
from nachsorge.evidence.macos.asl_file import MAGIC, AslFile, Message
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import plausible
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import SECOND
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

LARGEST = 512 * 1024 * 1024
_KINDS = {
    "host": Kind.HOST,
    **dict.fromkeys(("sender", "facility", "message", "level", "pid", "uid", "gid"), Kind.TEXT),
}
_ASIDE = frozenset({"level", "uid", "gid"})
"""Said for people; they are numbers and words of a closed list, so nobody looks for them."""


class Asl:
    """Reader of one file."""

    name = "asl"
    telemetry: tuple[Telemetry, ...] = (Telemetry.SYSLOG,)
    tells = Tells(
        proves="What a program or the system reported on this Mac, and when",
        rules_out="Nothing: settings decide which messages are kept and for how long, and newer systems write most to "
        "the unified log",
        not_told="Messages that were filtered or deleted after their time; the program's path (its name only)",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the signature."""
        return 96 if head.startswith(MAGIC) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted messages in their order; ReadError where the head is damaged."""
        ledger.platform = ledger.platform or Platform.MACOS
        ledger.never_clears(Telemetry.SYSLOG)
        with source.open() as stream:
            log = AslFile(read_whole(stream, LARGEST))
        for message in log:
            locator = f"message {message.number}"
            ledger.count(Telemetry.SYSLOG, 1, message.fields.get("host") or source.host)
            if message.lost:
                ledger.spoil(locator)
            time = _time(message)
            if time is None:
                ledger.gap(Reason.NO_TIME, "messages without a usable time")
            else:
                ledger.dated(time, time)
            if sieve.everything or sieve.admits("\n".join(message.fields.values()).encode("utf-8", "replace")):
                yield _record(message.fields, locator, time, source.host)
        if ledger.unreadable:
            ledger.notes.append(f"of {ledger.unreadable} messages some strings could not be read")
        if log.broken:
            ledger.gap(Reason.CORRUPT, log.broken)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """No file: see `control_records`."""
        return None

    def control_records(self, plant: Plant) -> Iterator[Record]:
        """Make what a decoded message becomes: there is no writer of such files here."""
        yield _record({"message": plant.host, "path": plant.path}, "message 1", None, None)


def _time(message: Message) -> Instant | None:
    if message.seconds >= 2**40 or message.nanoseconds >= 10**9:
        return None
    return plausible(message.seconds * SECOND + message.nanoseconds // 1000)


def _record(fields: dict[str, str], locator: str, time: Instant | None, host: str | None) -> Record:
    values = tuple(
        Value(_KINDS.get(name) or kind_of(name, text), name, text)
        for name, text in fields.items()
        if name not in _ASIDE
    )
    return Record(
        telemetry=Telemetry.SYSLOG,
        locator=locator,
        time=time,
        values=values,
        event=fields,
        host=fields.get("host") or host,
        product="macos",
        service=fields.get("sender", ""),
        provider=fields.get("facility", ""),
    )
