r"""Scheduled tasks of Windows (`Windows\System32\Tasks`, Task Scheduler 2.0 XML): what starts by itself, when, as whom.

Schema: MS-TSCH, section 2.5. A task proves that this program is set to start, since the file's last change at the
latest; not that it ran. It covers nothing: it is one task of many, and there are other ways to start.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

LARGEST = 8 * 1024 * 1024
_SCHEMA = b"schemas.microsoft.com/windows/2004/02/mit/task"
_DECLARED = re.compile(r"\s*<\?xml[^>]*\?>")
_PATHS = frozenset({"Command", "WorkingDirectory", "URI"})
_SHOWN = (
    *("URI", "Author", "Date", "Description", "UserId", "GroupId", "RunLevel", "Command", "Arguments"),
    *("WorkingDirectory", "ClassId", "Data", "Enabled", "Hidden"),
)


class TaskXml:
    """Reader of one task."""

    name = "task_xml"
    telemetry: tuple[Telemetry, ...] = (Telemetry.PERSISTENCE,)
    tells = Tells(
        proves="that a task starts this program by itself, since the file's last change at the latest",
        rules_out="nothing: tasks can be removed, and much else starts by itself",
        not_told="whether it ever ran; the registry and the task scheduler's log may know",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the schema's name, in one or two bytes a letter."""
        if not head[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
            return 0
        plain = head[:8192].replace(b"\0", b"")
        return 94 if _SCHEMA in plain and b"<Task" in plain else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the task; ReadError where it is not well-formed."""
        with source.open() as stream:
            text = _text(read_whole(stream, LARGEST))
        try:
            root = fromstring(_undeclared(text))
        except (ParseError, DefusedXmlException, ValueError) as error:
            raise ReadError(Reason.CORRUPT, f"not a well-formed task: {error}") from error
        ledger.platform = ledger.platform or Platform.WINDOWS
        ledger.count(Telemetry.PERSISTENCE, 1, source.host)
        yield _record(root, source)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a task that starts the planted path."""
        return (
            '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"><Actions><Exec>'
            f"<Command>{plant.path}</Command><Arguments>{plant.host}</Arguments></Exec></Actions></Task>"
        ).encode()


def _text(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-8-sig", "replace")


def _undeclared(text: str) -> str:
    """Take the declaration away: the encoding that it names is the file's, and by now it is a string."""
    declared = _DECLARED.match(text)
    return text[declared.end() :] if declared else text


def _record(root: Element, source: Opened) -> Record:
    event, values = {"path": source.path}, [Value(Kind.PATH, "path", source.path)]
    for element in root.iter():
        name, text = element.tag.rpartition("}")[2], (element.text or "").strip()
        if name.endswith("Trigger"):
            event["triggers"] = f"{event['triggers']}, {name}" if "triggers" in event else name
        texts = [text, *(value for value in element.attrib.values())]
        values += [Value(Kind.TEXT, name, each) for each in texts if each]
        if text and name in _PATHS:
            values.append(Value(Kind.PATH, name, text.strip('"')))
        if text and name in _SHOWN:
            event[name] = f"{event[name]}\n{text}" if name in event else text
    command = f"{event.get('Command', '')} {event.get('Arguments', '')}".strip()
    values += [Value(Kind.TEXT, "command", command)] if "Arguments" in event else []
    return Record(
        telemetry=Telemetry.PERSISTENCE,
        locator=event.get("URI", "task"),
        time=source.modified,
        values=tuple(values),
        event=event,
        host=source.host,
        product="windows",
    )
