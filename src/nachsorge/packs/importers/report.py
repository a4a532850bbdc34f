"""Reports in prose: plain text, Markdown, HTML, PDF. The line in which a value stands is kept with it.

Authors write malicious names unclickably and references plainly; where a report does so, names written plainly are kept
but not looked for, because most of them are links to other reports.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.model.words import IndicatorType as T
from nachsorge.model.words import Verification, Weight
from nachsorge.packs.importers import extract, pdf_text
from nachsorge.packs.importers.collect import Collector, shorten
from nachsorge.packs.importers.encoding import Text, decode
from nachsorge.packs.importers.html_text import Visible
from nachsorge.packs.importers.logic import HASHES
from nachsorge.packs.importers.seams import BreaksOff, Subject
from nachsorge.packs.values import guess, refang

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.packs.importers.seams import Found

MOST_TEXT = 4_000_000
"""Characters; the longest report known has a tenth of that."""

_HTML = re.compile(r"<!doctype html|<html|<body|<head|<table|<p>|<div", re.IGNORECASE)
_START = 20_000
_LINKS = frozenset({T.URL, T.EMAIL, T.DOMAIN})
_FIRST = re.compile(r"[\s;,]")
_CONTEXT = 200


class ReportImporter:
    """What a report names. Defanged values and hashes stand for themselves; files and paths are hints."""

    name = "report"

    def accepts(self, head: bytes, name: str) -> int:
        """Sure of PDF and HTML; of Markdown by its name; of text where most lines are sentences."""
        if head.startswith(b"%PDF-"):
            return 100
        if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return 0
        text = decode(head)
        if _HTML.search(text[:2000]) and text.lstrip().startswith("<"):
            return 80
        if text.lstrip()[:1] in ("{", "<"):
            return 0
        if name.lower().endswith((".md", ".markdown", ".rst", ".adoc")):
            return 50
        return 15 if _prose(text) else 0

    def read(self, source: BinaryIO) -> Iterator[Found]:
        """Give line by line, from the first that is defanged on: until then nobody knows what plain names mean.

        Raises:
            BreaksOff: the text is longer than any report.
            RowProblem: an extra is missing, or a PDF is unusable.
        """
        into, said = Collector(), _Said()
        length, broken = 0, None
        for place, line in _lines(source, into):
            length += len(line)
            if length > MOST_TEXT:
                broken = BreaksOff(f"more than {MOST_TEXT:,} characters; not read on from {place}", "split it")
                break
            said.line(place, line, into)
            yield from into.drain()
        said.close(into)
        if said.unsaid:
            why = "written plainly while the report defangs others: kept as references, not looked for"
            into.remark("", f"{said.unsaid} names and links are {why}")
        into.remark("", "values in prose are found by their look: what is written in words only is not among them")
        yield from into.close()
        if broken is not None:
            raise broken


@dataclass(slots=True)
class _Said:
    """What a report has said so far. Lines wait until one is defanged, or until the end where none is."""

    waiting: list[tuple[str, str]] = field(default_factory=list)
    defangs: bool = False
    unsaid: int = 0

    def line(self, place: str, line: str, into: Collector) -> None:
        """Take a line."""
        if not self.defangs:
            self.waiting.append((place, line))
            if not extract.is_defanged(line):
                return
            self.defangs = True
            self.close(into)
        else:
            self.unsaid += _line(place, line, self.defangs, into)

    def close(self, into: Collector) -> None:
        """Take the lines that wait."""
        for place, line in self.waiting:
            self.unsaid += _line(place, line, self.defangs, into)
        self.waiting = []


def _prose(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    sentences = sum(
        len(line.split()) > 3 and guess(refang(_FIRST.split(line.strip(), maxsplit=1)[0])) is None for line in lines
    )
    return bool(lines) and sentences * 2 > len(lines)


def _lines(source: BinaryIO, into: Collector) -> Iterator[tuple[str, str]]:
    start = source.read(_START)
    if start.startswith(b"%PDF-"):
        yield from _pdf(source, into)
        return
    text, head = Text(source), decode(start)
    if head.lstrip().startswith("<") and _HTML.search(head):
        yield from _html(text, into)
    else:
        first = True
        for number, line in text.lines():
            if line.strip():
                if first and line.startswith("#"):
                    into.state(Subject.TITLE, line.lstrip("# "), f"line {number}")
                first = False
                yield f"line {number}", line
    if note := text.note():
        into.remark("", note)


def _html(text: Text, into: Collector) -> Iterator[tuple[str, str]]:
    page = Visible(text)
    for number, line in page.lines():
        yield f"line {number}", line
    if page.title:
        into.state(Subject.TITLE, page.title, f"line {page.title_line}")
    if page.unread:
        into.lose(f"line {page.unread}", "an element begins here and never ends: what follows is not shown, nor read")


def _pdf(source: BinaryIO, into: Collector) -> Iterator[tuple[str, str]]:
    for page, lines in pdf_text.pages(source):
        if lines is None:
            into.lose(f"page {page}", "holds no text that can be read (a picture?)")
            continue
        # A long value is broken over lines; what stands on its own and continues a hash or name is not rejoined.
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield f"page {page}, line {number}", line


def _line(place: str, line: str, defangs: bool, into: Collector) -> int:
    """Take the values of a line; give how many were kept as mere references."""
    unsaid = 0
    context = shorten(line, _CONTEXT)
    for mention in extract.mentions(line):
        # A bare address is no link, and is often written plainly beside names that are not.
        reference = defangs and mention.kind in _LINKS and not mention.defanged
        if reference:
            note = f"written plainly, so probably a reference: {context}"
            unsaid += 1
            into.take(place, mention.kind, mention.value, note=note, verification=Verification.UNVERIFIED)
        else:
            sure = mention.defanged or mention.kind in HASHES or mention.kind is T.PACKAGE
            into.take(place, mention.kind, mention.value, weight=Weight.STRONG if sure else Weight.HINT, note=context)
    return unsaid
