"""One entry of the systemd journal, from whichever export, as a record.

Field names are those of systemd.journal-fields(7): those that begin with an underscore were added by the journal
itself and cannot be forged by the program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.fields import is_address, kind_of
from nachsorge.evidence.stamps import plausible
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nachsorge.model.times import Instant

TIME = "__REALTIME_TIMESTAMP"
HOST = "_HOSTNAME"
_FIRST = ("SYSLOG_IDENTIFIER", "MESSAGE", "_EXE", "_CMDLINE", "_SYSTEMD_UNIT", "_UID", "_PID")
_UNSAID = frozenset({"__CURSOR", "__MONOTONIC_TIMESTAMP", "_SOURCE_MONOTONIC_TIMESTAMP"})
_KINDS = {
    **dict.fromkeys(("_EXE", "COREDUMP_EXE", "COREDUMP_CWD", "OBJECT_EXE", "_AUDIT_FIELD_EXE"), Kind.PATH),
    **dict.fromkeys(("MESSAGE", "_CMDLINE", "COREDUMP_CMDLINE", "OBJECT_CMDLINE", "SYSLOG_IDENTIFIER"), Kind.TEXT),
    **dict.fromkeys(("_COMM", "_MACHINE_ID", "_BOOT_ID", "MESSAGE_ID", "INVOCATION_ID"), Kind.TEXT),
    **dict.fromkeys(("_SYSTEMD_INVOCATION_ID", "_STREAM_ID", "_AUDIT_ID", "JOB_ID"), Kind.TEXT),
}


def time_of(text: str) -> Instant | None:
    """Read microseconds since 1970."""
    return plausible(int(text)) if text.isascii() and text.isdigit() and len(text) < 20 else None


def record_of(fields: Mapping[str, Sequence[str]], locator: str, host: str | None) -> Record:
    """Make the record; every field is searched, the bookkeeping of the journal is not shown."""
    values = tuple(
        Value(_kind(name, text), name, text)
        for name, texts in fields.items()
        for text in texts
        if text and name not in _UNSAID
    )
    names = [name for name in _FIRST if name in fields] + [name for name in fields if name not in _FIRST]
    event = {name: "\n".join(fields[name]) for name in names if name not in _UNSAID}
    return Record(
        telemetry=Telemetry.SYSLOG,
        locator=locator,
        time=time_of(_one(fields, TIME)),
        values=values,
        event={name: text for name, text in event.items() if text},
        host=_one(fields, HOST) or host,
        product="linux",
        service=_one(fields, "SYSLOG_IDENTIFIER"),
    )


def _one(fields: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(fields.get(name, ())), "")


def _kind(name: str, text: str) -> Kind:
    if name == HOST:
        return Kind.ADDRESS if is_address(text) else Kind.HOST
    return _KINDS.get(name) or kind_of(name, text)
