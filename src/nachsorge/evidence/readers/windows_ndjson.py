"""Windows events as newline-delimited JSON: Winlogbeat, evtx_dump, NXLog (see `windows/ndjson_event.py`).

A forwarder chooses what it sends, so record numbers that jump prove nothing here; numbers that run on still do.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.evidence.continuity import Continuity
from nachsorge.evidence.lines import read_lines
from nachsorge.evidence.ndjson import JsonLines
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.windows.event import record_of
from nachsorge.evidence.windows.json_event import control_tree
from nachsorge.evidence.windows.ndjson_event import head_of_line, head_of_object, pairs_of_object
from nachsorge.evidence.windows.own_address import own_address, states_address
from nachsorge.evidence.windows.sources import COVERED, TELEMETRY
from nachsorge.model.words import Platform, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.evidence.windows.event import Head
    from nachsorge.model.evidence import Record
    from nachsorge.model.times import Instant

_TRIED = 5


class WindowsNdjson:
    """Reader of Windows events, one JSON object a line."""

    name = "windows_ndjson"
    text = True
    telemetry = TELEMETRY
    tells = Tells(
        proves="what Windows or a program recorded on the machine that the event names, and when, as channel and "
        "number say",
        rules_out="an event of a kind that the forwarder sends, in stretches with such events, or over which their "
        "record numbers run on",
        not_told="which events the forwarder was told to send, and which it lost: numbers that jump say nothing here",
        covers=COVERED,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a whole event in one of the first lines, in any of the three spellings."""
        lines = head.lstrip(b"\xef\xbb\xbf").split(b"\n")[:_TRIED]
        heads = [found for line in lines if line.startswith(b"{") and (found := head_of_line(line))]
        if any(found.channel for found in heads):
            return 95
        return 60 if heads else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted lines in the file's order."""
        ledger.platform = Platform.WINDOWS
        continuity = Continuity(ledger, jumps=False)
        yield from read_lines(source, WindowsLines(continuity, source.host), sieve, ledger)
        continuity.settle()

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one Sysmon DNS query for the planted name, in the spelling of this file."""
        first = head.lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0]
        nested = control_tree(plant)
        system, data = nested["Event"]["System"], nested["Event"]["EventData"]
        time = system["TimeCreated"]["#attributes"]["SystemTime"]
        provider = system["Provider"]["#attributes"]["Name"]
        if b'"winlog"' in first:
            winlog = {"channel": system["Channel"], "provider_name": provider, "event_id": 22, "event_data": data}
            return orjson.dumps({"@timestamp": time, "winlog": {**winlog, "computer_name": system["Computer"]}}) + b"\n"
        if b'"Event"' in first and b'"System"' in first:
            return orjson.dumps(nested) + b"\n"
        flat = {"Channel": system["Channel"], "EventID": 22, "SourceName": provider, "Hostname": system["Computer"]}
        return orjson.dumps({**flat, "@timestamp": time, **data}) + b"\n"


class WindowsLines(JsonLines):
    """The dialect: what a line is, is said by its head, which is decoded for every line."""

    sensor = False
    telemetry = Telemetry.WINDOWS_EVENT

    def __init__(self, continuity: Continuity, host: str | None) -> None:
        """Keep the proof by record numbers for the whole file."""
        self.continuity = continuity
        self.host = host

    def time(self, line: bytes) -> Instant | None:
        """Read the event's time."""
        head = head_of_line(line)
        return head.time if head else None

    def classes(self, segment: bytes, lines: int) -> Iterable[tuple[Telemetry, str | None, int]]:
        """Count by telemetry and host, and note the record numbers in passing: every line comes by here once."""
        counts: Counter[tuple[Telemetry, str | None]] = Counter()
        for line in segment.split(b"\n"):
            if not line.strip():
                continue
            head = head_of_line(line)
            if head is None:
                counts[self.telemetry, self.host] += 1
                continue
            of = head.source
            # Single pieces of a telemetry (a transfer by BITS) must not count as a log of all of it.
            counts[of.covers, head.computer or self.host] += 1
            self.continuity.ledger.log(of.telemetry, "windows", of.service, head.event_id)
            self._state(head, line)
            if head.time is not None and (head.number is not None or head.clears):
                self.continuity.note(head, self.host)
        return [(telemetry, host, records) for (telemetry, host), records in counts.items()]

    def _state(self, head: Head, line: bytes) -> None:
        """Note what an event says of its own machine's address."""
        host = head.computer or self.host
        if not host or head.time is None or not states_address(head.provider, head.event_id):
            return
        if address := own_address(head, line):
            self.continuity.ledger.states(host, address, head.time)

    def record(self, tree: dict[str, Any], time: Instant | None, locator: str) -> Record | None:
        """Make the record; None where the object is no Windows event."""
        head = head_of_object(tree)
        return record_of(head, *pairs_of_object(tree), locator, self.host) if head else None
