"""Windows Package Manager: `winget export` (JSON) and `winget list` (a table as wide as the terminal was).

Sources: winget-cli, "packages.schema.2.0.json"; Microsoft Learn, "winget list". An export has only what one of winget's
sources offers; a list has what the machine and the one user who asked have installed. So both
prove, and neither clears.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.export_rows import json_tree
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.evidence.software_lists import Program, records
from nachsorge.evidence.stamps import written
from nachsorge.evidence.text import lenient, text_record
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record
    from nachsorge.model.times import Instant

LARGEST = 64 * 1024 * 1024

_EXPORT = re.compile(rb'"(?:PackageIdentifier|WinGetVersion)"\s*:|winget-packages\.schema')
_RULE = re.compile(r"-{20,}\s*\Z")
_CUT = "…"
_ONE_USER = "a list of winget holds what one user sees: programs that another user installed are not in it"
_OFFERED = "an export of winget holds only what one of its sources offers, not all that is installed"


class Winget:
    """Reader of both."""

    name = "winget"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.INSTALLED_SOFTWARE,)
    tells = Tells(
        proves="that a program was installed, at which version, when the list was taken",
        rules_out="nothing",
        not_told="programs of other users; in an export also those that no source of winget offers, and display names",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the export's keys, or a header with `Id` above a line of dashes."""
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return 92 if b'"Sources"' in head and _EXPORT.search(head) else 0
        return 88 if _header(lenient(head[:16384]).splitlines()) is not None else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield a record a package."""
        ledger.platform = ledger.platform or Platform.WINDOWS
        ledger.count(Telemetry.INSTALLED_SOFTWARE, 0, source.host)
        with source.open() as stream:
            data = read_whole(stream, LARGEST)
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            yield from _export(data, source, sieve, ledger)
        else:
            yield from _list(lenient(data.removeprefix(b"\xef\xbb\xbf")), source, sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Write a list of the same form with a program that is called as the planted host."""
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            packages = [{"PackageIdentifier": plant.host, "Version": "1"}]
            return orjson.dumps({"WinGetVersion": "1", "Sources": [{"Packages": packages}]})
        width = len(plant.host) + 1
        header = f"{'Name':<{width}}{'Id':<{width}}Version"
        return f"{header}\n{'-' * max(len(header), 20)}\n{plant.host:<{width}}{plant.host:<{width}}1\n".encode()


def _export(data: bytes, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
    _never_clears(ledger, source, _OFFERED)
    tree = json_tree(data.removeprefix(b"\xef\xbb\xbf"))
    made = tree.get("CreationDate") if isinstance(tree, dict) else None
    time = (written(made) if isinstance(made, str) else None) or source.modified
    for place, package in _packages(tree):
        if not isinstance(package, dict):
            ledger.count(Telemetry.INSTALLED_SOFTWARE, 1, source.host)
            ledger.spoil(place)
            continue
        name, version = (str(package.get(key) or "") for key in ("PackageIdentifier", "Version"))
        yield from records(_program(name, version, {}, place, source, time), sieve, ledger)
    if not ledger.records:
        ledger.notes.append("no package is in it")


def _packages(tree: Any) -> Iterator[tuple[str, Any]]:
    listed = tree.get("Sources") if isinstance(tree, dict) else None
    if not isinstance(listed, list):
        raise ReadError(Reason.CORRUPT, "an export of winget without `Sources`")
    for at, one in enumerate(listed):
        found = one.get("Packages") if isinstance(one, dict) else None
        if not isinstance(found, list):
            yield f"/Sources/{at}", None
            continue
        for number, package in enumerate(found):
            yield f"/Sources/{at}/Packages/{number}", package


def _list(text: str, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
    _never_clears(ledger, source, _ONE_USER)
    lines = text.splitlines()
    top = _header(lines)
    if top is None:
        raise ReadError(Reason.CORRUPT, "no header of a list of winget")
    starts = _columns(_shown(lines[top]))
    cut = 0
    for number, line in enumerate(lines[top + 2 :], top + 3):
        if not line.strip():
            continue
        cells = _cells(_shown(line), starts)
        locator = f"line {number}"
        if len(cells) < 3 or not cells[0] or not cells[1]:
            ledger.count(Telemetry.INSTALLED_SOFTWARE, 1, source.host)
            ledger.spoil(locator)
            yield text_record(line.encode("utf-8", "surrogatepass"), locator)
            continue
        cut += any(cell.endswith(_CUT) for cell in cells[:3])
        event = {"id": cells[1], "source": cells[-1] if len(cells) > 3 else ""}
        name, version = cells[0].rstrip(_CUT), cells[2].lstrip("<> ")
        yield from records(_program(name, version, event, locator, source, source.modified), sieve, ledger)
    if cut:
        note = f"{cut} rows were cut to the width of the terminal: their names, ids or versions are not whole"
        ledger.gap(Reason.TRUNCATED, note, telemetry=Telemetry.INSTALLED_SOFTWARE, host=source.host)


def _never_clears(ledger: Ledger, source: Opened, note: str) -> None:
    ledger.gap(Reason.NOT_PROVIDED, note, telemetry=Telemetry.INSTALLED_SOFTWARE, host=source.host)


def _program(
    name: str, version: str, event: dict[str, str], locator: str, source: Opened, time: Instant | None
) -> Program:
    return Program(
        name=name,
        version=version,
        locator=locator,
        platform=Platform.WINDOWS,
        time=time,
        host=source.host,
        event=event,
    )


def _shown(line: str) -> str:
    """Give what the terminal showed in the end: winget draws its progress bar before the table."""
    return line.rpartition("\r")[2] if "\r" in line.rstrip("\r") else line.rstrip("\r")


def _header(lines: Sequence[str]) -> int | None:
    """Find the header: a line of words above a line of dashes; in every language one of them is `ID`."""
    for at in range(min(len(lines) - 1, 40)):
        if _RULE.fullmatch(lines[at + 1].strip()):
            words = _shown(lines[at]).lower().split()
            return at if "id" in words and 3 <= len(words) <= 5 else None
    return None


def _columns(header: str) -> list[int]:
    """Give where the columns begin, in cells of the terminal."""
    return [_width(header[: found.start()]) for found in re.finditer(r"\S+", header)]


def _cells(line: str, starts: Sequence[int]) -> list[str]:
    """Cut a row at the columns; wide characters (CJK) take two cells."""
    if line.isascii():
        cuts = [0, *starts[1:]]
    else:
        place, cuts = 0, [0]
        for at, char in enumerate(line):
            while len(cuts) < len(starts) and place >= starts[len(cuts)]:
                cuts.append(at)
            if len(cuts) == len(starts):
                break
            place += _places(char)
        cuts += [len(line)] * (len(starts) - len(cuts))
    return [line[cut:end].strip() for cut, end in zip(cuts, [*cuts[1:], len(line)], strict=True)]


def _width(text: str) -> int:
    return len(text) if text.isascii() else sum(map(_places, text))


@lru_cache(maxsize=4096)
def _places(char: str) -> int:
    """Say how many cells of a terminal a character takes."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
