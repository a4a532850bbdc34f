"""The registry of readers: one readable tuple; among equal scores the earlier one wins."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from nachsorge.evidence.doubts import Unloaded
from nachsorge.evidence.readers.access_log import AccessLog
from nachsorge.evidence.readers.amcache import Amcache
from nachsorge.evidence.readers.apt_history import AptHistory
from nachsorge.evidence.readers.auditd import Auditd
from nachsorge.evidence.readers.background_items import BackgroundItems
from nachsorge.evidence.readers.bind import Bind
from nachsorge.evidence.readers.bodyfile import Bodyfile
from nachsorge.evidence.readers.browser_history import BrowserHistory
from nachsorge.evidence.readers.bun_lock import BunLock
from nachsorge.evidence.readers.cargo_lock import CargoLock
from nachsorge.evidence.readers.cef import Cef
from nachsorge.evidence.readers.ci_log import CiLog
from nachsorge.evidence.readers.ci_workflow import CiWorkflow
from nachsorge.evidence.readers.composer_lock import ComposerLock
from nachsorge.evidence.readers.cri_log import CriLog
from nachsorge.evidence.readers.cron import Cron
from nachsorge.evidence.readers.csv_table import CsvTable
from nachsorge.evidence.readers.cyclonedx import CycloneDx
from nachsorge.evidence.readers.defender_history import DefenderHistory
from nachsorge.evidence.readers.dnsmasq import Dnsmasq
from nachsorge.evidence.readers.dpkg import Dpkg
from nachsorge.evidence.readers.evt_classic import EvtClassic
from nachsorge.evidence.readers.evtx import Evtx
from nachsorge.evidence.readers.fleet_export import FleetExport
from nachsorge.evidence.readers.fsevents import Fsevents
from nachsorge.evidence.readers.gemfile_lock import GemfileLock
from nachsorge.evidence.readers.go_sum import GoSum
from nachsorge.evidence.readers.homebrew import Homebrew
from nachsorge.evidence.readers.intune_export import IntuneExport
from nachsorge.evidence.readers.journal_export import JournalExport
from nachsorge.evidence.readers.journal_file import JournalFile
from nachsorge.evidence.readers.journal_json import JournalJson
from nachsorge.evidence.readers.jump_lists import JumpLists
from nachsorge.evidence.readers.launch_items import LaunchItems
from nachsorge.evidence.readers.leef import Leef
from nachsorge.evidence.readers.lnk import Lnk
from nachsorge.evidence.readers.mac_bundle import MacBundle
from nachsorge.evidence.readers.mac_install_log import MacInstallLog
from nachsorge.evidence.readers.mac_usage import MacUsage
from nachsorge.evidence.readers.memory_image import MemoryImage
from nachsorge.evidence.readers.mft import Mft
from nachsorge.evidence.readers.mix_lock import MixLock
from nachsorge.evidence.readers.mplog import MpLog
from nachsorge.evidence.readers.msi import Msi
from nachsorge.evidence.readers.ndjson import Ndjson
from nachsorge.evidence.readers.netflow import Netflow
from nachsorge.evidence.readers.netflow_json import NetflowJson
from nachsorge.evidence.readers.osquery_results import OsqueryResults
from nachsorge.evidence.readers.package_json import PackageJson
from nachsorge.evidence.readers.package_lock import PackageLock
from nachsorge.evidence.readers.package_logs import PackageLogs
from nachsorge.evidence.readers.pcap import Pcap
from nachsorge.evidence.readers.pcapng import Pcapng
from nachsorge.evidence.readers.pe_version import PeVersion
from nachsorge.evidence.readers.pip_requirements import PipRequirements
from nachsorge.evidence.readers.pipfile_lock import PipfileLock
from nachsorge.evidence.readers.plain_text import PlainText
from nachsorge.evidence.readers.pnpm_lock import PnpmLock
from nachsorge.evidence.readers.powershell_transcript import PowershellTranscript
from nachsorge.evidence.readers.prefetch import Prefetch
from nachsorge.evidence.readers.python_lock import PythonLock
from nachsorge.evidence.readers.quarantine import Quarantine
from nachsorge.evidence.readers.recycle_bin import RecycleBin
from nachsorge.evidence.readers.registry_hives import RegistryHives
from nachsorge.evidence.readers.rpm_database import RpmDatabase
from nachsorge.evidence.readers.rpm_list import RpmList
from nachsorge.evidence.readers.santa import Santa
from nachsorge.evidence.readers.setupapi_log import SetupapiLog
from nachsorge.evidence.readers.shell_history import ShellHistory
from nachsorge.evidence.readers.spdx import Spdx
from nachsorge.evidence.readers.squid import Squid
from nachsorge.evidence.readers.squirrel_log import SquirrelLog
from nachsorge.evidence.readers.squirrel_releases import SquirrelReleases
from nachsorge.evidence.readers.srum import Srum
from nachsorge.evidence.readers.suricata_eve import SuricataEve
from nachsorge.evidence.readers.syslog import Syslog
from nachsorge.evidence.readers.systemd_units import SystemdUnits
from nachsorge.evidence.readers.task_job import TaskJob
from nachsorge.evidence.readers.task_xml import TaskXml
from nachsorge.evidence.readers.teamviewer import TeamViewer
from nachsorge.evidence.readers.threecx import ThreeCx
from nachsorge.evidence.readers.unified_log import UnifiedLog
from nachsorge.evidence.readers.usn_journal import UsnJournal
from nachsorge.evidence.readers.utmp import Utmp
from nachsorge.evidence.readers.w3c import W3c
from nachsorge.evidence.readers.web_cache import WebCache
from nachsorge.evidence.readers.windns import Windns
from nachsorge.evidence.readers.windows_firewall import WindowsFirewall
from nachsorge.evidence.readers.windows_ndjson import WindowsNdjson
from nachsorge.evidence.readers.windows_xml import WindowsXml
from nachsorge.evidence.readers.winget import Winget
from nachsorge.evidence.readers.yarn_lock import YarnLock
from nachsorge.evidence.readers.zeek_json import ZeekJson
from nachsorge.evidence.readers.zeek_tsv import ZeekTsv

if TYPE_CHECKING:
    from nachsorge.evidence.seams import Reader

READERS: tuple[Reader, ...] = (
    Evtx(),
    EvtClassic(),
    Pcap(),
    Pcapng(),
    Netflow(),
    NetflowJson(),
    WindowsXml(),
    WindowsNdjson(),
    ZeekTsv(),
    ZeekJson(),
    SuricataEve(),
    Squid(),
    W3c(),
    AccessLog(),
    Windns(),
    Bind(),
    Dnsmasq(),
    Cef(),
    Leef(),
    Syslog(),
    Auditd(),
    JournalExport(),
    JournalFile(),
    JournalJson(),
    UnifiedLog(),
    Santa(),
    MacInstallLog(),
    CriLog(),
    Utmp(),
    Bodyfile(),
    MacBundle(),
    ThreeCx(),
    Prefetch(),
    Amcache(),
    RegistryHives(),
    Lnk(),
    JumpLists(),
    RecycleBin(),
    Mft(),
    UsnJournal(),
    Srum(),
    WebCache(),
    PeVersion(),
    Msi(),
    TaskXml(),
    TaskJob(),
    DefenderHistory(),
    MpLog(),
    SetupapiLog(),
    PowershellTranscript(),
    SquirrelReleases(),
    SquirrelLog(),
    WindowsFirewall(),
    TeamViewer(),
    BrowserHistory(),
    Quarantine(),
    MacUsage(),
    LaunchItems(),
    BackgroundItems(),
    Fsevents(),
    SystemdUnits(),
    Cron(),
    Dpkg(),
    AptHistory(),
    PackageLogs(),
    RpmDatabase(),
    RpmList(),
    ShellHistory(),
    FleetExport(),
    Homebrew(),
    IntuneExport(),
    OsqueryResults(),
    Winget(),
    PackageLock(),
    BunLock(),
    PnpmLock(),
    YarnLock(),
    PackageJson(),
    PythonLock(),
    PipfileLock(),
    PipRequirements(),
    CargoLock(),
    GoSum(),
    ComposerLock(),
    GemfileLock(),
    MixLock(),
    CycloneDx(),
    Spdx(),
    CiWorkflow(),
    CiLog(),
    MemoryImage(),
    Ndjson(),
    CsvTable(),
    PlainText(),
)


@cache
def readers() -> tuple[Reader, ...]:
    """Give the built-in readers and those that installed packages offer under `nachsorge.readers`."""
    return (*READERS, *(_loaded(point) for point in entry_points(group="nachsorge.readers")))


def _loaded(point: EntryPoint) -> Reader:
    try:
        reader: Reader = point.load()()
    except Exception as error:  # noqa: BLE001  whatever a package does when it is loaded, the run goes on and says so
        return Unloaded(point.name, f"{type(error).__name__}: {error}")
    return reader
