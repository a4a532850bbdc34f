"""A list with one value a line; the type is guessed from its look, `#` begins a comment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.model.words import IndicatorType, Weight
from nachsorge.packs.importers.collect import Collector, shorten, without_port
from nachsorge.packs.importers.encoding import Text, decode
from nachsorge.packs.importers.seams import Item
from nachsorge.packs.values import checked, guess, refang

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.packs.importers.seams import Found


class TextImporter:
    """The last resort: takes any text that is not visibly another format."""

    name = "text"

    def accepts(self, head: bytes, name: str) -> int:
        """Take text, but not JSON, XML, HTML or rules, which would be searched line by line and half understood."""
        if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return 0
        text = decode(head)
        return 0 if text.lstrip()[:1] in ("{", "<") or _RULE.search(text) else 10

    def read(self, source: BinaryIO) -> Iterator[Found]:
        """Give line by line; one whose type its look does not tell is named with its number."""
        text, into = Text(source), Collector()
        for number, line in text.lines():
            if (whole := line.strip()) and not whole.startswith("#"):
                _line(whole, f"line {number}", into)
                yield from into.drain()
        yield from into.close(text.note())


def _line(line: str, place: str, into: Collector) -> None:
    bare, _, comment = line.partition(" #") if " #" in line else line.partition("\t#")
    pattern = _PATTERN.match(bare) if ";" in bare and "\\" in bare else None
    if pattern:
        _file_pattern(pattern, place, into)
        return
    value, note = refang(bare), comment.strip()
    kind = guess(value)
    if kind is None or (kind in _LOOSE and _SEPARATED.search(bare)):
        # `hash;dropper.exe` looks like the name of a file as a whole.
        first, said, firsts_kind = _apart(bare, note)
        if firsts_kind is not None:
            value, note, kind = first, said, firsts_kind
    if kind is None:
        if value:
            into.lose(place, f"{value[:80]!r} does not show its type (CSV with type,value says it)")
    else:
        fields = {"note": shorten(note)} if note else {}
        into.keep(Item(place=place, type=kind, value=checked(kind, value), fields=fields))


def _apart(bare: str, comment: str) -> tuple[str, str, IndicatorType | None]:
    """Take a line apart into the value and what is said of it; a port after an address is said of it too."""
    for separator in ("", ";", ",", "\t", " "):
        first, found, rest = bare.partition(separator) if separator else (bare, "whole", "")
        value = refang(first)
        plain = without_port(value)
        kind = guess(plain) if found else None
        if kind in _LOOSE and separator == "" and _SEPARATED.search(bare):
            kind = None
        if kind is None and found and (match := _PORT_IN_URL.match(value)):
            plain = match[1] + match[2]
            kind = guess(plain)
        if kind is not None:
            port = f"written as {value}" if plain != value else ""
            return plain, "; ".join(part for part in (port, rest.strip(), comment) if part), kind
    return refang(bare), comment, None


def _file_pattern(pattern: re.Match[str], place: str, into: Collector) -> None:
    """Take a line of a list of regular expressions on file names (LOKI) where the expression is a plain text."""
    literal = re.sub(r"\\([\\.\-_() ])", r"\1", re.sub(r"\A\(\?i\)", "", pattern[1])).removesuffix("$")
    note = "; ".join(part for part in (f"score {pattern[2]}", (pattern[3] or "")[1:] and "with exceptions") if part)
    if re.search(r"[\[\](){}*+?|^$]|\\[a-zA-Z]\b", re.sub(r"\\\\", "", pattern[1].replace("(?i)", "").rstrip("$"))):
        into.lose(place, f"a regular expression on file names: {shorten(pattern[1], 100)}")
        return
    kind = IndicatorType.PATH if "\\" in literal.lstrip("\\") or "/" in literal else IndicatorType.FILE_NAME
    # The expression is searched in the path: what may follow it is open, unless it ends in an ending or in `$`.
    rest = "" if pattern[1].endswith("$") or re.search(r"\.\w{2,5}\Z", literal) else "*"
    value = (literal.lstrip("\\") if kind is IndicatorType.FILE_NAME else f"*{literal}") + rest
    sure = int(pattern[2]) >= _SURE and not pattern[3]
    into.take(place, kind, value, weight=Weight.STRONG if sure else Weight.HINT, note=note)


_RULE = re.compile(r"^\s*(?:(?:private|global)\s+)*rule\s+\w+[^\n]*\n?\s*\{", re.MULTILINE)
_PATTERN = re.compile(r"([^;]*\\[.\\][^;]*);(\d{1,3})(;.*)?\Z")
_PORT_IN_URL = re.compile(r"([\w.-]+):\d{1,5}(/.*)\Z")
_LOOSE = frozenset({IndicatorType.FILE_NAME, IndicatorType.PATH, IndicatorType.REGISTRY})
_SEPARATED = re.compile(r"[;,\t]")
_SURE = 75
"""LOKI's scores run to 100; from 75 on its authors hold a name for telling."""
