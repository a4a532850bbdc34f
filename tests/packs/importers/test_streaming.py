"""The contract of every importer: it gives while it reads, and holds no more of a file than a piece of it."""

from __future__ import annotations

import io
import json
import tracemalloc
from typing import TYPE_CHECKING, BinaryIO, cast

import pytest
from tests.packs.importers.samples import item as ioc_item
from tests.packs.importers.samples import pattern

from nachsorge.packs.adhoc import load_indicator_file
from nachsorge.packs.importers import IMPORTERS, Importer
from nachsorge.packs.importers.listing import listing_of
from nachsorge.packs.importers.seams import Item, Remark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ROWS = 24_000
"""So many that a file is dozens of times as large as the pieces in which it is read."""


class Counting(io.RawIOBase):
    """A file that nobody holds: its rows are made when they are read. `given` counts its bytes."""

    def __init__(self, head: bytes, row: Callable[[int], bytes], tail: bytes, rows: int = ROWS) -> None:
        self._make = (head, row, tail, rows)
        self.seek(0)

    def _pieces(self) -> Iterator[bytes]:
        head, row, tail, rows = self._make
        yield head
        yield from (row(number) for number in range(rows))
        yield tail

    def seek(self, at: int, whence: int = 0) -> int:
        assert (at, whence) == (0, 0), "an importer goes back to the start only"
        self._rest, self._left, self.given = self._pieces(), b"", 0
        return 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        while not self._left:
            piece = next(self._rest, None)
            if piece is None:
                return 0
            self._left = piece
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        self.given += size
        return size


def gathered(source: Counting) -> BinaryIO:
    """Put the usual buffer before it."""
    return cast("BinaryIO", io.BufferedReader(cast("io.RawIOBase", source)))


def stix(number: int) -> bytes:
    made = pattern(f"[domain-name:value = 'host-{number}.example']", id=f"indicator--{number}")
    return (b",\n" if number else b"") + json.dumps(made).encode()


def event(number: int) -> bytes:
    attributes = [{"type": "domain", "value": f"host-{number}.example", "to_ids": True}]
    made = {"Event": {"info": "made", "Orgc": {"name": "lab"}, "Attribute": attributes, "Tag": [{"name": "tlp:clear"}]}}
    return (b",\n" if number else b"") + json.dumps(made).encode()


def osv(number: int) -> bytes:
    affected = [{"package": {"name": f"made-{number}", "ecosystem": "npm"}, "versions": ["1.0.0"]}]
    return (
        json.dumps({"id": f"MAL-2026-{number}", "modified": "x", "summary": "made", "affected": affected}).encode()
        + b"\n"
    )


FILES: dict[str, tuple[bytes, Callable[[int], bytes], bytes, int]] = {
    "csv": (b"type,value\n", lambda n: b"domain,host-%d.example\n" % n, b"", ROWS),
    "csv-table": (b"Indicator,Entity Type\n", lambda n: b"host-%d.example,hostname\n" % n, b"", ROWS),
    "stix": (b'{"type":"bundle","id":"bundle--1","objects":[\n', stix, b"]}", ROWS),
    "misp": (b'{"response":[', event, b"]}", ROWS),
    "openioc": (
        b'<ioc xmlns="http://schemas.mandiant.com/2010/ioc"><definition><Indicator operator="OR">\n',
        lambda n: ioc_item("Network/DNS", f"host-{n}.example").encode() + b"\n",
        b"</Indicator></definition></ioc>",
        ROWS,
    ),
    "osv": (b"", osv, b"", ROWS),
    # YAML is read by pure Python and bounded to four million characters, so this one is short.
    "chirp": (
        b"",
        lambda n: b"---\nioc_type: network\nname: made\nindicator:\n  ips: 192.0.2.%d\n" % (n % 256),
        b"",
        1_500,
    ),
    "zeek-intel": (
        b"#fields\tindicator\tindicator_type\tmeta.source\n",
        lambda n: b"host-%d.example\tIntel::DOMAIN\tlab\n" % n,
        b"",
        ROWS,
    ),
    "suricata-rules": (
        b"",
        lambda n: b'alert dns any any -> any any (msg:"m"; dns.query; content:"host-%d.example"; sid:%d;)\n' % (n, n),
        b"",
        ROWS,
    ),
    "report": (b"# made\n", lambda n: b"It asked host-%d[.]example for orders.\n" % n, b"", 2_000),
    "text": (b"# list\n", lambda n: b"host-%d.example\n" % n, b"", ROWS),
}
HTML = (b"<html><body>", lambda n: b"<p>It asked host-%d[.]example for orders.</p>\n" % n, b"</body></html>", 3_000)


def opened(name: str) -> tuple[Counting, BinaryIO]:
    made = Counting(*(HTML if name == "html" else FILES[name]))
    return made, gathered(made)


def named(name: str) -> Importer:
    return next(each for each in IMPORTERS if each.name == ("report" if name == "html" else name))


def test_every_importer_is_held_to_the_contract() -> None:
    assert set(FILES) == {importer.name for importer in IMPORTERS}


@pytest.mark.parametrize("name", [*FILES, "html"])
def test_values_come_while_the_file_is_read(name: str) -> None:
    made, source = opened(name)
    at = [made.given for found in named(name).read(source) if isinstance(found, Item)]
    rows = HTML[3] if name == "html" else FILES[name][3]
    assert len(at) == rows
    whole = made.given
    # When half of the values are there, no more than that half and one piece of the file was read.
    assert at[rows // 2] <= whole / 2 + 300_000
    assert at[0] <= 300_000
    assert whole >= 2 * at[0] or name in ("chirp", "report")


@pytest.mark.parametrize("name", [each for each in FILES if each not in ("chirp", "report")])
def test_memory_does_not_grow_with_the_file(name: str) -> None:
    head, row, tail, rows = FILES[name]

    def peak(count: int) -> int:
        source = gathered(Counting(head, row, tail, count))
        tracemalloc.start()
        try:
            for found in named(name).read(source):
                assert isinstance(found, Item) or not getattr(found, "lost", 0)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)  # what is loaded and remembered once
    few, many = peak(rows // 12), peak(rows // 3)
    assert many < few * 1.5 + 300_000, f"{few:,} bytes for some rows, {many:,} for four times as many"


def test_an_importer_that_holds_the_file_would_be_found() -> None:
    class Holding:
        name = "holding"

        def read(self, source: BinaryIO) -> Iterator[Item]:
            lines = source.read().splitlines()
            yield from (Item(place="", type="domain", value=str(each)) for each in lines)  # type: ignore[arg-type]

    made, source = opened("text")
    at = [made.given for _ in Holding().read(source)]
    assert at[0] == made.given


def test_a_row_of_a_long_list_costs_its_columns_only(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    rows = 60_000
    path.write_text("type,value\n" + "".join(f"domain,host-{n}.example\n" for n in range(rows)))
    load_indicator_file(path)  # what is loaded and remembered once
    tracemalloc.start()
    pack = load_indicator_file(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(pack.indicators) == rows
    assert peak / rows < 120, f"{peak / rows:.0f} bytes a row"


@pytest.mark.parametrize("name", ["stix", "misp", "openioc"])
def test_what_stands_before_a_break_is_given_before_it_is_told(name: str) -> None:
    head, row, _, _ = FILES[name]
    content = head + b"".join(row(number) for number in range(50)) + b"!!"
    listing = listing_of(named(name), content)
    assert len(listing.items) == 50
    assert listing.broken is not None
    assert listing.broken.line == content.count(b"\n") + 1


def test_bytes_that_are_not_utf8_are_read_line_by_line() -> None:
    content = "c2.example # für\n".encode("cp1252") + "b.example # größer\n".encode()
    found = list(named("text").read(io.BytesIO(content)))
    assert [each.fields["note"] for each in found if isinstance(each, Item)] == ["für", "größer"]
    assert [each.text for each in found if isinstance(each, Remark)] == ["line 1: not UTF-8; read as Windows-1252"]
