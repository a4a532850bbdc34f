"""The registry of readers: one readable table; among equal scores the earlier one wins.

A reader's module is imported when a file is met that may be its, so that a run waits for those formats only that its
evidence has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from nachsorge.evidence import hints
from nachsorge.evidence.doubts import Unloaded
from nachsorge.evidence.hints import Hint

if TYPE_CHECKING:
    from nachsorge.evidence.looks import Look
    from nachsorge.evidence.seams import Reader

    READERS: tuple[Reader, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Where a reader stands, and when it is worth asking: it is never asked about a file that shows none of it.

    `starts` are the first bytes of its files; `hint` is what else may give one away. Without either it is always asked.
    `text` readers are not asked about bytes that no text has. `most` is the highest score that it gives.
    """

    module: str
    cls: str
    starts: tuple[bytes, ...] = ()
    hint: Hint | None = None
    text: bool = False
    most: int = 100


ROWS = (
    Row("evtx", "Evtx", starts=(b"ElfFile\0",)),
    Row("evt_classic", "EvtClassic", starts=(b"0\0\0\0LfLe",)),
    Row("pcap", "Pcap", starts=hints.CAPTURES),
    Row("pcapng", "Pcapng", starts=(b"\n\r\r\n",)),
    Row("netflow", "Netflow", hint=hints.flows, text=True),
    Row("netflow_json", "NetflowJson", hint=hints.VALUE, text=True, most=55),
    Row("windows_xml", "WindowsXml", hint=hints.marked),
    Row("windows_ndjson", "WindowsNdjson", hint=hints.opened(b"{"), text=True),
    Row("zeek_tsv", "ZeekTsv", hint=hints.holds(b"#separator", b"#fields\t", within=4096), text=True),
    Row("zeek_json", "ZeekJson", hint=hints.both(hints.OBJECT, hints.holds(b'"ts"')), text=True),
    Row("suricata_eve", "SuricataEve", hint=hints.keyed(b'"event_type"'), text=True),
    Row("squid", "Squid", hint=hints.dated, text=True),
    Row("w3c", "W3c", hint=hints.columns, text=True),
    Row("access_log", "AccessLog", hint=hints.requests, text=True),
    Row("windns", "Windns", hint=hints.asked, text=True),
    Row("bind", "Bind", hint=hints.says(b"client"), text=True),
    Row("dnsmasq", "Dnsmasq", hint=hints.holds(b"dnsmasq"), text=True),
    Row("dhcp_windows", "DhcpWindows", hint=hints.holds(b"ID,"), text=True),
    Row("dhcp_leases", "DhcpLeases", hint=hints.leased, text=True),
    Row("cef", "Cef", hint=hints.says(b"CEF:"), text=True),
    Row("leef", "Leef", hint=hints.says(b"LEEF:"), text=True),
    Row("syslog", "Syslog", hint=hints.headed, text=True),
    Row("auditd", "Auditd", hint=hints.top(b"msg=audit("), text=True),
    Row("journal_export", "JournalExport", starts=(b"__CURSOR=", b"__REALTIME_TIMESTAMP=")),
    Row("journal_file", "JournalFile", starts=(b"LPKSHHRH",)),
    Row("journal_json", "JournalJson", hint=hints.keyed(b'"__REALTIME_TIMESTAMP"'), text=True),
    Row("unified_log", "UnifiedLog", starts=(b"\0\x10\0\0\x11\0\0\0",), hint=hints.printed),
    Row("asl", "Asl", starts=(b"ASL DB\0",)),
    Row("santa", "Santa", hint=hints.timed, text=True),
    Row("mac_install_log", "MacInstallLog", hint=hints.timed, text=True),
    Row("cri_log", "CriLog", hint=hints.both(hints.timed, hints.top(b" stdout ", b" stderr ")), text=True),
    Row("utmp", "Utmp", hint=hints.logins),
    Row("lastlog", "Lastlog", hint=hints.last_logins),
    Row("bodyfile", "Bodyfile", hint=hints.rows, text=True),
    Row("mac_bundle", "MacBundle", hint=hints.plist),
    Row(
        "mac_crash",
        "MacCrash",
        hint=hints.either(hints.both(hints.OBJECT, hints.holds(b'"bug_type"')), hints.top(b"\nPath:")),
        text=True,
    ),
    Row("mac_receipts", "MacReceipts", hint=hints.plist),
    Row("mac_bom", "MacBom", starts=(b"BOMStore",)),
    Row("threecx", "ThreeCx", hint=hints.either(hints.called("3cx"), lambda look: look.lower == "manifest")),
    Row("prefetch", "Prefetch", hint=hints.prefetched),
    Row("amcache", "Amcache", starts=(hints.HIVE,)),
    Row("recent_file_cache", "RecentFileCache", starts=(b"\xfe\xff\xee\xff",)),
    Row("registry_hives", "RegistryHives", starts=(hints.HIVE,)),
    Row("lnk", "Lnk", starts=(b"\x4c\0\0\0\x01\x14\x02\0",)),
    Row("jump_lists", "JumpLists", starts=(hints.COMPOUND, b"\1\0\0\0", b"\2\0\0\0")),
    Row("recycle_bin", "RecycleBin", starts=hints.TRASH),
    Row("mft", "Mft", starts=(b"FILE",)),
    Row("usn_journal", "UsnJournal", hint=hints.journal),
    Row("srum", "Srum", hint=hints.database),
    Row("web_cache", "WebCache", hint=hints.database),
    Row("pe_version", "PeVersion", starts=(b"MZ",)),
    Row("msi", "Msi", starts=(hints.COMPOUND,)),
    Row("task_xml", "TaskXml", hint=hints.bracketed),
    Row("task_job", "TaskJob", hint=hints.task),
    Row("defender_history", "DefenderHistory", starts=(b"\x08\0\0\0\x08\0\0\0",)),
    Row(
        "defender_quarantine",
        "DefenderQuarantine",
        starts=(bytes.fromhex("d345c599"), bytes.fromhex("0bad009891fdde68")),
    ),
    Row("mplog", "MpLog", hint=hints.either(hints.called("mplog-", "mpdetection-"), hints.timed), text=True),
    Row("setupapi_log", "SetupapiLog", hint=hints.either(hints.first(b"["), hints.begins("section")), text=True),
    Row("powershell_transcript", "PowershellTranscript", hint=hints.first(b"*")),
    Row("nuspec", "Nuspec", hint=hints.both(hints.first(b"<"), hints.holds(b"<metadata")), text=True),
    Row("squirrel_releases", "SquirrelReleases", hint=hints.first(b"0123456789abcdefABCDEF")),
    Row("squirrel_log", "SquirrelLog", hint=hints.timed, text=True),
    Row("electron_log", "ElectronLog", hint=hints.either(hints.timed, hints.called("3cx")), text=True),
    Row("windows_firewall", "WindowsFirewall", hint=hints.columns, text=True),
    Row("teamviewer", "TeamViewer", hint=hints.first(b"0123456789")),
    Row("browser_history", "BrowserHistory", starts=(hints.SQLITE,)),
    Row("safari_downloads", "SafariDownloads", hint=hints.plist),
    Row("safari_history", "SafariHistory", hint=hints.plist),
    Row("quarantine", "Quarantine", starts=(hints.SQLITE,)),
    Row("mac_usage", "MacUsage", starts=(hints.SQLITE,)),
    Row("launch_items", "LaunchItems", hint=hints.plist),
    Row("background_items", "BackgroundItems", hint=hints.plist),
    Row("fsevents", "Fsevents", starts=(b"1SLD", b"2SLD", b"3SLD")),
    Row("systemd_units", "SystemdUnits", hint=hints.begins("unit"), text=True),
    Row("cron", "Cron", hint=hints.jobs, text=True),
    Row("cron_scripts", "CronScripts", hint=hints.called("cron.", "/at", "\\at", "atjobs"), text=True),
    Row("dpkg", "Dpkg", hint=hints.first(b"0123456789CP"), text=True),
    Row("apt_history", "AptHistory", hint=hints.first(b"S"), text=True),
    Row("apk_log", "ApkLog", hint=hints.top(b"\nRunning `"), text=True),
    Row("package_logs", "PackageLogs", hint=hints.changes, text=True, most=88),
    Row("dnf_history", "DnfHistory", starts=(hints.SQLITE,)),
    Row("rpm_database", "RpmDatabase", starts=(hints.SQLITE, b"RpmP"), hint=hints.hashed),
    Row("rpm_list", "RpmList", hint=hints.packages, text=True),
    Row("package_list", "PackageList", hint=hints.installed, text=True, most=82),
    Row("shell_history", "ShellHistory", hint=hints.history, text=True),
    Row(
        "fleet_export",
        "FleetExport",
        hint=hints.either(hints.keyed(b'"host', b'"software', b'"kind"'), hints.top(b"osquery_version")),
        text=True,
        most=85,
    ),
    Row("homebrew", "Homebrew", hint=hints.brewed, text=True),
    Row("intune_export", "IntuneExport", hint=hints.managed, text=True),
    Row("jamf_export", "JamfExport", hint=hints.jamf, text=True),
    Row("osquery_results", "OsqueryResults", hint=hints.both(hints.OBJECT, hints.holds(b'"name"')), text=True),
    Row("winget", "Winget", hint=hints.listed, text=True),
    Row(
        "package_lock",
        "PackageLock",
        hint=hints.both(
            hints.OBJECT,
            hints.either(hints.holds(b"lockfileVersion"), hints.called("package-lock.json", "npm-shrinkwrap.json")),
        ),
        text=True,
    ),
    Row(
        "deno_lock",
        "DenoLock",
        hint=hints.both(hints.OBJECT, hints.either(hints.holds(b'"specifiers"'), hints.called("deno.lock"))),
        text=True,
    ),
    Row("bun_lock", "BunLock", hint=hints.locked),
    Row(
        "pnpm_lock",
        "PnpmLock",
        hint=hints.either(hints.begins("lockfileVersion"), hints.called("pnpm-lock.yaml", "shrinkwrap.yaml")),
        text=True,
    ),
    Row(
        "yarn_lock",
        "YarnLock",
        hint=hints.either(hints.holds(b"yarn lockfile v", b"__metadata:", within=2048), hints.called("yarn.lock")),
        text=True,
    ),
    Row("package_json", "PackageJson", hint=hints.OBJECT, text=True),
    Row(
        "python_lock",
        "PythonLock",
        hint=hints.either(hints.begins("package"), hints.called(".lock", "pylock")),
        text=True,
    ),
    Row("python_metadata", "PythonMetadata", hint=hints.holds(b"Metadata-Version:", within=64), text=True),
    Row("pipfile_lock", "PipfileLock", hint=hints.OBJECT, text=True),
    Row("pip_requirements", "PipRequirements", hint=hints.pinned, text=True),
    Row("cargo_lock", "CargoLock", hint=hints.either(hints.begins("package"), hints.called("cargo.lock")), text=True),
    Row("go_sum", "GoSum", hint=hints.module, text=True),
    Row(
        "composer_lock",
        "ComposerLock",
        hint=hints.both(hints.VALUE, hints.either(hints.holds(b'"packages"'), hints.called("composer"))),
        text=True,
    ),
    Row(
        "gemfile_lock",
        "GemfileLock",
        hint=hints.either(hints.begins("specs"), hints.called("gemfile.lock", "gems.locked")),
        text=True,
    ),
    Row("mix_lock", "MixLock", hint=hints.first(b"%"), text=True),
    Row("nuget_lock", "NugetLock", hint=hints.OBJECT, text=True),
    Row(
        "gradle_lock",
        "GradleLock",
        hint=hints.either(hints.holds(b"Gradle", within=1024), hints.called("gradle")),
        text=True,
    ),
    Row(
        "podfile_lock", "PodfileLock", hint=hints.either(hints.holds(b"PODS:"), hints.called("podfile.lock")), text=True
    ),
    Row("swift_resolved", "SwiftResolved", hint=hints.OBJECT, text=True),
    Row(
        "pubspec_lock",
        "PubspecLock",
        hint=hints.either(hints.holds(b"Generated by pub", within=512), hints.called("pubspec.lock")),
        text=True,
    ),
    Row(
        "conda_lock",
        "CondaLock",
        hint=hints.either(hints.holds(b"@EXPLICIT", b"manager: "), hints.called("conda-lock")),
        text=True,
    ),
    Row(
        "cyclonedx",
        "CycloneDx",
        hint=hints.both(hints.first(b"{<"), hints.holds(b"CycloneDX", b"cyclonedx.org")),
        text=True,
    ),
    Row("spdx", "Spdx", hint=hints.described, text=True),
    Row(
        "ci_workflow",
        "CiWorkflow",
        hint=hints.either(hints.either(hints.begins("jobs"), hints.begins("runs")), hints.called("/workflows/")),
        text=True,
    ),
    Row("ci_log", "CiLog", hint=hints.stamped, text=True),
    Row("memory_image", "MemoryImage", starts=hints.MEMORY, hint=hints.dumped),
    Row("ndjson", "Ndjson", hint=hints.VALUE, text=True),
    Row("csv_table", "CsvTable", hint=hints.table, text=True),
    Row("property_list", "PropertyList", starts=(b"bplist0",)),
    Row("plain_text", "PlainText", most=1),
)


@cache
def reader_of(row: Row) -> Reader:
    """Import a row's reader; there is one of each."""
    made: Reader = getattr(import_module(f"{__name__}.{row.module}"), row.cls)()
    return made


@cache
def offered() -> tuple[Reader, ...]:
    """Give the readers that installed packages offer under `nachsorge.readers`."""
    return tuple(_loaded(point) for point in entry_points(group="nachsorge.readers"))


@cache
def readers() -> tuple[Reader, ...]:
    """Give all readers, built in and offered; this imports every one of them."""
    return (*map(reader_of, ROWS), *offered())


def __getattr__(name: str) -> Any:
    if name != "READERS":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return tuple(map(reader_of, ROWS))


def rows_for(look: Look) -> list[Row]:
    """Give the rows whose readers may know a file, in the table's order."""
    head = look.head
    found = [number for number in _BEGUN.get(head[:_STEM], ()) if head.startswith(ROWS[number].starts)]
    found += [number for number, hint in _hints(look.first, look.binary) if hint(look)]
    return [ROWS[number] for number in sorted({*found})]


@cache
def _hints(first: bytes, binary: bool) -> tuple[tuple[int, Hint], ...]:
    """Give the hints that a file may meet whose first byte this is."""
    found = []
    for number, row in enumerate(ROWS):
        hint = row.hint or hints.anything
        marks = hints.firsts(hint)
        if (row.hint or not row.starts) and not (binary and row.text) and (marks is None or first in marks):
            found.append((number, hint))
    return tuple(found)


_STEM = 2
"""So many first bytes choose among the rows that say what their files begin with; none says less."""
_BEGUN: dict[bytes, list[int]] = {}
for _number, _row in enumerate(ROWS):
    for _stem in sorted({start[:_STEM] for start in _row.starts}):
        _BEGUN.setdefault(_stem, []).append(_number)


def _loaded(point: EntryPoint) -> Reader:
    try:
        reader: Reader = point.load()()
    except Exception as error:  # noqa: BLE001  whatever a package does when it is loaded, the run goes on and says so
        return Unloaded(point.name, f"{type(error).__name__}: {error}")
    return reader
