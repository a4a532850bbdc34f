"""Microsoft Intune: detected apps and devices, as CSV of the admin center or JSON of Microsoft Graph.

Sources: Microsoft Learn, "Intune discovered apps", "Intune reports and properties available using Graph API"
(AppInvRawData, AppInvAggregate), Graph "detectedApp", "managedDevice". Intune collects the list of a device once in
seven days, and of personal devices only what it manages; the export says of no row when. So it proves and never clears.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.export_rows import csv_rows, itself, json_tree
from nachsorge.evidence.fields import event_of
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, Plant, Sieve, Tells
from nachsorge.evidence.software_lists import Program, records
from nachsorge.evidence.stamps import written
from nachsorge.evidence.table_columns import plain, platform_of
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Identity, Record
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LARGEST = 512 * 1024 * 1024
_GRAPH = re.compile(
    rb'"(?:@odata\.context"\s*:\s*"[^"]*\$metadata#deviceManagement/|sizeInByte"|managedDeviceOwnerType")'
)
_APPS = re.compile(rb'"(?:deviceCount|sizeInByte|managedDevices|detectedApps)"\s*:')
_WEEKLY = "Intune collects such a list once in seven days, and says of no row when: it says of no host that it has none"
_NAMES = ("applicationname", "displayname", "appname")
_VERSIONS = ("applicationversion", "version", "applicationshortversion", "appversion")
_PUBLISHERS = ("applicationpublisher", "publisher")
_DEVICES = ("devicename",)
_SERIALS, _CARDS = ("serialnumber",), ("wifimac", "wifimacaddress", "ethernetmac", "ethernetmacaddress")
_TOLD = (*_DEVICES, *_SERIALS)


class IntuneExport:
    """Reader of apps and devices."""

    name = "intune_export"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.INSTALLED_SOFTWARE, Telemetry.TEXT)
    tells = Tells(
        proves="that Intune saw a program at a version on a device, or on some device where none is named",
        rules_out="nothing",
        not_told="when the list of a device was taken, what a personal device has besides managed apps, further pages",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the columns of the two reports, or what Graph alone writes."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if start.startswith((b"{", b"[")):
            return 85 if _GRAPH.search(head) and (_APPS.search(head) or b'"deviceName"' in head) else 0
        columns = {plain(column) for column in lenient(start.partition(b"\n")[0]).strip().split(",")}
        apps = "applicationname" in columns and bool(columns & {"applicationkey", "deviceid", "devicecount"})
        devices = {"deviceid", "devicename"} <= columns and bool(columns & {"lastcheckin", "enrollmentdate"})
        return 85 if apps or devices else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield a record an app of a device, or a device."""
        with source.open() as stream:
            data = read_whole(stream, LARGEST).removeprefix(b"\xef\xbb\xbf")
        run = _Run(source, sieve, ledger)
        if data.lstrip().startswith((b"{", b"[")):
            yield from _of_graph(data, run)
        else:
            for place, row in csv_rows(data, ledger):
                yield from run.row({plain(column): text for column, text in row.items()}, place)
        run.close()

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Write one app that is called as the planted host."""
        if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"[")):
            app = {"displayName": plant.host, "version": "1", "sizeInByte": 0, "deviceCount": 1}
            return orjson.dumps({"value": [app]})
        return f"ApplicationKey,ApplicationName,ApplicationVersion,DeviceName\n1,{plant.host},1,control\n".encode()


def _of_graph(data: bytes, run: _Run) -> Iterator[Record]:
    tree = json_tree(data)
    if isinstance(tree, dict) and tree.get("@odata.nextLink"):
        run.ledger.gap(Reason.NOT_PROVIDED, "a page of a longer list: further pages were not given")
    listed = tree.get("value", [tree]) if isinstance(tree, dict) else tree
    for number, node in enumerate(listed if isinstance(listed, list) else []):
        place = f"/value/{number}"
        if not isinstance(node, dict):
            yield from run.lost(event_of({"value": node}), place, run.source.host)
            continue
        yield from run.row(_cells(node), place)
        for at, device in enumerate(_dicts(node.get("managedDevices"))):
            cells = _cells(node) | {"devicename": str(device.get("deviceName") or "")}
            yield from run.row(cells, f"{place}/managedDevices/{at}")
        for at, app in enumerate(_dicts(node.get("detectedApps"))):
            cells = _cells(app) | {"devicename": str(node.get("deviceName") or "")}
            yield from run.row(cells, f"{place}/detectedApps/{at}")


def _cells(node: Mapping[str, Any]) -> dict[str, str]:
    return {plain(k): str(v) for k, v in node.items() if v is not None and not isinstance(v, dict | list)}


def _dicts(node: object) -> list[dict[str, Any]]:
    return [one for one in node if isinstance(one, dict)] if isinstance(node, list) else []


@dataclass(slots=True)
class _Run:
    source: Opened
    sieve: Sieve
    ledger: Ledger
    apps: int = 0

    def lost(self, cells: Mapping[str, str], place: str, host: str | None) -> Iterator[Record]:
        """Say that a row could not be read, and search it."""
        self.ledger.spoil(place)
        self.ledger.gap(Reason.CORRUPT, f"{place} names neither an app nor a device")
        yield from self._itself(cells, place, host)

    def row(self, cells: Mapping[str, str], place: str) -> Iterator[Record]:
        """Read one row: an app on a device, an app of the fleet, or a device."""
        host = _first(cells, _DEVICES) or self.source.host
        name = _first(cells, _NAMES)
        if not name and not _first(cells, _TOLD):
            yield from self.lost(cells, place, host)
            return
        if host and _first(cells, _TOLD):
            self._identify(cells, host)
        if not name:
            yield from self._itself(cells, place, host)
            return
        self.apps += 1
        yield from records(
            Program(
                name=name,
                version=_first(cells, _VERSIONS),
                locator=place,
                publisher=_first(cells, _PUBLISHERS),
                platform=platform_of(f"{cells.get('platform', '')} {cells.get('osdescription', '')}"),
                time=self.source.modified,
                host=host,
                event={k: v for k, v in cells.items() if k not in ("username", "emailaddress", "userid")},
            ),
            self.sieve,
            self.ledger,
        )

    def _itself(self, cells: Mapping[str, str], place: str, host: str | None) -> Iterator[Record]:
        self.ledger.count(Telemetry.TEXT, 1, host)
        time = written(cells.get("lastsyncdatetime") or cells.get("lastcheckin") or "")
        yield from itself(event_of(dict(cells)), place, time, host, self.sieve)

    def _identify(self, cells: Mapping[str, str], host: str) -> None:
        marks = [f"serial:{text}" for key in _SERIALS if (text := cells.get(key))]
        marks += [f"card:{text}" for key in _CARDS if (text := cells.get(key))]
        platform = platform_of(_first(cells, ("operatingsystem", "os", "platform", "osdescription")))
        self.ledger.identify(Identity(names=(host,), marks=tuple(sorted(marks)), platform=platform))

    def close(self) -> None:
        """Say that no list of Intune's clears anything."""
        if self.apps:
            self.ledger.gap(Reason.NOT_PROVIDED, _WEEKLY, telemetry=Telemetry.INSTALLED_SOFTWARE)


def _first(cells: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((text for key in keys if (text := cells.get(key, "").strip())), "")
