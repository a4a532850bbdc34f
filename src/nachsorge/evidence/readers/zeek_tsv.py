r"""Zeek logs in their own tab-separated form.

The header names the fields; concatenated files may bring a new one in the middle. Zeek writes non-ASCII and control
bytes as `\xNN`. Format: Zeek manual, "Zeek Log Formats and Inspection".
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from nachsorge.evidence.asking import Askers, asked_in, sole
from nachsorge.evidence.fields import values_of
from nachsorge.evidence.lines import Plain
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.shapes import Columns
from nachsorge.evidence.telling import Told, read_telling
from nachsorge.evidence.text import IN_NAMES, lenient
from nachsorge.evidence.zeek import (
    FORBIDDEN,
    TELEMETRY,
    TOLD,
    addresses_of,
    covers,
    kinds_of,
    plant_field,
    state,
    telling_columns,
    typed,
)
from nachsorge.model.evidence import Record
from nachsorge.model.times import EARLIEST_PLAUSIBLE, SECOND, Instant
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.evidence.shapes import Shape

_ESCAPE = re.compile(r"\\x([0-9A-Fa-f]{2})")
_TIME = re.compile(rb"(\d{1,10})(?:\.(\d{1,6}))?\Z")
_SEPARATOR = re.compile(rb"^#separator (\S+)", re.MULTILINE)

_CLIENT = "id.orig_h"
_UNSET = (b"-", b"(empty)", b"", b"-\r")


class ZeekTsv:
    """Reader of Zeek's TSV logs."""

    name = "zeek_tsv"
    text = True
    telemetry: tuple[Telemetry, ...] = tuple(sorted(set(TELEMETRY.values())))
    tells = Tells(
        proves="that a sensor saw this query, request, connection, TLS name, mail, file or lease, and of which address",
        rules_out="what its kind of log would have held of the addresses that appear in it, in stretches really "
        "recorded, where it has the column that names the other side: `dns.log` names, `conn.log` connections; never a "
        "notice",
        not_told="what did not pass the sensor or was dropped by it, DNS over HTTPS, TLS or QUIC, contents of "
        "encrypted connections, which program it was",
        covers=tuple(kind for kind in telemetry if kind is not Telemetry.NETWORK_NOTICE),
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the header lines that every Zeek TSV log begins with."""
        if head.startswith(b"#separator"):
            return 95
        if head.startswith(b"#") and _SEPARATOR.search(head[:4096]):
            return 90
        return 90 if b"\n#fields\t" in head[:4096] and b"#path\t" in head[:4096] else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted lines; dhcp and known_hosts report who is there as well."""
        # A notice was raised by a script that may as well not have been loaded.
        ledger.never_clears(Telemetry.NETWORK_NOTICE)
        for record in read_telling(source, ZeekLog(), TOLD, sieve, ledger):
            state(record, ledger)
            yield record

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Repeat this file's own header and one row with the planted value."""
        lines = head.split(b"\n")
        header = [line for line in lines[:16] if line.startswith(b"#")]
        separator = _separator(head)
        names = next((line.split(separator)[1:] for line in header if line.startswith(b"#fields")), [])
        found = plant_field([name.decode("latin-1") for name in names], plant)
        if found is None:
            return None
        row = [b"1680000000.000000" if n == b"ts" else b"-" for n in names]
        row[found[0]] = found[1].encode()
        return b"\n".join([*header, separator.join(row), b""])


class ZeekLog(Plain):
    """The dialect of one file: fields and kind of log, as its header says."""

    directive = b"#"
    escapes: tuple[bytes, ...] = (rb"\x",)

    def __init__(self) -> None:
        """Begin without a header; a file that never brings one has no shape."""
        self.names: list[str] = []
        self.separator = b"\t"
        self.path = ""
        self.telemetry = Telemetry.NETWORK_NOTICE
        self.covered = Telemetry.NETWORK_NOTICE
        self.timed = False

    def direct(self, line: bytes) -> None:
        """Take `#separator`, `#fields` and `#path`; the other directives change nothing here."""
        if line.startswith(b"#separator "):
            self.separator = _separator(line)
            self.escapes = (rb"\x", self.separator) if IN_NAMES.search(self.separator) else (rb"\x",)
        key, *rest = line.decode("latin-1").split(self.separator.decode("latin-1"))
        if key == "#fields":
            self.names = rest
            self.timed = bool(rest) and rest[0] == "ts"
        elif key == "#path" and rest:
            self.path = rest[0]
            self.telemetry = TELEMETRY.get(rest[0], Telemetry.NETWORK_NOTICE)
            # Leases are read whatever is looked for, so no row of a dhcp log may be sieved out.
            # A separator that belongs to names would glue a name to its neighbours.
            every = rest[0] in ("dhcp", "known_hosts") or IN_NAMES.search(self.separator)
            self.escapes = (rb"\x", self.separator) if every else (rb"\x",)
        self.covered = covers(self.path, self.names)

    def classes(self, segment: bytes, lines: int) -> Iterable[tuple[Telemetry, str | None, int]]:
        """Count every line for what the file's columns cover."""
        for _, host, records in super().classes(segment, lines):
            yield self.covered, host, records

    def tell(self, lines: bytes, told: Told) -> None:
        """Say whether a row names the other side, where the kind of log is to."""
        if self.covered not in told.asked:
            return
        cells = lines.split(self.separator)
        columns = [name for name in telling_columns(self.path) if name in self.names]
        row = dict(zip(self.names, cells, strict=False))
        if len(cells) != len(self.names) or all(row[name] in _UNSET for name in columns):
            told.lacks(self.covered, columns)
        else:
            refused = self.path == "http" and row.get("status_code") in FORBIDDEN
            (told.refused if refused else told.through)(self.covered)

    def every(self) -> Telemetry:
        """Give what the file's columns cover."""
        return self.covered

    def shape_of(self) -> Shape | None:
        """Give the number of columns, where the header has named them."""
        single = len(self.separator) == 1 and self.names
        return Columns(self.separator[0], len(self.names) - 1) if single else None

    @property
    def asks(self) -> bool:  # type: ignore[override]
        """Tell whether rows name who opened the connection."""
        return _CLIENT in self.names and len(self.separator) == 1

    def askers(self, segment: bytes) -> Askers | None:
        """Read the column of who opened the connection."""
        pattern = _column(self.separator, self.names.index(_CLIENT), len(self.names))
        return sole(asked_in(pattern, segment), self.telemetry)

    def malformed(self, block: bytes) -> Iterable[int]:
        """Find rows with another number of columns than the header."""
        tabs, at = max(len(self.names) - 1, 0), 0
        for line in block.split(b"\n"):
            if line.strip() and (line.count(self.separator) != tabs or not self.names):
                yield at
            at += len(line) + 1

    def time(self, line: bytes) -> Instant | None:
        """Read `ts`, seconds since 1970 with six decimals."""
        found = _TIME.match(line.partition(self.separator)[0]) if self.timed else None
        if not found:
            return None
        instant = int(found[1]) * SECOND + int((found[2] or b"0").ljust(6, b"0"))
        return instant if instant >= EARLIEST_PLAUSIBLE else None

    def parse(self, line: bytes, locator: str) -> Record | None:
        """Split a row into its fields."""
        cells = lenient(line).split(self.separator.decode("latin-1"))
        if len(cells) != len(self.names):
            return None
        event = {n: _unescape(c) for n, c in zip(self.names, cells, strict=True) if c not in ("-", "(empty)", "")}
        event = typed(self.path, event)
        return Record(
            telemetry=self.telemetry,
            locator=locator,
            time=self.time(line),
            values=values_of(event, kinds_of(self.path, event)),
            event=event,
            addresses=addresses_of(event),
            product="zeek",
            service=self.path,
        )


@lru_cache(maxsize=16)
def _column(separator: bytes, number: int, columns: int) -> re.Pattern[bytes]:
    cell, apart = b"[^\\n" + re.escape(separator) + b"]*+", re.escape(separator)
    before, after = b"(?:" + cell + apart + b"){%d}" % number, b"(?:" + apart + cell + b"){%d}" % (columns - number - 1)
    return re.compile(b"(?m)^" + before + b"(" + cell + b")" + after + b"$")


def _unescape(cell: str) -> str:
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)), cell) if "\\x" in cell else cell


def _separator(header: bytes) -> bytes:
    """Give what stands between fields; Zeek escapes it in its own directive. A tab unless the site chose another."""
    found = _SEPARATOR.search(header)
    return _unescape(found[1].decode("latin-1")).encode("latin-1") if found else b"\t"
