"""The importers, one file a format. To add one: its module, a row here, its test, its sample."""

from __future__ import annotations

from nachsorge.packs.importers.csv import CsvImporter
from nachsorge.packs.importers.seams import Importer, Item, Listing
from nachsorge.packs.importers.text import TextImporter

__all__ = ["IMPORTERS", "Importer", "Item", "Listing", "choose"]

IMPORTERS: tuple[Importer, ...] = (CsvImporter(), TextImporter())

HEAD = 4096
"""How many bytes an importer sees to say whether the file is its own."""


def choose(content: bytes, name: str) -> Importer | None:
    """Give the importer that is surest of the file; the earlier row where two are equally sure."""
    scores = [(importer.accepts(content[:HEAD], name), importer) for importer in IMPORTERS]
    best = max(score for score, _ in scores)
    return next((importer for score, importer in scores if score == best), None) if best else None
