"""What the columns of a table of unknown origin are for, told by their names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.evidence.fields import FIELDS, kind_of
from nachsorge.model.words import Kind, Platform, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TIMES = (
    "timestamp",
    "eventtime",
    "time",
    "datetime",
    "utctime",
    "timegenerated",
    "timecreated",
    "eventtimestamp",
    "ts",
    "zeitstempel",
    "zeit",
    "uhrzeit",
    "calendartime",
    "unixtime",
    "starttime",
    "logtime",
    "receivedtime",
    "date",
    "datum",
)
COLLECTED = (
    "lastseen",
    "collected",
    "collectedat",
    "collectiontime",
    "lastinventory",
    "inventorydate",
    "lastscan",
    "lastscanned",
    "scandate",
    "scantime",
    "lastreported",
    "lastreport",
    "lastupdated",
    "reportdate",
    "snapshottime",
    "exportedat",
    "date",
    "datum",
    "erfasst",
    "zuletztgesehen",
    "stand",
)
MACHINES = (
    "computername",
    "computer",
    "devicename",
    "device",
    "assetname",
    "asset",
    "machinename",
    "machine",
    "endpoint",
    "endpointname",
    "workstation",
    "clienthost",
    "clienthostname",
    "hostidentifier",
    "hosthostname",
    "hostdisplayname",
    "rechner",
    "rechnername",
    "geraet",
    "gerät",
)
HOSTS = ("host", "hostname", *MACHINES, "dvc", "dvchost", "nodename", "systemname")
NAMES = (
    "productname",
    "product",
    "softwarename",
    "software",
    "applicationname",
    "application",
    "displayname",
    "programname",
    "program",
    "appname",
    "app",
    "packagename",
    "package",
    "name",
    "anwendung",
    "programm",
)
VERSIONS = ("version", "productversion", "softwareversion", "displayversion", "applicationversion", "appversion")
PUBLISHERS = ("publisher", "vendor", "softwarevendor", "manufacturer", "company", "maintainer", "hersteller")
PLATFORMS = ("platform", "osplatform", "operatingsystem", "os", "osname", "betriebssystem")
_QUERIES = {"query", "domain", "qname", "queryname", "dnsquery", "rrname"}
_CLIENTS = (
    "client",
    "clientip",
    "src",
    "srcip",
    "sourceip",
    "sourceaddress",
    "clientaddr",
    "clientaddress",
    "cip",
    "saddr",
    "source",
    "srcaddr",
)
_URLS = {"url", "requesturl", "uri", "requesturi", "csuri", "remoteurl", "fullurl"}
_SERVERS = (
    "destip",
    "dstip",
    "dst",
    "destinationip",
    "destinationaddress",
    "remoteip",
    "remoteaddress",
    "serverip",
    "daddr",
    "destination",
    "dest",
    "dstaddr",
)
_PROCESSES = {"parentimage", "commandline", "processcommandline", "parentprocessname", "initiatingprocesscommandline"}
_STARTED = {"image", "processname", "newprocessname", "filename", "folderpath", "executable", "process", "path"}
_TELLING = {
    Telemetry.PROXY: _URLS,
    Telemetry.DNS_QUERY: _QUERIES,
    Telemetry.NETWORK_CONNECTION: set(_SERVERS),
    Telemetry.PROCESS_CREATION: _PROCESSES | _STARTED,
}
_DECISIONS = {"action", "act", "deviceaction", "decision", "verdict", "disposition", "policyaction", "aktion"}
_SYSTEMS = {"windows": Platform.WINDOWS, "mac": Platform.MACOS, "darwin": Platform.MACOS, "osx": Platform.MACOS}
_LINUX = ("linux", "ubuntu", "debian", "centos", "rhel", "red hat", "suse", "fedora", "alma", "rocky")


def plain(name: str) -> str:
    """Spell a column's name for comparison: `Event Time`, `event_time` and `@eventTime` are one."""
    return re.sub(r"[\W_]+", "", name.lower())


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that matter, by their index; None where the table has none such.

    A row is what the table is about only where one of `tells` holds something; `decisions` say whether traffic was let
    through.
    """

    telemetry: Telemetry
    time: int | None
    host: int | None
    clients: tuple[int, ...] = ()
    name: int | None = None
    version: int | None = None
    publisher: int | None = None
    platform: int | None = None
    tells: tuple[int, ...] = ()
    decisions: tuple[int, ...] = ()


def columns_of(header: Sequence[str]) -> Columns:
    """Say what a table holds; an inventory is one with a name and a version and no time of an event."""
    names = [plain(name) for name in header]
    telemetry = _telemetry(names)
    if telemetry is Telemetry.INSTALLED_SOFTWARE:
        return Columns(
            telemetry,
            time=_first(names, COLLECTED),
            host=_first(names, HOSTS),
            name=_first(names, NAMES),
            version=_first(names, VERSIONS),
            publisher=_first(names, PUBLISHERS),
            platform=_first(names, PLATFORMS),
            tells=_all(names, NAMES),
        )
    sensed = telemetry in (Telemetry.DNS_QUERY, Telemetry.PROXY, Telemetry.NETWORK_CONNECTION)
    # In a network log `host` may well be the server that was asked, or the sensor.
    host = _first(names, MACHINES if sensed else HOSTS)
    ends = tuple(index for index in (_first(names, _CLIENTS), _first(names, _SERVERS)) if index is not None)
    return Columns(
        telemetry,
        time=_first(names, TIMES),
        host=host,
        clients=ends if sensed else (),
        tells=_all(names, _TELLING.get(telemetry, ())),
        decisions=_all(names, _DECISIONS) if sensed else (),
    )


def _telemetry(names: Sequence[str]) -> Telemetry:
    has = set(names)
    event_times = set(TIMES) - set(COLLECTED)
    if has & set(NAMES) and has & set(VERSIONS) and not has & event_times:
        return Telemetry.INSTALLED_SOFTWARE
    if has & _URLS:
        return Telemetry.PROXY
    if has & _QUERIES and has & set(_CLIENTS):
        return Telemetry.DNS_QUERY
    if has & set(_SERVERS):
        return Telemetry.NETWORK_CONNECTION
    return Telemetry.PROCESS_CREATION if has & _PROCESSES else Telemetry.TEXT


def _first(names: Sequence[str], wanted: Iterable[str]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def _all(names: Sequence[str], wanted: Iterable[str]) -> tuple[int, ...]:
    listed = set(wanted)
    return tuple(index for index, name in enumerate(names) if name in listed)


def known(names: Iterable[str]) -> bool:
    """Tell whether any name is one that tables of evidence have."""
    return any(
        plain(name) in {*TIMES, *COLLECTED, *HOSTS, *VERSIONS, *_QUERIES, *_URLS, *_SERVERS, *_CLIENTS, *_PROCESSES}
        or name.lower() in FIELDS
        for name in names
    )


def kind_in(column: str, text: str) -> Kind:
    """Type a cell by its column's name as it stands, else without blanks and signs, else by its shape."""
    kind = kind_of(column, text)
    return kind_of(plain(column), text) if kind is Kind.TEXT else kind


def platform_of(text: str) -> Platform | None:
    """Read an operating system's name; None where it is none that matters for exposure."""
    lowered = text.lower()
    if any(word in lowered for word in _LINUX):
        return Platform.LINUX
    return next((platform for word, platform in _SYSTEMS.items() if word in lowered), None)
