"""OpenIOC 1.0 and 1.1 (Mandiant): definitions in XML, a tree of AND and OR over single items."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces

from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser

from nachsorge.model.words import IndicatorType as T
from nachsorge.packs.importers.collect import Collector, as_meant, shorten
from nachsorge.packs.importers.logic import All, Either, Node, Test, Unknown, resolve, size
from nachsorge.packs.importers.seams import BreaksOff, Item, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.sax.xmlreader import AttributesImpl, IncrementalParser, Locator

    from nachsorge.packs.importers.seams import Found

DEEPEST = 64
CHUNK = 1 << 16
LONGEST_TEXT = 20_000
_ROOT = re.compile(rb"<(?:\w+:)?(?:ioc|OpenIOC)[\s>]")
_SEARCHES = {
    "md5sum": T.MD5,
    "sha1sum": T.SHA1,
    "sha256sum": T.SHA256,
    "filename": T.FILE_NAME,
    "fullpath": T.PATH,
    "filepath": T.PATH,
    "network/dns": T.DOMAIN,
    "dnsentryitem/host": T.DOMAIN,
    "dnsentryitem/recordname": T.DOMAIN,
    "dnsentryitem/recorddata/host": T.DOMAIN,
    "dnsentryitem/recorddata/ipv4address": T.IP,
    "urlhistoryitem/hostname": T.DOMAIN,
    "cookiehistoryitem/hostname": T.DOMAIN,
    "network/uri": T.URL_PATTERN,
    "network/url": T.URL,
    "urlhistoryitem/url": T.URL,
    "filedownloadhistoryitem/sourceurl": T.URL,
    "network/useragent": T.USER_AGENT,
    "remoteip": T.IP,
    "localip": T.IP,
    "routeentryitem/destination": T.IP,
    "registryitem/path": T.REGISTRY,
    "registryitem/keypath": T.REGISTRY,
    "handle/name": T.NAMED_OBJECT,
    "processitem/name": T.FILE_NAME,
    "processitem/path": T.PATH,
    "serviceitem/path": T.PATH,
    "serviceitem/servicedll": T.PATH,
    "driveritem/drivername": T.FILE_NAME,
    "moduleitem/modulepath": T.PATH,
    "email/from": T.EMAIL,
    "email/replyto": T.EMAIL,
    "digitalsignature/certificatethumbprint": T.CERTIFICATE,
}
_FACTS = {"short_description": Subject.TITLE, "authored_by": Subject.PUBLISHER, "authored_date": Subject.DATE}
_WIDE = {"contains": "*{}*", "starts-with": "{}*", "ends-with": "*{}"}


class OpenIocImporter:
    """Definitions with their logic: what is in an AND counts as a hint, what is in an OR stands alone."""

    name = "openioc"

    def accepts(self, head: bytes, name: str) -> int:
        """Sure where the root element is one of OpenIOC."""
        if _ROOT.search(head) and (b"openioc" in head.lower() or b"mandiant" in head.lower()):
            return 95
        return 85 if _ROOT.search(head) and name.lower().endswith(".ioc") else 0

    def read(self, source: BinaryIO) -> Iterator[Found]:
        """Give condition by condition; one that is not closed is kept until it is."""
        handler = _Handler()
        parser = make_parser()
        parser.forbid_dtd = True
        parser.setFeature(feature_namespaces, False)
        parser.setContentHandler(handler)
        handler.setDocumentLocator(parser)  # which `parse` would do, and `feed` does not
        source.seek(0)
        broken: BreaksOff | None = None
        while broken is None and (piece := source.read(CHUNK)):
            broken = _fed(parser, piece, handler)
            yield from handler.into.drain()
        broken = broken or _fed(parser, b"", handler)
        if broken is not None:
            handler.finish()
        yield from handler.into.close()
        if broken is not None:
            raise broken


def _fed(parser: IncrementalParser, piece: bytes, handler: _Handler) -> BreaksOff | None:
    """Parse a piece, or the end; say where the text is no XML, or none that is read."""
    try:
        parser.feed(piece) if piece else parser.close()
    except SAXParseException as error:
        line, column = error.getLineNumber() or 1, (error.getColumnNumber() or 0) + 1
        message = f"not XML at line {line}, column {column}: {error.getMessage()}"
        return BreaksOff(message, "fetch the file again", line=line)
    except _TooDeep:
        return BreaksOff(f"nested deeper than {DEEPEST} elements", "", line=handler.line())
    except DefusedXmlException as error:
        return BreaksOff(f"refused XML: {type(error).__name__}", "remove the document type", line=1)
    return None


class _TooDeep(Exception):
    """Elements within elements beyond any definition in use."""


@dataclass(slots=True)
class _Item:
    line: int
    condition: str
    negated: bool
    search: str = ""
    content: str = ""


@dataclass(slots=True)
class _Group:
    line: int
    operator: str
    parts: list[Node] = field(default_factory=list)


class _Handler(ContentHandler):
    """Builds one condition for each definition; groups at the top that are OR are taken part by part."""

    def __init__(self) -> None:
        super().__init__()
        self._place: Locator | None = None
        self.into = Collector()
        self._groups: list[_Group] = []
        self._item: _Item | None = None
        self._text: list[str] = []
        self._kept = 0
        self._depth = 0

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802  the name is SAX's
        super().setDocumentLocator(locator)
        self._place = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  the name is SAX's
        self._depth += 1
        if self._depth > DEEPEST:
            raise _TooDeep
        line = self.line()
        match name.rpartition(":")[2]:
            case "Indicator":
                self._groups.append(_Group(line, attrs.get("operator", "OR").upper()))
            case "IndicatorItem":
                condition = attrs.get("condition", "is").lower()
                negated = attrs.get("negate", "false").lower() == "true" or condition.endswith("not")
                self._item = _Item(line, condition.removesuffix("not"), negated)
            case "Context" if self._item is not None:
                self._item.search = attrs.get("search", "")
        self._text, self._kept = [], 0

    def characters(self, content: str) -> None:
        if self._kept <= LONGEST_TEXT:
            self._text.append(content)
            self._kept += len(content)

    def endElement(self, name: str) -> None:  # noqa: N802  the name is SAX's
        self._depth -= 1
        text = "".join(self._text).strip()
        self._text, self._kept = [], 0
        match name.rpartition(":")[2]:
            case "Content" if self._item is not None:
                self._item.content = text
            case "IndicatorItem" if self._item is not None:
                self._close_item(self._item)
                self._item = None
            case "Indicator" if self._groups:
                self._close_group()
            case fact if fact in _FACTS and not self._groups:
                self.into.state(_FACTS[fact], text, f"line {self.line()}")
            case "link" if text:
                self.into.state(Subject.REFERENCE, text, f"line {self.line()}")

    def finish(self) -> None:
        """Keep what was read before the break; a group that is not closed is lost but for its alternatives."""
        while self._groups:
            group = self._groups[-1]
            if group.operator == "AND" and group.parts:
                group.parts = [Unknown("the file breaks off within this AND")]
            self._close_group()

    def line(self) -> int:
        """Give the line reached."""
        return int(self._place.getLineNumber() or 1) if self._place is not None else 1

    def _close_item(self, item: _Item) -> None:
        node = _node(item)
        if self._groups and not self._alternatives():
            self._groups[-1].parts.append(node)
        else:
            self._tell(node, item.line)

    def _close_group(self) -> None:
        group = self._groups.pop()
        if not group.parts:
            return
        node: Node = (All if group.operator == "AND" else Either)(tuple(group.parts))
        if self._groups and not self._alternatives():
            self._groups[-1].parts.append(node)
        else:
            self._tell(node, group.line)

    def _alternatives(self) -> bool:
        """Tell whether all open groups are OR, so that what closes now stands alone."""
        return all(group.operator != "AND" for group in self._groups)

    def _tell(self, node: Node, line: int) -> None:
        place = f"line {line}"
        outcome = resolve(node)
        note = "part of a condition with AND" if size(node) > 1 else ""
        for each in outcome.found:
            fields: dict[str, Any] = {"note": note} if note else {}
            self.into.keep(Item(place=place, type=each.kind, value=each.value, weight=each.weight, fields=fields))
        if size(node) > 1:
            values = ", ".join(each.value for each in outcome.found)
            self.into.remark(place, f"a composite condition, looked for by its parts: {shorten(values, 160)}")
        why = shorten("; ".join(outcome.unknown))
        if not outcome.complete:
            self.into.lose(place, f"cannot be looked for in full: {why}")
        elif why:
            self.into.remark(place, why)


def _node(item: _Item) -> Node:
    shown = f"{item.search} {item.condition} {shorten(item.content, 80)!r}"
    kind = _kind(item.search)
    if kind is None:
        return Unknown(f"{shown}: no indicator type of this program")
    if item.negated:
        return Unknown(f"{shown}: negated")
    if item.condition in ("is", "equals"):
        return Test(*as_meant(kind, item.content))
    if item.condition in _WIDE and kind in (T.PATH, T.FILE_NAME, T.URL_PATTERN):
        wide = _WIDE[item.condition].format(item.content)
        return Test(T.PATH if kind is T.FILE_NAME and "\\" in wide else kind, wide)
    if item.condition == "contains" and kind in (T.DOMAIN, T.URL, T.USER_AGENT, T.REGISTRY):
        # Authors write `contains` for names out of habit; the value itself is what they mean.
        return Test(*as_meant(kind, item.content))
    return Unknown(f"{shown}: this condition is not looked for")


def _kind(search: str) -> T | None:
    lowered = search.lower()
    parts = lowered.split("/")
    for count in (3, 2, 1):
        if "/".join(parts[-count:]) in _SEARCHES:
            return _SEARCHES["/".join(parts[-count:])]
    return None
