"""What readers of software lists share: a program as a record, and what a table of osquery is.

Fleet and osquery use one list of tables (osquery schema 5.x, "Tables"). A snapshot of the tables in `WHOLE` is what the
operating system itself says is installed; all others list what one package manager or program knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.evidence.fields import values_of
from nachsorge.evidence.packages import spelled
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.times import Instant
from nachsorge.model.words import Kind, Platform, Telemetry

if TYPE_CHECKING:
    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Sieve

WHOLE: Mapping[str, Platform] = {
    "programs": Platform.WINDOWS,
    "apps": Platform.MACOS,
    "deb_packages": Platform.LINUX,
    "rpm_packages": Platform.LINUX,
}
"""Tables that list all that the system knows to be installed, and whose they are."""

_PURLS: Mapping[str, tuple[str, ...]] = {
    "deb_packages": ("deb/debian", "deb/ubuntu"),
    "npm_packages": ("npm",),
    "python_packages": ("pypi",),
    "homebrew_packages": ("brew",),
}
_PLATFORMS: Mapping[str, Platform] = {
    **WHOLE,
    "chocolatey_packages": Platform.WINDOWS,
    "portage_packages": Platform.LINUX,
    "pkg_packages": Platform.MACOS,
    "package_receipts": Platform.MACOS,
}
TABLES: Mapping[str, Telemetry] = {
    **dict.fromkeys(WHOLE, Telemetry.INSTALLED_SOFTWARE),
    **dict.fromkeys(
        [
            "homebrew_packages",
            "chocolatey_packages",
            "npm_packages",
            "python_packages",
            "portage_packages",
            "package_receipts",
            "pkg_packages",
            "chrome_extensions",
            "firefox_addons",
            "safari_extensions",
            "vscode_extensions",
            "jetbrains_plugins",
            "atom_packages",
            "ie_extensions",
            "browser_plugins",
        ],
        Telemetry.INSTALLED_SOFTWARE,
    ),
    **dict.fromkeys(("process_events", "es_process_events", "bpf_process_events"), Telemetry.PROCESS_CREATION),
    **dict.fromkeys(
        [
            "processes",
            "userassist",
            "prefetch",
            "shimcache",
            "background_activities_moderator",
            "shell_history",
            "running_apps",
        ],
        Telemetry.PROGRAM_EXECUTION,
    ),
    **dict.fromkeys(
        ["open_sockets", "process_open_sockets", "listening_ports", "socket_events", "bpf_socket_events"],
        Telemetry.NETWORK_CONNECTION,
    ),
    **dict.fromkeys(("dns_cache", "dns_lookup_events"), Telemetry.DNS_QUERY),
    **dict.fromkeys(["file_events", "fim", "process_file_events", "ntfs_journal_events"], Telemetry.FILE_EVENT),
    **dict.fromkeys(("file", "hash"), Telemetry.FILESYSTEM),
    **dict.fromkeys(
        [
            "launchd",
            "startup_items",
            "autoexec",
            "services",
            "scheduled_tasks",
            "crontab",
            "systemd_units",
            "drivers",
            "wmi_event_filters",
            "wmi_cli_event_consumers",
            "wmi_script_event_consumers",
        ],
        Telemetry.PERSISTENCE,
    ),
    **dict.fromkeys(["logged_in_users", "last", "user_events", "logon_sessions"], Telemetry.AUTHENTICATION),
}
"""Table to telemetry; any other is TEXT."""

_NAME = re.compile(rf"(?:^|[\W_])({'|'.join(sorted(TABLES, key=len, reverse=True))})$", re.IGNORECASE)
_SHAPES: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"identifying_number", "name", "version"}), "programs"),
    (frozenset({"install_location", "name", "version"}), "programs"),
    (frozenset({"bundle_identifier", "bundle_short_version"}), "apps"),
    (frozenset({"target_path", "action"}), "file_events"),
    (frozenset({"remote_address", "remote_port"}), "open_sockets"),
    (frozenset({"cmdline", "pid", "parent"}), "processes"),
)
"""Columns by which a table shows whatever its query is called."""


def table_of(query: str, columns: Mapping[str, object]) -> str:
    """Name the osquery table behind a query: by the end of its name, else by its columns; empty where neither tells."""
    if found := _NAME.search(query):
        return found[1].lower()
    names = columns.keys()
    return next((table for shape, table in _SHAPES if shape <= names), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program as a list gives it. `table` is osquery's, where the list has one."""

    name: str
    version: str
    locator: str
    publisher: str = ""
    table: str = ""
    platform: Platform | None = None
    purls: tuple[str, ...] = ()
    time: Instant | None = None
    host: str | None = None
    event: Mapping[str, str] = field(default_factory=dict)


def software_of(columns: Mapping[str, object], table: str) -> Software | None:
    """Read a row of one of the tables of programs; None where it names no program."""
    name = columns.get("bundle_name") or columns.get("display_name") or columns.get("name")
    version = columns.get("bundle_short_version") or columns.get("version") or columns.get("bundle_version") or ""
    if not isinstance(name, str) or not name or TABLES.get(table) is not Telemetry.INSTALLED_SOFTWARE:
        return None
    publisher = columns.get("publisher") or columns.get("vendor") or columns.get("maintainer") or ""
    name = name.removesuffix(".app") if table == "apps" else name
    return Software(name=name, version=str(version), platform=_PLATFORMS.get(table), publisher=str(publisher))


def purls_of(table: str, name: str, version: str) -> tuple[str, ...]:
    """Write package URLs for a row of a package manager's table."""
    found = (spelled(f"pkg:{kind}/{name.replace('@', '%40')}", version) for kind in _PURLS.get(table, ()))
    return tuple(text for text in found if text) if version else ()


def records(program: Program, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
    """Count a program and give its record if the sieve admits it; one without a name is counted as unreadable."""
    ledger.count(Telemetry.INSTALLED_SOFTWARE, 1, program.host)
    if not program.name:
        ledger.spoil(program.locator)
    event = {"name": program.name, "version": program.version, "publisher": program.publisher, **program.event}
    event = {name: text for name, text in event.items() if text}
    purls = (*program.purls, *purls_of(program.table, program.name, program.version))
    values = (*(Value(Kind.PACKAGE, "purl", purl) for purl in dict.fromkeys(purls)), *values_of(event))
    raw = "\n".join(value.text for value in values).encode("utf-8", "surrogatepass")
    if not (sieve.everything or sieve.admits(raw)):
        return
    yield Record(
        telemetry=Telemetry.INSTALLED_SOFTWARE,
        locator=program.locator,
        time=program.time,
        values=values,
        event=event,
        host=program.host,
        software=Software(
            name=program.name,
            version=program.version,
            platform=program.platform or _PLATFORMS.get(program.table),
            publisher=program.publisher,
        )
        if program.name
        else None,
    )
