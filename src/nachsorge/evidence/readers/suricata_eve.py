"""Suricata's EVE log: one JSON object a line, or one JSON array as exporters and `jq` make of it.

What its events are and tell stands in `eve`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson

from nachsorge.evidence.clients import clients
from nachsorge.evidence.eve import TELEMETRY, TELLING, TYPE, EveEvents, telemetry_of, type_of
from nachsorge.evidence.json_array import Elements
from nachsorge.evidence.presence import scanner
from nachsorge.evidence.seams import HEAD, Opened, Plant, Sieve, Tells
from nachsorge.evidence.telling import Told, read_telling
from nachsorge.evidence.text import text_record
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record

_STAMP = re.compile(rb'"timestamp"\s*:\s*"')
_START = r'\{\s*"timestamp"'


class SuricataEve:
    """Reader of EVE, whatever way its objects are strung together."""

    name = "suricata_eve"
    text = True
    telemetry: tuple[Telemetry, ...] = tuple(sorted({*TELEMETRY.values(), Telemetry.NETWORK_NOTICE}))
    tells = Tells(
        proves="that a sensor saw this query, request, connection, TLS name, mail, file or lease, or raised this "
        "alert, and of which address",
        rules_out="what its type of event would have held of the addresses that appear in it, in stretches really "
        "recorded, where one of them was neither refused nor raised an alert and names the other side; never an alert: "
        "which rules were loaded is not told",
        not_told="types of event that its configuration switches off, what did not pass the sensor or was dropped by "
        "it, DNS over HTTPS, TLS or QUIC, contents of encrypted connections, which program it was",
        covers=tuple(kind for kind in telemetry if kind is not Telemetry.NETWORK_NOTICE),
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise `event_type` and `timestamp` near the beginning of a file that is JSON."""
        start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[: 32 * 1024]
        if not start.startswith((b"{", b"[")) or not TYPE.search(start) or not _STAMP.search(start):
            return 0
        return 90 if b'"flow_id"' in start or b'"src_ip"' in start or b'"pcap_cnt"' in start else 60

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted events; dhcp events report leases as well."""
        form = EveEvents(ledger)
        with source.open() as stream:
            lines = _one_a_line(stream.read(HEAD))
        ledger.never_clears(Telemetry.NETWORK_NOTICE)
        try:
            if lines:
                yield from read_telling(source, form, TELLING, sieve, ledger)
            else:
                yield from _read_elements(source, form, sieve, ledger)
        finally:
            ledger.one_sided(Telemetry.NETWORK_NOTICE, ledger.counted(Telemetry.NETWORK_NOTICE))

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make an event as this file's first one is laid out, with the planted values."""
        event = {
            "timestamp": "2023-03-28T10:40:00.000000+0000",
            "flow_id": 1,
            "event_type": "dns",
            "src_ip": plant.address,
            "src_port": 53000,
            "dest_ip": "192.0.2.53",
            "dest_port": 53,
            "proto": "UDP",
            "dns": {"type": "query", "id": 1, "rrname": plant.host, "rrtype": "A"},
        }
        if _one_a_line(head):
            return orjson.dumps(event) + b"\n"
        return orjson.dumps([event], option=orjson.OPT_INDENT_2)


def _one_a_line(head: bytes) -> bool:
    """Tell NDJSON from an array or from objects spread over lines, by the first line that says something."""
    first = head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")[0].strip()
    return not first.startswith(b"[") and first != b"{"


def _read_elements(source: Opened, form: EveEvents, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
    """Account for every element and yield those that may matter; broken stretches are searched as text."""
    told = Told()
    told.ask(TELLING)
    try:
        yield from _each_element(source, form, sieve, ledger, told)
    finally:
        told.settle(TELLING, ledger)


def _each_element(source: Opened, form: EveEvents, sieve: Sieve, ledger: Ledger, told: Told) -> Iterator[Record]:
    scan = scanner(source.addresses)
    timeless = 0
    with source.open() as stream:
        elements = Elements(stream, _START)
        for number, element in enumerate(elements, 1):
            raw, locator = element.raw, f"element {number}"
            time = None if element.broken else form.time(raw)
            telemetry = Telemetry.TEXT if element.broken else telemetry_of(type_of(raw))
            ledger.count(telemetry, 1)
            form.tell_one(raw, told)
            timeless += time is None
            if time is not None:
                ledger.saw(telemetry, time)
                for address, seen in clients(raw, form, scan):
                    ledger.present(address, seen, time, time)
            if element.broken or not raw.startswith(b"{"):
                ledger.spoil(locator)
                yield text_record(raw, locator)
            elif sieve.everything or sieve.admits(raw) or any(escape in raw for escape in form.escapes):
                yield form.parse(raw, locator) or text_record(raw, locator)
    if not elements.complete:
        ledger.gap(Reason.TRUNCATED, "the JSON array breaks off; what came before was read")
    if timeless:
        ledger.gap(Reason.NO_TIME, f"{timeless} records carry no usable time; they were searched, but cover nothing")
