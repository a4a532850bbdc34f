"""The importers, one file a format. To add one: its module, a row here, its test, its sample.

An importer's module is imported when a file is met that may be its: a list of values need not wait for YAML and XML.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nachsorge.packs.importers.encoding import decode
from nachsorge.packs.importers.seams import Importer, Item, Listing

if TYPE_CHECKING:
    IMPORTERS: tuple[Importer, ...]

__all__ = ["HEAD", "IMPORTERS", "Importer", "Item", "Listing", "choose"]

HEAD = 4096
"""How many bytes an importer sees to say whether the file is its own."""


@dataclass(frozen=True, slots=True)
class Row:
    """Where an importer stands, and when it is worth asking.

    `most` is the surest that it ever is, but for files that begin with `own`: those are its own, whatever they hold.
    `first` are the signs of which its files begin with one, blanks aside; `shows` is what else they hold one of. Where
    neither is given it is always asked.
    """

    module: str
    cls: str
    most: int
    first: str = ""
    shows: tuple[bytes, ...] = ()
    own: bytes = b""


_JSON = "{["
ROWS = (
    Row("csv", "CsvImporter", most=90),
    Row("spreadsheet", "SpreadsheetImporter", most=75),
    Row("stix", "StixImporter", most=90, first=_JSON),
    Row("misp", "MispImporter", most=95, first=_JSON),
    Row("openioc", "OpenIocImporter", most=95, shows=(b"ioc", b"OpenIOC")),
    Row("osv", "OsvImporter", most=88, first=_JSON),
    Row("chirp", "ChirpImporter", most=92, shows=(b"ioc_type:",)),
    Row("zeek_intel", "ZeekIntelImporter", most=96, shows=(b"#fields\t",)),
    Row("suricata", "SuricataRulesImporter", most=90, shows=(b"alert", b"drop", b"reject", b"pass")),
    Row("report", "ReportImporter", most=80, own=b"%PDF-"),
    Row("text", "TextImporter", most=10),
)


@cache
def importer_of(row: Row) -> Importer:
    """Import and make a row's importer, once."""
    made: Importer = getattr(import_module(f"{__name__}.{row.module}"), row.cls)()
    return made


def choose(head: bytes, name: str) -> Importer | None:
    """Give the importer that is surest of a file by its beginning; the earlier row where two are equally sure."""
    head = head[:HEAD]
    start, plain = decode(head).lstrip()[:1], head.replace(b"\0", b"")  # so that UTF-16 shows what it holds as well
    best, chosen = 0, None
    for row in ROWS:
        if row.own and head.startswith(row.own):
            return importer_of(row)
        if row.most <= best or (row.first and start not in row.first):
            continue
        if row.shows and not any(mark in plain for mark in row.shows):
            continue
        if (score := importer_of(row).accepts(head, name)) > best:
            best, chosen = score, importer_of(row)
    return chosen


def __getattr__(name: str) -> Any:
    """Give all importers, for those who want to see each of them."""
    if name == "IMPORTERS":
        return tuple(importer_of(row) for row in ROWS)
    raise AttributeError(name)
