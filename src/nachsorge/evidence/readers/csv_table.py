"""Tables with a header: CSV, TSV, semicolons or bars, quoted line breaks, any columns.

How rows are found is told by `csv_rows`. What cannot be brought to the header's number of cells is counted as
unreadable and searched as text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.breadth import Breadth
from nachsorge.evidence.csv_rows import ByReturns, Shape, is_admitted, rows, shape_of
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import HEAD, Opened, Plant, Sieve, Tells
from nachsorge.evidence.stamps import written
from nachsorge.evidence.table_columns import Columns, columns_of, kind_in, platform_of
from nachsorge.evidence.text import IN_NAMES, text_record
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.words import SENSOR, Kind, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nachsorge.model.times import Instant

FILE_TIME_NOTE = "no column says when the inventory was taken: the file's own time was taken"

_NOTHING = frozenset({"", "-", "null", "none", "n/a"})
_REFUSED = re.compile(r"\s*(?:den(?:y|ied)|drop|block|reject|reset|refus|prevent)", re.IGNORECASE)


class CsvTable:
    """Reader of tables with a header."""

    name = "csv_table"
    text = True
    telemetry = (
        Telemetry.INSTALLED_SOFTWARE,
        Telemetry.DNS_QUERY,
        Telemetry.PROXY,
        Telemetry.NETWORK_CONNECTION,
        Telemetry.PROCESS_CREATION,
        Telemetry.TEXT,
    )
    tells = Tells(
        proves="what a row says, as its columns are called: a program at a version, a request, a query, a connection, "
        "a start of a program",
        rules_out="what the table would have held of the hosts or clients in it: in stretches with rows; of an "
        "inventory at the time that the row, or else the file, states, where it names five programs of the host or "
        "more, and not all are alike in name, publisher or version",
        not_told="whether the table was filtered in any other way, or cut at a limit of rows; the zone of times that "
        "state none; columns whose names nobody knows (searched as text)",
        covers=tuple(telemetry[:-1]),
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a header whose number of cells the rows after it have too."""
        shape = shape_of(head)
        return 0 if shape is None else shape.score + (5 if name.lower().endswith((".csv", ".tsv")) else 0)

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted rows."""
        with source.open() as stream:
            head = stream.read(HEAD)
        shape = shape_of(head)
        if shape is None:
            if head.strip():
                ledger.gap(Reason.UNKNOWN_FORMAT, "no header of a table was found")
            return
        table = _Table(shape, source, ledger)
        with source.open() as stream:
            lines = ByReturns(stream) if b"\r" in head and b"\n" not in head else stream
            for number, raw, cells in rows(lines, shape, ledger):
                record = table.row(number, raw, cells, sieve)
                if record is not None:
                    yield record
        table.close()

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Repeat the header and one row with the planted value in the column that fits best."""
        shape = shape_of(head)
        if shape is None:
            return None
        columns = columns_of(shape.names)
        cells = ["x"] * len(shape.names)
        if columns.time is not None:
            cells[columns.time] = "2023-03-29T10:11:12Z"
        index, value = _planted(shape.names, columns, plant)
        cells[index] = value
        rows = (shape.delimiter.join(f'"{cell}"' for cell in row) for row in (shape.names, cells, cells))
        return "\n".join([*rows, ""]).encode()


def _planted(names: Sequence[str], columns: Columns, plant: Plant) -> tuple[int, str]:
    values = {
        Kind.HOST: plant.host,
        Kind.URL: f"http://{plant.host}/",
        Kind.HASH: plant.sha256,
        Kind.ADDRESS: plant.address,
        Kind.PATH: plant.path,
    }
    kinds = [kind_in(name, "x") for name in names]
    for kind in values:
        if kind in kinds:
            return kinds.index(kind), values[kind]
    taken = (columns.time, columns.host)
    return next((index for index in range(len(names)) if index not in taken), len(names) - 1), plant.host


class _Table:
    """The account of one table, and its rows as records."""

    def __init__(self, shape: Shape, source: Opened, ledger: Ledger) -> None:
        self.names = shape.names
        # A delimiter that belongs to names (`sep=_`) would glue a name to its neighbours: every row is decoded then.
        self.unsieved = IN_NAMES.search(shape.delimiter.encode()) is not None
        self.columns = columns_of(shape.names)
        self.source = source
        self.ledger = ledger
        self.timeless = self.mute = 0
        inventory = self.columns.telemetry is Telemetry.INSTALLED_SOFTWARE
        self.default = source.modified if inventory and self.columns.time is None else None
        if self.default is not None:
            ledger.notes.append(FILE_TIME_NOTE)
        self.breadth = Breadth() if inventory else None
        self.moments = Ledger()  # of an inventory: they cover something only if it turns out to be broad

    def row(self, number: int, raw: bytes, cells: list[str] | None, sieve: Sieve) -> Record | None:
        """Account for one row; give its record if the sieve admits it, or if it could not be read."""
        locator = f"line {number}"
        if cells is None:
            self.ledger.count(Telemetry.TEXT, 1)
            self.ledger.spoil(locator)
            return text_record(raw.strip(b"\r\n"), locator)
        host = self._cell(cells, self.columns.host) or None
        time = self.default if self.columns.time is None else written(cells[self.columns.time])
        self._account(cells, host, time)
        return self._record(cells, host, time, locator) if self.unsieved or is_admitted(raw, sieve) else None

    def close(self) -> None:
        """Say how many rows had no time."""
        if self.timeless:
            note = f"{self.timeless} records carry no usable time; they were searched, but cover nothing"
            self.ledger.gap(Reason.NO_TIME, note)
        if self.mute:
            named = ", ".join(self.names[index] for index in self.columns.tells)
            note = f"{self.mute} rows have nothing in {named}: they were searched, but cover nothing"
            self.ledger.gap(Reason.NOT_PROVIDED, note, telemetry=self.columns.telemetry)
        first, last = self.moments.first, self.moments.last
        if self.breadth is not None and first is not None and last is not None:
            self.ledger.dated(first, last)
            self._cover(self.breadth)

    def _cover(self, breadth: Breadth) -> None:
        """Count an inventory as looked at, for the hosts that it seems to list as a whole."""
        narrow, thin = breadth.sign(), breadth.thin()
        if note := narrow or breadth.thin_note():
            self.ledger.gap(Reason.NOT_PROVIDED, note, telemetry=Telemetry.INSTALLED_SOFTWARE)
        for seen in self.moments.seen() if not narrow else ():
            for span in seen.spans if (seen.host or "") not in thin else ():
                self.ledger.saw(seen.telemetry, span.start, span.end, seen.host)

    def _cell(self, cells: list[str], index: int | None) -> str:
        return "" if index is None else cells[index].strip()

    def _account(self, cells: list[str], host: str | None, time: Instant | None) -> None:
        telemetry = self.columns.telemetry
        self.ledger.count(telemetry, 1, host)
        if (lacking := self._lacking(cells)) is not None:
            self.ledger.one_sided(telemetry, lacks=lacking)
        if time is None:
            self.timeless += 1
            return
        if not any(cells[index].strip().lower() not in _NOTHING for index in self.columns.tells):
            self.mute += telemetry is not Telemetry.TEXT
            return
        if self.breadth is not None:
            self._list(self.breadth, cells, host, time)
            return
        self.ledger.saw(telemetry, time, time, host)
        if self.columns.clients:
            for address in self.source.addresses.intersection([cells[self.columns.clients[0]].strip()]):
                self.ledger.present(address, telemetry, time, time)

    def _list(self, breadth: Breadth, cells: list[str], host: str | None, time: Instant) -> None:
        columns = self.columns
        name, version, publisher = (self._cell(cells, at) for at in (columns.name, columns.version, columns.publisher))
        breadth.add(name, version, publisher, host)
        self.moments.saw(columns.telemetry, time, time, host)

    def _lacking(self, cells: list[str]) -> str | None:
        """Say why a row shows nothing of traffic that was let through: the columns without a word, "" if refused."""
        columns, traffic = self.columns, self.columns.telemetry in SENSOR
        if not traffic:
            return None
        for needed in (columns.tells, columns.decisions):
            if needed and all(cells[index].strip().lower() in _NOTHING for index in needed):
                return ", ".join(self.names[index] for index in needed)
        return "" if any(_REFUSED.match(cells[index]) for index in columns.decisions) else None

    def _record(self, cells: list[str], host: str | None, time: Instant | None, locator: str) -> Record:
        event = {name: cell for name, cell in zip(self.names, cells, strict=True) if cell not in ("", "-")}
        ends = (cells[index].strip() for index in self.columns.clients)
        return Record(
            telemetry=self.columns.telemetry,
            locator=locator,
            time=time,
            values=tuple(Value(kind_in(name, text.strip()), name, text.strip()) for name, text in event.items()),
            event=event,
            host=host,
            addresses=tuple(dict.fromkeys(end for end in ends if kind_in("", end) is Kind.ADDRESS)),
            software=self._software(cells),
        )

    def _software(self, cells: list[str]) -> Software | None:
        columns = self.columns
        name, version = self._cell(cells, columns.name), self._cell(cells, columns.version)
        if columns.telemetry is not Telemetry.INSTALLED_SOFTWARE or not name:
            return None
        return Software(
            name=name,
            version=version,
            platform=platform_of(self._cell(cells, columns.platform)) or self.source.platform,
            publisher=self._cell(cells, columns.publisher),
        )
