"""JSON of unknown schema: one object a line, or one document; osquery's results and Splunk's exports as they come.

Fields are flattened and typed by name and shape. Time and host are found under the names of the Elastic Common Schema,
osquery and Splunk; a record without either keeps its place.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.evidence.fields import flatten
from nachsorge.evidence.lines import read_lines
from nachsorge.evidence.ndjson import JsonLines, decode_object, joined, typed_pairs
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.evidence.stamps import written
from nachsorge.evidence.table_columns import platform_of
from nachsorge.evidence.text import text_record
from nachsorge.model.evidence import Record, Software
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.times import Instant

LARGEST_DOCUMENT = 256 * 1024 * 1024
"""One JSON document is decoded whole; a larger one is a gap."""

_TIMES = (
    "@timestamp",
    "_time",
    "unixTime",
    "calendarTime",
    "timestamp",
    "time",
    "eventTime",
    "event_time",
    "datetime",
    "ts",
    "created",
    "date",
)
_HOSTS = (
    "host.name",
    "host.hostname",
    "hostIdentifier",
    "hostname",
    "computer_name",
    "ComputerName",
    "Computer",
    "DeviceName",
    "device_name",
    "agent.hostname",
    "host",
    "computer",
)
_NAMED = b"|".join(re.escape(name.encode()) for name in _TIMES)
_TIME = re.compile(rb'"(' + _NAMED + rb')"\s*:\s*(?:"([^"\\]{4,64})"|([0-9.]{9,24}))')
_SOFTWARE = re.compile(
    r"(?:^|[_-])(?:programs|apps|deb_packages|rpm_packages|homebrew_packages|chocolatey_packages|software)$"
)
_SOURCES = {
    "programs": "windows",
    "chocolatey_packages": "windows",
    "apps": "macos",
    "deb_packages": "linux",
    "homebrew_packages": "macos",
    "rpm_packages": "linux",
}


class Ndjson:
    """Reader of JSON that no other reader knows."""

    name = "ndjson"
    text = True
    telemetry = (Telemetry.INSTALLED_SOFTWARE, Telemetry.TEXT)
    tells = Tells(
        proves="what an object says; of an osquery result, that a program was installed",
        rules_out="nothing: of unknown objects nobody knows whether they are all",
        not_told="what the objects mean, and whose and of what time they are where no known name says it",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise lines that are objects, or a document that begins as an array or object."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if re.match(rb'\{\s*(?:"|\})', start):
            return 30
        return 25 if re.match(rb"\[\s*(?:\{|\])", start) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted lines; a document's objects are all decoded, and then asked for one by one."""
        with source.open() as stream:
            first = stream.readline(1 << 20)
        if decode_object(first) is not None or not _is_document(source):
            form = AnyObject()
            for record in read_lines(source, form, sieve, ledger):
                yield record
                yield from form.further()
        else:
            yield from _document(source, sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Write an object with the planted values under this file's own name for time."""
        found = _TIME.search(head)
        time = orjson.dumps({(found[1].decode() if found else "@timestamp"): "2023-03-29T10:11:12Z"})[1:-1]
        body = orjson.dumps({"query": plant.host, "sha256": plant.sha256, "path": plant.path})
        return b"{" + time + b"," + body[1:] + b"\n"


class AnyObject(JsonLines):
    """Objects of any shape; the kind and host of each are read from the object itself."""

    sensor = False

    def __init__(self) -> None:
        """Begin without further programs."""
        self._further: list[Record] = []

    def time(self, line: bytes) -> Instant | None:
        """Take the first usable of the common names, in the order of `_TIMES`."""
        found: dict[str, str] = {}
        for match in _TIME.finditer(line):
            found.setdefault(match[1].decode(), (match[2] or match[3]).decode("latin-1"))
        return next((time for name in _TIMES if name in found and (time := written(found[name])) is not None), None)

    def classes(self, segment: bytes, lines: int) -> Iterable[tuple[Telemetry, str | None, int]]:
        """Count by host, for which each object has to be decoded.

        Programs count as text as well: nobody knows whether they are all that a machine has, so they cover nothing.
        """
        counts = Counter(_host(decode_object(line)) for line in segment.split(b"\n") if line.strip())
        for host, records in sorted(counts.items(), key=lambda item: item[0] or ""):
            yield Telemetry.TEXT, host, records

    def record(self, tree: dict[str, Any], time: Instant | None, locator: str) -> Record:
        """Flatten and type the object."""
        pairs = list(flatten(tree))
        event = joined(pairs)
        programs = _programs(tree)
        record = Record(
            telemetry=Telemetry.INSTALLED_SOFTWARE if programs else Telemetry.TEXT,
            locator=locator,
            time=time,
            values=typed_pairs(pairs, {"hostIdentifier": Kind.HOST}),
            event=event,
            host=_host(tree),
            software=programs[0] if programs else None,
        )
        # The values of a snapshot are searched once; the other programs in it are records of their own.
        self._further = [replace(record, software=program, values=(), event={}) for program in programs[1:]]
        return record

    def further(self) -> list[Record]:
        """Give the second and later programs of the snapshot that was decoded last, once."""
        found, self._further = self._further, []
        return found


def _host(tree: dict[str, Any] | None) -> str | None:
    return next((host for name in _HOSTS if (host := _at(tree, name))), None) if tree is not None else None


def _at(tree: Mapping[str, Any], name: str) -> str:
    """Give the text at a dotted name, in either spelling; Splunk puts the record under `result`."""
    for base in (tree, tree.get("result")):
        node: Any = base
        if isinstance(base, dict) and isinstance(base.get(name), str):
            return str(base[name])
        for part in name.split("."):
            node = node.get(part) if isinstance(node, dict) else None
        if isinstance(node, str):
            return node
    return ""


def _programs(tree: Mapping[str, Any]) -> list[Software]:
    """Give the programs of an osquery result: one in a difference, all in a snapshot."""
    table = _SOFTWARE.search(str(tree.get("name", "")))
    # A removed row says that the program is no longer there.
    if table is None or tree.get("action") == "removed":
        return []
    snapshot = tree.get("snapshot")
    nodes = snapshot if isinstance(snapshot, list) else [tree.get("columns")]
    platform = platform_of(_SOURCES.get(table[0].lstrip("_-"), ""))
    return [program for node in nodes if isinstance(node, dict) and (program := _software(node, platform))]


def _software(columns: Mapping[str, Any], platform: Platform | None) -> Software | None:
    name = columns.get("name") or columns.get("bundle_name")
    version = columns.get("version") or columns.get("bundle_short_version")
    if not isinstance(name, str) or not isinstance(version, str):
        return None
    publisher = str(columns.get("publisher") or columns.get("maintainer") or "")
    return Software(name=name, version=version, platform=platform, publisher=publisher)


def _is_document(source: Opened) -> bool:
    with source.open() as stream:
        head = stream.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    # An object whose first line is no object by itself is pretty-printed.
    return head.startswith(b"[") or (head.startswith(b"{") and not head.split(b"\n")[0].rstrip().endswith(b"}"))


def _document(source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
    with source.open() as stream:
        raw = stream.read(LARGEST_DOCUMENT + 1)
    if len(raw) > LARGEST_DOCUMENT:
        raise ReadError(Reason.LIMIT, f"one JSON document of more than {LARGEST_DOCUMENT // 2**20} MiB")
    try:
        tree = orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        yield from _broken(raw, ledger)
        return
    form, timeless = AnyObject(), 0
    for locator, node in _objects(tree):
        line = _written(node)
        if line is None:
            ledger.gap(Reason.LIMIT, f"{locator} is nested too deeply and was not read")
            ledger.count(Telemetry.TEXT, 1)
            ledger.spoil(locator)
            continue
        host = _host(node)
        time = form.time(line)
        ledger.count(Telemetry.TEXT, 1, host)
        timeless += time is None
        if time is not None:
            ledger.saw(Telemetry.TEXT, time, time, host)
        if sieve.everything or sieve.admits(line):
            yield form.parse(line, locator) or text_record(line, locator)
            yield from form.further()
    if timeless:
        ledger.gap(Reason.NO_TIME, f"{timeless} records carry no usable time; they were searched, but cover nothing")


def _written(node: dict[str, Any]) -> bytes | None:
    try:
        return orjson.dumps(node)
    except (TypeError, RecursionError):  # orjson reads deeper than it writes
        return None


def _broken(raw: bytes, ledger: Ledger) -> Iterator[Record]:
    ledger.gap(Reason.CORRUPT, "no JSON document after all; its lines were searched as text")
    ledger.count(Telemetry.TEXT, 1)
    ledger.spoil("record 1")
    for number, line in enumerate(raw.split(b"\n"), 1):
        if line.strip():
            yield text_record(line, f"line {number}")


def _objects(tree: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the records of a document: the items of its array, or itself."""
    items = tree if isinstance(tree, list) else [tree]
    for number, item in enumerate(items, 1):
        yield f"record {number}", item if isinstance(item, dict) else {"value": item}
