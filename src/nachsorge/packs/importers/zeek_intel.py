"""Intelligence files of Zeek's intel framework: tab-separated, `#fields` names the columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from nachsorge.model.words import IndicatorType as T
from nachsorge.packs.importers.collect import Collector, shorten
from nachsorge.packs.importers.encoding import Text, decode
from nachsorge.packs.row_problem import RowProblem
from nachsorge.packs.values import guess

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.packs.importers.seams import Found

_TYPES = {
    "ADDR": T.IP,
    "SUBNET": T.CIDR,
    "URL": T.URL_PATTERN,  # written without its scheme
    "SOFTWARE": T.USER_AGENT,
    "EMAIL": T.EMAIL,
    "DOMAIN": T.DOMAIN,
    "FILE_NAME": T.FILE_NAME,
    "CERT_HASH": T.CERTIFICATE,
}
_HASHES = (T.SHA256, T.SHA1, T.MD5)


class ZeekIntelImporter:
    """One row a value; `meta.source` is kept as the source, `meta.desc` as the note."""

    name = "zeek-intel"

    def accepts(self, head: bytes, name: str) -> int:
        """Sure where `#fields` names an indicator and its type."""
        text = decode(head)
        return 96 if any(_is_header(line) for line in text.splitlines()) else 0

    def read(self, source: BinaryIO) -> Iterator[Found]:
        """Give row by row; RowProblem where the header is missing."""
        text, into = Text(source), Collector()
        columns: list[str] = []
        for number, line in text.lines():
            if _is_header(line):
                columns = line.split("\t")[1:]
            elif line.strip() and not line.startswith("#"):
                if not columns:
                    raise RowProblem("rows before the #fields header", "add the header", line=number)
                cells = dict(zip(columns, line.split("\t"), strict=False))
                _row({key: value for key, value in cells.items() if value != "-"}, f"line {number}", into)
                yield from into.drain()
        yield from into.close(text.note())


def _is_header(line: str) -> bool:
    return line.startswith("#fields\t") and {"indicator", "indicator_type"} <= set(line.split("\t"))


def _row(cells: dict[str, str], place: str, into: Collector) -> None:
    value, named = cells.get("indicator", "").strip(), cells.get("indicator_type", "").strip()
    word = named.removeprefix("Intel::")
    kind = guess(value) if word in ("FILE_HASH", "CERT_HASH") else _TYPES.get(word)
    if word == "CERT_HASH":
        kind = T.CERTIFICATE
    if kind is None or (word == "FILE_HASH" and kind not in _HASHES):
        into.lose(place, f"{shorten(named, 40) or 'no type'}: {shorten(value, 80)!r} cannot be looked for")
        return
    note = "; ".join(part for key in ("meta.desc", "meta.url") if (part := cells.get(key, "").strip()))
    into.take(place, kind, value, note=shorten(note), first_source=cells.get("meta.source", "").strip())
