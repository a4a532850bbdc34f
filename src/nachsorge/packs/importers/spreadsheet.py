"""CSV as vendors publish it: the header is guessed, or the author says what the columns are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO

from nachsorge.model.words import IndicatorType as T
from nachsorge.model.words import Tlp, Verification
from nachsorge.packs.csv_rows import csv_rows
from nachsorge.packs.importers import vocabulary
from nachsorge.packs.importers.collect import Collector, shorten, without_port
from nachsorge.packs.importers.encoding import Text, decode
from nachsorge.packs.importers.logic import HASHES
from nachsorge.packs.row_problem import RowProblem
from nachsorge.packs.values import guess, refang

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.packs.importers.seams import Found

_ROLES = {
    "type": "type entity-type indicator-type ioc-type artifact-type kind observable-type attribute-type",
    "value": "value indicator ioc indicator-value ioc-value observable artifact data",
    "package": "package-name package packages module dependency library",
    "version": "version versions package-version package-versions affected-versions affected-version bad-versions "
    "malicious-versions compromised-versions",
    "ecosystem": "ecosystem package-manager package-type",
    "note": "description context comment comments note notes details info remark",
    "sources": "sources source reported-by vendor",
    "tlp": "tlp",
    "name": "name",
}
ROLES = {name: role for role, names in _ROLES.items() for name in names.split()}
WORDS = sorted({*_ROLES, "hash", "ignore", *(kind.value for kind in T)})
"""What a column may be said to be."""

_KINDS = frozenset(kind.value for kind in T)
_SPLIT = re.compile(r"[\s,;|]+")
_VERSION = re.compile(r"[vV=]?\d[\w.+~-]*\Z")
_PLACEHOLDER = re.compile(r"<(?!user>)[^<>]{2,60}>")
_SCOPED = re.compile(r"@[\w.-]+/")
_MOST_WAITING = 100_000
"""Rows of packages without ecosystem that are read to find out which it is."""
_SEVERAL = frozenset({T.SHA256, T.SHA1, T.MD5, T.IP, T.CIDR, T.DOMAIN, T.EMAIL})
"""Types of which a cell may hold several."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column is (`type`, `value`, an indicator type ...), and the ecosystem of packages without one."""

    roles: tuple[str, ...]
    ecosystem: str = ""

    @property
    def nameless(self) -> bool:
        """Tell whether rows name packages of an ecosystem that nothing says."""
        return "package" in self.roles and not self.ecosystem and not {"ecosystem", "type"} & set(self.roles)

    def typed(self) -> list[tuple[int, T | None]]:
        """Give the columns that hold values of one type; None is a hash of any length."""
        found: list[tuple[int, T | None]] = []
        for index, role in enumerate(self.roles):
            if role in ("hash", "file"):
                found.append((index, None))
            elif role in _KINDS and role != T.PACKAGE:
                found.append((index, T(role)))
        others = [each for each in found if each[1] is not T.FILE_NAME]
        # A name beside a hash tells which file is meant; alone it would meet other files.
        return others or found


@dataclass(slots=True)
class SpreadsheetImporter:
    """Comma, semicolon or tab; several values in a cell; defanged values. `mapping` names columns by their header."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    ecosystem: str = ""
    name = "csv-table"

    def accepts(self, head: bytes, name: str) -> int:
        """Fairly sure where the first line names a column that holds values."""
        text = decode(head)
        header = next((line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")), "")
        cells = header.replace(";", ",").replace("\t", ",").split(",")
        if text.lstrip()[:1] in ("{", "<") or any(guess(refang(cell)) for cell in cells):
            return 0
        columns = Columns(tuple(_role(cell, self.mapping) for cell in cells))
        usable = columns.typed() or {"value"} <= set(columns.roles) or {"package", "version"} <= set(columns.roles)
        usable = usable or {"type", "name"} <= set(columns.roles)
        if len(cells) == 1:
            return 25 if columns.typed() or columns.roles == ("value",) else 0
        return 75 if usable else 0

    def read(self, source: BinaryIO) -> Iterator[Found]:
        """Give row by row; rows of packages wait until the ecosystem is known.

        Raises:
            RowProblem: no column holds values, so a mapping has to say which, or no ecosystem is named.
        """
        text, into = Text(source), Collector()
        rows = csv_rows(text.raw_lines(), ",;\t|")
        line, header = next(rows, (1, []))
        columns = self._columns(header, line, into)
        if columns.nameless:
            columns, rows = _with_ecosystem(columns, rows, line, into)
        yield from into.drain()
        for number, cells in rows:
            if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
                into.lose(f"line {number}", f"{len(cells)} fields under {len(header)} columns")
            else:
                _Row(columns, [cell.strip() for cell in cells], f"line {number}", into).read()
            yield from into.drain()
        yield from into.close(text.note())

    def _columns(self, header: list[str], line: int, into: Collector) -> Columns:
        roles = tuple(_role(cell, self.mapping) for cell in header)
        columns = Columns(roles, self.ecosystem)
        if not (columns.typed() or {"value", "package"} & set(roles) or {"type", "name"} <= set(roles)):
            known = ", ".join(cell for cell in header if cell) or "none"
            raise RowProblem(f"no column of values among: {shorten(known)}", f"say what they are: {', '.join(WORDS)}")
        used = [f"{cell.strip()} as {role}" for cell, role in zip(header, roles, strict=True) if role]
        unused = [cell.strip() for cell, role in zip(header, roles, strict=True) if not role and cell.strip()]
        into.remark(f"line {line}", f"columns read: {', '.join(used)}")
        if unused:
            into.remark(f"line {line}", f"columns not read: {shorten(', '.join(unused))}")
        return columns


def _role(header: str, mapping: Mapping[str, str]) -> str:
    said = mapping.get(header.strip())
    if said is not None:
        return "" if said == "ignore" else said
    name = vocabulary.word(header.lstrip("\ufeff"))
    if name in ROLES:
        return ROLES[name]
    if name in vocabulary.HASH_WORDS:
        # `file` is a name as often as a hash; the cells tell.
        return "file" if name in ("file", "sample") else "hash"
    kind = vocabulary.TYPES.get(name)
    return kind.value if kind else ""


def _with_ecosystem(
    columns: Columns, rows: Iterator[tuple[int, list[str]]], line: int, into: Collector
) -> tuple[Columns, Iterator[tuple[int, list[str]]]]:
    """Tell the ecosystem by the first name that only one has, and give the rows that were read for that again."""
    waiting: list[tuple[int, list[str]]] = []
    for row in rows:
        waiting.append(row)
        if any(_SCOPED.match(cell.strip()) for cell in row[1]):
            into.remark(f"line {line}", "no ecosystem is named; npm, since only npm has names such as @scope/name")
            return replace(columns, ecosystem="npm"), chain(waiting, rows)
        if len(waiting) >= _MOST_WAITING:
            break
    raise RowProblem("no ecosystem is named", "say which: --ecosystem npm, pypi, cargo ...", line=line)


@dataclass(slots=True)
class _Row:
    columns: Columns
    cells: list[str]
    place: str
    into: Collector

    def read(self) -> None:
        fields = self._fields()
        if fields is None:
            return
        roles = set(self.columns.roles)
        if self.columns.typed():
            for index, kind in self.columns.typed():
                if kind is not None:
                    self._cell(kind, self._at(index), fields)
                else:
                    self._hashes(self._at(index), fields, named=self.columns.roles[index] == "hash")
        elif "package" in roles:
            self._packages(self._of("ecosystem") or self.columns.ecosystem, self._of("package"), fields)
        else:
            self._named(self._of("type"), self._of("value") or self._of("name"), fields)

    def _at(self, index: int) -> str:
        return self.cells[index] if index < len(self.cells) else ""

    def _of(self, role: str) -> str:
        return next((self._at(i) for i, each in enumerate(self.columns.roles) if each == role and self._at(i)), "")

    def _fields(self) -> dict[str, Any] | None:
        name = self._of("file_name") if "file_name" in self.columns.roles else ""
        note = "; ".join(part for part in (self._of("note"), name) if part)
        sources = tuple(part for part in re.split(r"\s*[,;]\s*", self._of("sources")) if part)
        label = self._of("tlp").upper().removeprefix("TLP:")
        fields: dict[str, Any] = {"note": shorten(note), "sources": sources}
        if label and label not in {*Tlp, "WHITE"}:
            self.into.lose(self.place, f"not a TLP label: {shorten(label, 40)!r}")
            return None
        if label:
            fields["tlp"] = Tlp.CLEAR if label == "WHITE" else Tlp(label)
        return fields

    def _named(self, named: str, value: str, fields: dict[str, Any]) -> None:
        """Take a value whose type stands in a column of its own, or shows in its look."""
        word = vocabulary.word(named)
        ecosystem = vocabulary.ecosystem_of(named)
        if not named:
            self._cell(None, value, fields)
        elif word in vocabulary.NOT_ON_HOSTS:
            why = vocabulary.NOT_ON_HOSTS[word]
            note = "; ".join(part for part in (why, fields["note"]) if part)
            self.into.take(
                self.place, T.EMAIL, value, **fields | {"note": note, "verification": Verification.UNVERIFIED}
            )
            self.into.remark(self.place, f"{value}: {why}; kept, not looked for")
        elif word in vocabulary.HASH_WORDS:
            self._cell(None, value, fields)
        elif ecosystem is not None:
            self._packages(ecosystem, value, fields)
        elif (kind := vocabulary.TYPES.get(word)) is not None:
            self._cell(kind, value, fields)
        else:
            self.into.lose(self.place, f"unknown type {shorten(named, 60)!r}: {shorten(value, 100)}")

    def _cell(self, kind: T | None, cell: str, fields: dict[str, Any]) -> None:
        """Take a cell; None as its kind leaves the type to the look of each value in it."""
        parts = _SPLIT.split(cell.strip()) if kind is None or kind in _SEVERAL else [cell]
        if len(parts) > 1 and not all(guess(refang(part)) for part in parts if part):
            parts = [cell]
        for part in filter(None, parts):
            each = kind or guess(refang(part)) or guess(without_port(refang(part)))
            if each is None:
                self.into.lose(self.place, f"{shorten(part, 80)!r} does not show its type")
            elif _PLACEHOLDER.search(part):
                self.into.lose(self.place, f"{shorten(part, 80)!r} holds a placeholder: write ? or * for it")
            else:
                self.into.take(self.place, each, part, **fields)

    def _hashes(self, cell: str, fields: dict[str, Any], *, named: bool) -> None:
        """Take the hashes of a cell; a column called `file` may as well hold names, which say too little."""
        for part in filter(None, _SPLIT.split(cell)):
            kind = guess(part)
            if kind in HASHES and kind is not None:
                self.into.take(self.place, kind, part, **fields)
            elif named:
                self.into.lose(self.place, f"{shorten(part, 80)!r} is no hash that is looked for")

    def _packages(self, ecosystem: str, name: str, fields: dict[str, Any]) -> None:
        kind = vocabulary.ecosystem_of(ecosystem)
        cell = self._of("version")
        if not cell and "@" in name[1:]:
            name, _, cell = name.rpartition("@")
        versions = [part for part in re.split(r"\s*[,;|]\s*|\s+(?=[vV=]?\d)", cell) if part]
        if kind is None:
            self.into.lose(self.place, f"no lock files of {shorten(ecosystem, 40)!r} are read: {shorten(name, 80)}")
        elif not versions or not all(_VERSION.match(version) for version in versions):
            self.into.lose(self.place, f"{shorten(name, 80)}: {shorten(cell, 80)!r} is no list of versions")
        else:
            for version in versions:
                made = vocabulary.purl(kind, name, version.lstrip("="))
                self.into.take(self.place, T.PACKAGE, made or f"{name}@{version}", **fields)
