"""Windows events as XML: the bytes of one `<Event>` element, understood alone, so that no declaration reaches it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from nachsorge.evidence.text import lenient
from nachsorge.evidence.windows.event import Head, Pairs, fast_instant

if TYPE_CHECKING:
    from collections.abc import Iterator

_REFERENCE = re.compile(rb"&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9A-Fa-f]{1,6}));")
_NAMED = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}


@dataclass(frozen=True, slots=True)
class XmlEvent:
    """The parts of one event that records are made of."""

    head: Head
    system: Pairs
    data: Pairs


def parse_event(raw: bytes) -> XmlEvent | None:
    """Parse one element; None where it is not well-formed, declares entities, has no System part or numbers of two."""
    try:
        root = fromstring(lenient(raw), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return None
    parts = {_name(part): part for part in root}
    system = parts.pop("System", None)
    # Two numbers are two events of which what stood between them is lost.
    if system is None or sum(_name(child) == "EventRecordID" for child in system) > 1:
        return None
    fields = dict(reversed(list(_system(system))))
    cleared = next((text for name, text in _data(parts.get("UserData")) if name == "Channel"), "")
    head = Head(
        channel=fields.get("Channel", ""),
        provider=fields.get("Provider_Name", "") or fields.get("Provider_EventSourceName", ""),
        event_id=_integer(fields.get("EventID")) or 0,
        computer=fields.get("Computer", ""),
        number=_integer(fields.get("EventRecordID")),
        stamp=fast_instant(fields.get("TimeCreated_SystemTime", "")),
        cleared=cleared,
    )
    data = [pair for part in root if part is not system for pair in _data(part)]
    return XmlEvent(head, list(_system(system)), data)


def unescaped(raw: bytes) -> bytes:
    """Resolve the references that can hide plain text from a search for literals."""
    return _REFERENCE.sub(_resolve, raw) if b"&" in raw else raw


def _resolve(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return _NAMED[found[1]]
    point = int(found[2]) if found[2] else int(found[3], 16)
    return chr(point).encode("utf-8", "replace") if point < 0x110000 else found[0]


def _system(system: Element) -> Iterator[tuple[str, str]]:
    for child in system:
        name = _name(child)
        yield from ((f"{name}_{key}", value) for key, value in child.attrib.items() if value)
        if child.text and child.text.strip():
            yield name, child.text.strip()


def _data(part: Element | None) -> Iterator[tuple[str, str]]:
    if part is None:
        return
    for element in part.iter():
        name = element.get("Name") or _name(element)
        yield from ((_local(key), value) for key, value in element.attrib.items() if key != "Name" and value)
        if element.text and element.text.strip():
            yield name, element.text.strip()
        if element.tail and element.tail.strip() and element is not part:
            yield _name(part), element.tail.strip()


def _name(element: Element) -> str:
    return _local(element.tag)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _integer(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
