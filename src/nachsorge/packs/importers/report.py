"""Reports in prose: plain text, Markdown, HTML, PDF. The line in which a value stands is kept with it.

Authors write malicious names unclickably and references plainly; where a report does so, names written plainly are kept
but not looked for, because most of them are links to other reports.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.model.words import IndicatorType as T
from nachsorge.model.words import Verification, Weight
from nachsorge.packs.importers import extract, html_text, pdf_text
from nachsorge.packs.importers.collect import Collector, shorten
from nachsorge.packs.importers.encoding import decode
from nachsorge.packs.importers.logic import HASHES
from nachsorge.packs.importers.seams import Listing, Subject
from nachsorge.packs.rows import RowProblem
from nachsorge.packs.values import guess, refang

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_TEXT = 4_000_000
"""Characters; the longest report known has a tenth of that."""

_HTML = re.compile(r"<!doctype html|<html|<body|<head|<table|<p>|<div", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,300})</title>", re.IGNORECASE)
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
        text, _ = decode(head)
        if _HTML.search(text[:2000]) and text.lstrip().startswith("<"):
            return 80
        if text.lstrip()[:1] in ("{", "<"):
            return 0
        if name.lower().endswith((".md", ".markdown", ".rst", ".adoc")):
            return 50
        return 15 if _prose(text) else 0

    def read(self, content: bytes) -> Listing:
        """Read the whole text; RowProblem where an extra is missing or a PDF is unusable."""
        into = Collector()
        lines, notes = _lines(content, into)
        defangs = any(extract.is_defanged(line) for _, line in lines)
        unsaid = 0
        length = 0
        for place, line in lines:
            length += len(line)
            if length > MOST_TEXT:
                into.broken = RowProblem(f"more than {MOST_TEXT:,} characters; not read on from {place}", "split it")
                break
            unsaid += _line(place, line, defangs, into)
        if unsaid:
            why = "written plainly while the report defangs others: kept as references, not looked for"
            into.remark("", f"{unsaid} names and links are {why}")
        into.remark("", "values in prose are found by their look: what is written in words only is not among them")
        return into.listing(notes)


def _prose(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    sentences = sum(
        len(line.split()) > 3 and guess(refang(_FIRST.split(line.strip(), maxsplit=1)[0])) is None for line in lines
    )
    return bool(lines) and sentences * 2 > len(lines)


def _lines(content: bytes, into: Collector) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    if content.startswith(b"%PDF-"):
        return list(_pdf(content, into)), ()
    text, notes = decode(content)
    if text.lstrip().startswith("<") and _HTML.search(text[:20_000]):
        if title := _TITLE.search(text[:200_000]):
            into.state(Subject.TITLE, title[1], f"line {text.count(chr(10), 0, title.start()) + 1}")
        return [(f"line {number}", line) for number, line in html_text.lines(text)], notes
    lines = [(f"line {number}", line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if lines and lines[0][1].startswith("#"):
        into.state(Subject.TITLE, lines[0][1].lstrip("# "), lines[0][0])
    return lines, notes


def _pdf(content: bytes, into: Collector) -> Iterator[tuple[str, str]]:
    for page, lines in pdf_text.pages(content):
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
