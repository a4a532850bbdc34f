"""Jamf Pro: computers with their applications, as JSON of either API, or as the CSV of an advanced search.

Sources: Jamf developer documentation, "computers-inventory" (Jamf Pro API) and "computers" (Classic API); Jamf Pro
documentation, "Advanced computer searches". Jamf looks for applications in the folders that it was told of, so its list
proves and never clears.
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
from nachsorge.evidence.packages import string
from nachsorge.evidence.seams import Opened, Plant, Sieve, Tells
from nachsorge.evidence.software_lists import Program, records
from nachsorge.evidence.stamps import written
from nachsorge.evidence.table_columns import plain
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Identity
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.model.evidence import Record
    from nachsorge.model.times import Instant

LARGEST = 512 * 1024 * 1024
_PLACES = "Jamf lists the applications of the folders that it was told of: it says of no host that it has none"
_SERIALS, _CARDS = ("serialNumber", "serial_number"), ("macAddress", "mac_address", "altMacAddress", "alt_mac_address")
_TIMES = ("reportDate", "report_date_utc", "lastContactTime", "last_contact_time_utc", "report_date")
_COLUMNS = ("lastinventoryupdate", "lastinventoryupdatedate", "lastcheckin")


class JamfExport:
    """Reader of computers and of tables of their applications."""

    name = "jamf_export"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.INSTALLED_SOFTWARE, Telemetry.TEXT)
    tells = Tells(
        proves="that a Mac had an application at a version when Jamf last took its inventory",
        rules_out="nothing",
        not_told="applications in folders that Jamf was not told of, what was there before the last inventory, further "
        "pages, computers as XML (searched as text)",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a computer with `general` and `applications`, or the column `Application Title`."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if start.startswith((b"{", b"[")):
            general = re.search(rb'"general"\s*:\s*\{', head) is not None
            known = any(word in head for word in (b'"udid"', b'"totalCount"', b'"computer"'))
            return 85 if general and known else 0
        columns = {plain(cell) for cell in lenient(start.partition(b"\n")[0]).split(",")}
        return 85 if {"applicationtitle", "applicationversion"} <= columns else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield a record an application of a computer, and one a computer."""
        with source.open() as stream:
            data = read_whole(stream, LARGEST).removeprefix(b"\xef\xbb\xbf")
        run = _Run(source, sieve, ledger)
        if data.lstrip().startswith((b"{", b"[")):
            yield from _computers(data, run)
        else:
            for place, cells in csv_rows(data, ledger):
                yield from run.row({plain(column): text for column, text in cells.items()}, place)
        run.close()

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Write one computer with an application that is called as the planted host."""
        if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"[")):
            one = {"udid": "0", "general": {"name": "control"}, "applications": [{"name": plant.host, "version": "1"}]}
            return orjson.dumps({"totalCount": 1, "results": [one]})
        return f"Computer Name,Application Title,Application Version\ncontrol,{plant.host},1\n".encode()


def _computers(data: bytes, run: _Run) -> Iterator[Record]:
    tree = json_tree(data)
    listed = tree.get("results", [tree]) if isinstance(tree, dict) else tree
    listed = listed if isinstance(listed, list) else [listed]
    total = tree.get("totalCount") if isinstance(tree, dict) else None
    if isinstance(total, int) and total > len(listed):
        run.ledger.gap(Reason.NOT_PROVIDED, "a page of a longer list: further pages were not given")
    for number, node in enumerate(listed):
        one = node.get("computer", node) if isinstance(node, dict) else None
        place = f"/results/{number}"
        if isinstance(one, dict) and isinstance(one.get("general"), dict):
            yield from run.computer(one, place)
        else:
            yield from run.lost(node, place)


@dataclass(slots=True)
class _Run:
    source: Opened
    sieve: Sieve
    ledger: Ledger
    apps: int = 0

    def lost(self, node: object, place: str) -> Iterator[Record]:
        """Count what is no computer, and search it."""
        self.ledger.spoil(place)
        self.ledger.gap(Reason.CORRUPT, f"{place} is no computer of Jamf's")
        yield from self._itself(event_of({"value": node}), place, None, None)

    def computer(self, node: Mapping[str, Any], place: str) -> Iterator[Record]:
        """Read one computer: who it is, and its applications."""
        general, hardware = _table(node, "general"), _table(node, "hardware")
        told = {**hardware, **general}
        host = string(general.get("name")) or self.source.host
        time = next((at for key in _TIMES if (at := written(string(general.get(key)))) is not None), None)
        if host:
            self._identify(host, told)
        held = [("applications", node.get("applications"))]
        held.append(("software/applications", _table(node, "software").get("applications")))
        for key, apps in held:
            for at, app in enumerate(apps if isinstance(apps, list) else []):
                cells = app if isinstance(app, dict) else {}
                yield from self._app({k: str(v) for k, v in cells.items()}, f"{place}/{key}/{at}", time, host)
        rest = {key: value for key, value in node.items() if key != "applications"}
        yield from self._itself(event_of(rest), place, time, host)

    def row(self, cells: Mapping[str, str], place: str) -> Iterator[Record]:
        """Read one row of a search: an application of a computer."""
        host = cells.get("computername", "").strip() or self.source.host
        time = next((at for key in _COLUMNS if (at := written(cells.get(key, ""))) is not None), self.source.modified)
        if host and cells.get("serialnumber"):
            self._identify(host, {"serialNumber": cells["serialnumber"]})
        app = {"name": cells.get("applicationtitle", ""), "version": cells.get("applicationversion", "")}
        yield from self._app({**cells, **app}, place, time, host)

    def _app(self, cells: Mapping[str, str], place: str, time: Instant | None, host: str | None) -> Iterator[Record]:
        self.apps += 1
        program = Program(
            name=cells.get("name", "").removesuffix(".app"),
            version=cells.get("version", ""),
            locator=place,
            platform=Platform.MACOS,
            time=time,
            host=host,
            event={key: text for key, text in cells.items() if key not in ("name", "version")},
        )
        yield from records(program, self.sieve, self.ledger)

    def _identify(self, host: str, told: Mapping[str, Any]) -> None:
        marks = [f"serial:{text}" for key in _SERIALS if (text := string(told.get(key)))]
        marks += [f"uuid:{text}" for key in ("udid",) if (text := string(told.get(key)))]
        marks += [f"card:{text}" for key in _CARDS if (text := string(told.get(key)))]
        self.ledger.identify(Identity(names=(host,), marks=tuple(sorted(marks)), platform=Platform.MACOS))

    def _itself(self, event: dict[str, str], place: str, time: Instant | None, host: str | None) -> Iterator[Record]:
        self.ledger.count(Telemetry.TEXT, 1, host)
        yield from itself(event, place, time, host, self.sieve)

    def close(self) -> None:
        """Say that no list of Jamf's clears anything."""
        if self.apps:
            self.ledger.gap(Reason.NOT_PROVIDED, _PLACES, telemetry=Telemetry.INSTALLED_SOFTWARE)


def _table(node: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = node.get(key)
    return found if isinstance(found, dict) else {}
