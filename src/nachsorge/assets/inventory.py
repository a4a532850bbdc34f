"""The inventory: a CSV file with one asset a row. All problems of the file are reported at once.

Columns: `asset` (the only mandatory one), `names` and `addresses` (several with `;`; an address may be limited in
time, `10.0.0.5@2023-01-01/2023-03-01`), `platform`, `role`, `watched` (sensor telemetries that see all its traffic;
`dns_query`, or `dns_query@site-b` where several sensors give it and only the one with `site-b` in its path does).
Any other column is kept as an attribute.
"""

from __future__ import annotations

import csv
import io
import ipaddress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from nachsorge.errors import InventoryError, Problem
from nachsorge.model.assessment import Asset
from nachsorge.model.evidence import Lease
from nachsorge.model.times import Span, parse_end, parse_instant
from nachsorge.model.words import SENSOR, Platform

if TYPE_CHECKING:
    from pathlib import Path

_KNOWN = ("asset", "names", "addresses", "platform", "role", "watched")
_ALIASES = {
    "host": "asset",
    "hostname": "asset",
    "name": "asset",
    "ip": "addresses",
    "address": "addresses",
    "os": "platform",
}
_PLATFORMS = {"mac": "macos", "osx": "macos", "darwin": "macos", "win": "windows", "ubuntu": "linux", "debian": "linux"}


@dataclass(frozen=True, slots=True)
class Inventory:
    """The declared assets, and the addresses that were theirs for a limited time."""

    assets: tuple[Asset, ...] = ()
    leases: tuple[Lease, ...] = ()


def load_inventory(path: Path) -> Inventory:
    """Read an inventory; raises InventoryError with every problem found."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InventoryError([Problem(path=str(path), message=f"cannot be read: {error}")]) from error
    delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    rows = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    reader = _Rows(str(path))
    try:
        _read(rows, reader)
    except csv.Error as error:
        reader.problem(rows.line_num, f"no CSV: {error}", "look for a quote that is never closed")
    if reader.problems:
        raise InventoryError(reader.problems)
    return Inventory(tuple(reader.assets), tuple(reader.leases))


def _read(rows: csv.DictReader[str], reader: _Rows) -> None:
    names = [_ALIASES.get(n.strip().lower(), n.strip().lower()) for n in rows.fieldnames or []]
    reader.check_header(names)
    rows.fieldnames = names
    if "asset" not in names:
        return
    for row in rows:
        if None in row:
            remedy = "separate several values of one field with ; or quote the field"
            reader.problem(rows.line_num, "more fields than the first line names", remedy)
        reader.take({k: (v or "").strip() for k, v in row.items() if isinstance(k, str)}, rows.line_num)


class _Rows:
    """Collects assets and problems row by row."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.assets: list[Asset] = []
        self.leases: list[Lease] = []
        self.problems: list[Problem] = []
        self._ids: set[str] = set()
        self._owners: dict[str, str] = {}

    def problem(self, line: int, message: str, remedy: str = "") -> None:
        self.problems.append(Problem(path=self.path, line=line, message=message, remedy=remedy))

    def check_header(self, names: list[str]) -> None:
        for name in dict.fromkeys(n for n in names if n in _KNOWN and names.count(n) > 1):
            self.problem(1, f"{name!r} is named by several columns", "keep one; further names belong into `names`")
        if "asset" in names:
            return
        close = next((n for n in names if get_close_matches(n, ["asset"], 1, 0.5)), "")
        remedy = f"rename {close!r} to asset" if close else "the first line names the columns; one must be asset"
        self.problem(1, "no column `asset`", remedy)

    def take(self, row: dict[str, str], line: int) -> None:
        name = row["asset"]
        if not name:
            self.problem(line, "a row without a name", "fill the column asset or delete the row")
            return
        if name.lower() in self._ids:
            self.problem(line, f"asset {name!r} stands here twice", "two machines with one name need two names here")
            return
        self._ids.add(name.lower())
        fixed = self._addresses(row.get("addresses", ""), name, line)
        self.assets.append(
            Asset(
                id=name,
                names=tuple(dict.fromkeys([name, *_split(row.get("names", ""))])),
                addresses=fixed,
                platform=self._platform(row.get("platform", ""), line),
                role=row.get("role", "").lower(),
                watched=self._watched(row.get("watched", ""), line),
                declared=True,
                attributes={k: v for k, v in row.items() if k not in _KNOWN and v},
            )
        )

    def _platform(self, text: str, line: int) -> Platform | None:
        if not text:
            return None
        word = text.lower().split()[0]
        try:
            return Platform(_PLATFORMS.get(word, word))
        except ValueError:
            self.problem(line, f"unknown platform {text!r}", f"one of {', '.join(Platform)}, or empty")
            return None

    def _watched(self, text: str, line: int) -> tuple[str, ...]:
        found = []
        for entry in _split(text):
            word, at, part = (piece.strip() for piece in entry.partition("@"))
            if at and not part:
                self.problem(
                    line, f"{entry!r} names no sensor", f"write {word} alone, or {word}@ and a part of its path"
                )
            elif word in {t.value for t in SENSOR}:
                found.append(f"{word}{at}{part}")
            else:
                close = get_close_matches(word, [t.value for t in SENSOR], 1)
                remedy = f"did you mean {close[0]}?" if close else f"one of {', '.join(sorted(SENSOR))}"
                self.problem(line, f"{word!r} is nothing a sensor watches", remedy)
        return tuple(found)

    def _addresses(self, text: str, name: str, line: int) -> tuple[str, ...]:
        fixed: list[str] = []
        for part in _split(text):
            address, at, span = part.partition("@")
            try:
                address = ipaddress.ip_address(address.strip()).compressed
                stretch = _stretch(span) if at else None
            except ValueError:
                self.problem(line, f"{part!r} is no address", "write 10.0.0.5 or 10.0.0.5@2023-01-01/2023-03-01")
                continue
            if stretch is not None:
                self.leases.append(Lease(address=address, host=name, span=stretch))
            elif self._owners.setdefault(address, name) != name:
                remedy = "limit it in time, 10.0.0.5@2023-01-01/2023-03-01, or leave it out"
                self.problem(line, f"{address} is the address of {self._owners[address]!r} as well", remedy)
            else:
                fixed.append(address)
        return tuple(dict.fromkeys(fixed))


def _stretch(text: str) -> Span:
    """Read `2023-01-01/2023-03-01`; ValueError where it is no stretch of time or ends before it begins."""
    start, slash, end = (piece.strip() for piece in text.partition("/"))
    stretch = Span(parse_instant(start), parse_end(end))
    if not slash or stretch.start > stretch.end:
        raise ValueError(f"no stretch of time: {text!r}")
    return stretch


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.replace(",", ";").split(";") if part.strip()]
