"""The importers, one file a format. To add one: its module, a row here, its test, its sample."""

from __future__ import annotations

from nachsorge.packs.importers.chirp import ChirpImporter
from nachsorge.packs.importers.csv import CsvImporter
from nachsorge.packs.importers.misp import MispImporter
from nachsorge.packs.importers.openioc import OpenIocImporter
from nachsorge.packs.importers.osv import OsvImporter
from nachsorge.packs.importers.report import ReportImporter
from nachsorge.packs.importers.seams import Importer, Item, Listing
from nachsorge.packs.importers.spreadsheet import SpreadsheetImporter
from nachsorge.packs.importers.stix import StixImporter
from nachsorge.packs.importers.suricata import SuricataRulesImporter
from nachsorge.packs.importers.text import TextImporter
from nachsorge.packs.importers.zeek_intel import ZeekIntelImporter

__all__ = ["HEAD", "IMPORTERS", "Importer", "Item", "Listing", "choose"]

IMPORTERS: tuple[Importer, ...] = (
    CsvImporter(),
    SpreadsheetImporter(),
    StixImporter(),
    MispImporter(),
    OpenIocImporter(),
    OsvImporter(),
    ChirpImporter(),
    ZeekIntelImporter(),
    SuricataRulesImporter(),
    ReportImporter(),
    TextImporter(),
)

HEAD = 4096
"""How many bytes an importer sees to say whether the file is its own."""


def choose(head: bytes, name: str) -> Importer | None:
    """Give the importer that is surest of a file by its beginning; the earlier row where two are equally sure."""
    scores = [(importer.accepts(head[:HEAD], name), importer) for importer in IMPORTERS]
    best = max(score for score, _ in scores)
    return next((importer for score, importer in scores if score == best), None) if best else None
