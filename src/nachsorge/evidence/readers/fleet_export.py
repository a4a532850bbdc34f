"""Fleet: hosts with or without their software, a host's software, and software titles, as the API and fleetctl give it.

Source of the format: Fleet's REST API, "List hosts", "Get host", "List software"; `fleetctl get hosts --json`. A host's
own list covers installed software at the time at which Fleet last asked for it; a list that goes on on a further page,
and a host without its list, cover nothing. Titles of a whole fleet name no host: they prove that some host has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.export_rows import csv_rows, itself
from nachsorge.evidence.fields import event_of, is_address
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.evidence.software_lists import WHOLE, Program, records
from nachsorge.evidence.stamps import written
from nachsorge.evidence.table_columns import platform_of
from nachsorge.model.evidence import Identity, Lease, Record
from nachsorge.model.times import Span
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.model.times import Instant

LARGEST = 512 * 1024 * 1024
_HOST = re.compile(rb'"(?:osquery_version|detail_updated_at|hardware_serial|software_updated_at|team_id)"\s*:')
_LIST = re.compile(rb'"(?:hosts|host|software|software_titles)"\s*:\s*[\[{]|"kind"\s*:\s*"(?:host|software)"')
_TITLE = re.compile(rb'"(?:hosts_count|counts_updated_at|generated_cpe|installed_versions|extension_for)"\s*:')
_CSV = (b"osquery_version", b"hardware_serial", b"hostname")
_PROGRAM = ("source", "vendor", "bundle_identifier", "browser", "installed_paths", "last_opened_at", "hosts_count")
_WAITING = "a page of a longer list: further pages were not given"


class FleetExport:
    """Reader of all of them."""

    name = "fleet_export"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.INSTALLED_SOFTWARE, Telemetry.TEXT)
    tells = Tells(
        proves="that a host had a program at a version when Fleet last asked it; of titles, that some host has it; "
        "which address a host said then that it had, but not where",
        rules_out="a program on a host at that time, where the host's whole list is there",
        not_told="what was installed before, programs of Windows users who were not logged on, further pages",
        covers=(Telemetry.INSTALLED_SOFTWARE,),
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise keys that Fleet's answers have, or the header of its list of hosts."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if start.startswith((b"{", b"[")):
            fits = _LIST.search(head) and (_HOST.search(head) or _TITLE.search(head))
            return 80 if fits and b'"$schema"' not in head[:200] else 0
        first = start.partition(b"\n")[0]
        return 85 if all(column in first for column in _CSV) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield a record a program of a host, and one a host."""
        with source.open() as stream:
            data = read_whole(stream, LARGEST).removeprefix(b"\xef\xbb\xbf")
        run = _Run(source, sieve, ledger)
        if data.lstrip().startswith((b"{", b"[")):
            for place, tree in _documents(data, ledger):
                yield from run.document(tree, place)
        else:
            for place, row in csv_rows(data, ledger):
                yield from run.host({column: text for column, text in row.items() if text}, place)
        run.close()
        if not ledger.records and not ledger.gaps:
            ledger.gap(Reason.EMPTY, "no host and no program was found in it")

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Write one host with a program that is called as the planted host."""
        if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"[")):
            return f"hostname,osquery_version,hardware_serial,public_ip\ncontrol,5,x,{plant.host}\n".encode()
        software = [{"name": plant.host, "version": "1", "source": "programs"}]
        host = {"hostname": "control", "software_updated_at": "2023-03-29T10:00:00Z", "software": software}
        return orjson.dumps({"hosts": [host]})


def _documents(data: bytes, ledger: Ledger) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give the objects of one document, or of one a line (fleetctl)."""
    try:
        tree = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        lines = [line for line in data.split(b"\n") if line.strip()]
        if len(lines) < 2 or not all(line.lstrip().startswith(b"{") for line in lines):
            raise ReadError(Reason.CORRUPT, f"no JSON after all: {error}") from error
        for number, line in enumerate(lines, 1):
            yield from _line(line, number, ledger)
        return
    for number, node in enumerate(tree if isinstance(tree, list) else [tree], 1):
        if isinstance(node, dict):
            yield f"record {number}" if isinstance(tree, list) else "", node


def _line(line: bytes, number: int, ledger: Ledger) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        node = orjson.loads(line)
    except orjson.JSONDecodeError:
        node = None
    if isinstance(node, dict):
        yield f"line {number}", node
    else:
        ledger.count(Telemetry.TEXT, 1)
        ledger.spoil(f"line {number}")
        ledger.gap(Reason.CORRUPT, f"line {number} is no JSON: a host's list may be lost")


@dataclass(slots=True)
class _Run:
    source: Opened
    sieve: Sieve
    ledger: Ledger
    bare: int = 0

    def document(self, tree: Mapping[str, Any], place: str) -> Iterator[Record]:
        """Read an answer of the API, a host by itself, or what fleetctl wraps in `spec`."""
        if _more(tree):
            self.ledger.gap(Reason.NOT_PROVIDED, _WAITING)
        spec = tree.get("spec")
        match tree:
            case {"kind": "software"} if isinstance(spec, list):
                yield from self.titles(spec, f"{place}/spec")
            case {"spec": dict()}:
                yield from self.host(tree["spec"], f"{place}/spec")
            case {"hosts": list(hosts)}:
                for number, host in enumerate(hosts):
                    yield from self.host(host, f"{place}/hosts/{number}")
            case {"host": dict(host)}:
                yield from self.host(host, f"{place}/host")
            case {"hostname": str()}:
                yield from self.host(tree, place)
            case {"software_titles": list(titles)} | {"software": list(titles)}:
                yield from self.titles(titles, place or "/software")
            case _:
                self._lost(Telemetry.TEXT, place or "document", self.source.host)

    def _lost(self, telemetry: Telemetry, place: str, host: str | None) -> None:
        self.ledger.count(telemetry, 1, host)
        self.ledger.spoil(place)
        self.ledger.gap(Reason.CORRUPT, f"{place} is nothing that Fleet writes there", telemetry=telemetry, host=host)

    def host(self, node: Any, place: str) -> Iterator[Record]:
        """Read one host: who it is, itself as a record, and its programs."""
        name = _text(node, "hostname") or _text(node, "computer_name") or _text(node, "display_name")
        if not name:
            self._lost(Telemetry.TEXT, place, self.source.host)
            return
        platform = platform_of(f"{_text(node, 'platform')} {_text(node, 'os_version')}")
        time = _time(node, "software_updated_at") or _time(node, "detail_updated_at")
        self._identify(node, name, platform)
        rest = {key: value for key, value in node.items() if key != "software"}
        yield from self._itself(event_of(rest), place, time, name)
        software = node.get("software")
        if not isinstance(software, list):
            self.bare += 1
            return
        lost = self.ledger.unreadable
        for number, one in enumerate(software):
            yield from self._program(one, f"{place}/software/{number}", time, name, platform)
        if time is not None and software and lost == self.ledger.unreadable and not _more(node):
            self.ledger.saw(Telemetry.INSTALLED_SOFTWARE, time, time, name)
        else:
            self._uncovered(name, "the host's list of programs has no time, is empty or not whole")

    def titles(self, listed: list[Any], place: str) -> Iterator[Record]:
        """Read software that no host is named for."""
        for number, one in enumerate(listed):
            yield from self._program(one, f"{place}/{number}", None, self.source.host, None)
        self._uncovered(self.source.host, "software without a host or a time: it says of no host that it has none")

    def _uncovered(self, host: str | None, note: str) -> None:
        self.ledger.gap(Reason.NOT_PROVIDED, note, telemetry=Telemetry.INSTALLED_SOFTWARE, host=host)

    def _itself(self, event: dict[str, str], place: str, time: Instant | None, host: str) -> Iterator[Record]:
        self.ledger.count(Telemetry.TEXT, 1, host)
        yield from itself(event, place, time, host, self.sieve)

    def _program(
        self, node: Any, place: str, time: Instant | None, host: str | None, platform: Platform | None
    ) -> Iterator[Record]:
        if not isinstance(node, dict) or not _text(node, "name"):
            self._lost(Telemetry.INSTALLED_SOFTWARE, place, host)
            return
        table = _text(node, "source")
        name = _text(node, "name").removesuffix(".app") if table == "apps" else _text(node, "name")
        rest = {key: node[key] for key in _PROGRAM if node.get(key)}
        for at, version in enumerate(_versions(node)):
            yield from records(
                Program(
                    name=name,
                    version=version,
                    locator=place if at == 0 else f"{place}, {version}",
                    publisher=_text(node, "vendor"),
                    table=table,
                    platform=WHOLE.get(table) or platform,
                    time=time,
                    host=host,
                    event=event_of(rest),
                ),
                self.sieve,
                self.ledger,
            )

    def _identify(self, node: Mapping[str, Any], name: str, platform: Platform | None) -> None:
        marks = {"serial": "hardware_serial", "uuid": "uuid", "card": "primary_mac"}
        told = tuple(sorted(f"{kind}:{text}" for kind, key in marks.items() if (text := _text(node, key))))
        names = dict.fromkeys((name, *(text for key in ("computer_name",) if (text := _text(node, key)))))
        self.ledger.identify(Identity(names=tuple(names), marks=told, platform=platform))
        address, time = _text(node, "primary_ip"), _time(node, "detail_updated_at")
        if is_address(address) and time is not None:
            self.ledger.lease(Lease(address=address, host=name, span=Span(time, time), mac=_text(node, "primary_mac")))

    def close(self) -> None:
        """Say of how many hosts the list of programs is not there."""
        if self.bare:
            note = f"{self.bare} hosts stand there without their software"
            self.ledger.gap(Reason.NOT_PROVIDED, note, telemetry=Telemetry.INSTALLED_SOFTWARE)


def _versions(node: Mapping[str, Any]) -> list[str]:
    """Give the versions of a program: its own, else those that a title lists."""
    if text := _text(node, "version"):
        return [text]
    listed = node.get("installed_versions") or node.get("versions") or []
    return [v for one in listed if isinstance(one, dict) and (v := _text(one, "version"))] or [""]


def _more(node: Mapping[str, Any]) -> bool:
    meta = node.get("meta")
    return isinstance(meta, dict) and bool(meta.get("has_next_results"))


def _text(node: Any, key: str) -> str:
    value = node.get(key) if isinstance(node, dict) else None
    return value.strip() if isinstance(value, str) else ""


def _time(node: Mapping[str, Any], key: str) -> Instant | None:
    return written(_text(node, key))
