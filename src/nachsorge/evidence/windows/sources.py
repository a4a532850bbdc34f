"""Which telemetry and which Sigma log source a Windows event is: by provider and channel first, then by its number.

A number alone says nothing: 1 is a process creation of Sysmon and a clock change of Kernel-General, 1033 is an
installation of MsiInstaller and a licence policy of Security-SPP.

Sources: Microsoft, "Sysmon" (Sysinternals), "Appendix L: Events to Monitor", "Review event logs and error codes to
troubleshoot issues with Microsoft Defender Antivirus", "Windows Installer Event Logging"; SigmaHQ, "Log Sources".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from nachsorge.model.words import Telemetry

SYSMON = "microsoft-windows-sysmon"
SECURITY = "microsoft-windows-security-auditing"
DEFENDER = "microsoft-windows-windows defender"
INSTALLER = "msiinstaller"
EVENTLOG = "microsoft-windows-eventlog"
DNS_CLIENT = "microsoft-windows-dns-client"
BITS = "microsoft-windows-bits-client"
SERVICES = "service control manager"
TASKS = "microsoft-windows-taskscheduler"
_SESSIONS = "microsoft-windows-terminalservices-localsessionmanager"
_REMOTE = "microsoft-windows-terminalservices-remoteconnectionmanager"


@dataclass(frozen=True, slots=True)
class LogSource:
    """What one kind of event is to us, and to Sigma (`product` is always windows)."""

    telemetry: Telemetry
    service: str
    refused: bool = False

    @property
    def covers(self) -> Telemetry:
        """Say what a log with such events covers: where they are single pieces of a telemetry, only itself.

        What was refused proves that refusals were logged. What was let through is logged, or not, apart from it.
        """
        return Telemetry.WINDOWS_EVENT if self.telemetry in PIECES or self.refused else self.telemetry


@dataclass(frozen=True, slots=True)
class _Family:
    channel: str
    numbers: Mapping[int, Telemetry]


def _numbers(table: Mapping[Telemetry, Iterable[int]]) -> dict[int, Telemetry]:
    return {number: telemetry for telemetry, numbers in table.items() for number in numbers}


_FAMILIES: dict[str, _Family] = {
    SYSMON: _Family(
        "microsoft-windows-sysmon/operational",
        _numbers(
            {
                Telemetry.PROCESS_CREATION: (1,),
                Telemetry.NETWORK_CONNECTION: (3,),
                Telemetry.IMAGE_LOAD: (7,),
                Telemetry.FILE_EVENT: (11, 23, 26),
                Telemetry.REGISTRY_SET: (12, 13, 14),
                Telemetry.DNS_QUERY: (22,),
                Telemetry.PERSISTENCE: (19, 20, 21),
            }
        ),
    ),
    SECURITY: _Family(
        "security",
        _numbers(
            {
                Telemetry.PROCESS_CREATION: (4688,),
                Telemetry.NETWORK_CONNECTION: (5156, 5157),
                Telemetry.REGISTRY_SET: (4657,),
                Telemetry.PERSISTENCE: (4697, 4698, 4702),
                Telemetry.AUTHENTICATION: (
                    *(4624, 4625, 4634, 4647, 4648, 4672, 4675),
                    *(4768, 4769, 4770, 4771, 4772, 4773, 4776, 4777, 4778, 4779),
                ),
            }
        ),
    ),
    DEFENDER: _Family(
        "microsoft-windows-windows defender/operational",
        _numbers({Telemetry.ANTIVIRUS: (*range(1006, 1120), *range(1121, 1130))}),
    ),
    INSTALLER: _Family(
        "application",
        _numbers(
            {Telemetry.SOFTWARE_INSTALL: (1022, *range(1033, 1039), 1040, 1042, 11707, 11708, 11724, 11725, 11728)}
        ),
    ),
    DNS_CLIENT: _Family(
        "microsoft-windows-dns-client/operational", _numbers({Telemetry.DNS_QUERY: (3006, 3008, 3020)})
    ),
    # 59 to 61: transfers with their address; 16403: a file added to a job, with both its places.
    BITS: _Family(f"{BITS}/operational", _numbers({Telemetry.FILE_TRANSFER: (59, 60, 61, 16403)})),
    SERVICES: _Family("system", _numbers({Telemetry.PERSISTENCE: (7045,)})),
    TASKS: _Family(
        f"{TASKS}/operational",
        _numbers({Telemetry.PERSISTENCE: (106, 140), Telemetry.PROGRAM_EXECUTION: (129, 200)}),
    ),
    _SESSIONS: _Family(f"{_SESSIONS}/operational", _numbers({Telemetry.AUTHENTICATION: range(21, 26)})),
    _REMOTE: _Family(f"{_REMOTE}/operational", _numbers({Telemetry.AUTHENTICATION: (1149,)})),
}

_REFUSED = frozenset({5157, 4625, 4675, 4771, 4772, 4777})
"""A connection that was blocked, and logons that failed: Windows audits failures and successes apart."""

PIECES = frozenset({Telemetry.FILE_TRANSFER, Telemetry.PERSISTENCE, Telemetry.PROGRAM_EXECUTION})
"""Telemetry of which event logs hold some ways only: transfers by BITS are not all transfers, and so on."""

_BY_CHANNEL = {family.channel: provider for provider, family in _FAMILIES.items() if provider != INSTALLER}

_SERVICES = {
    "application": "application",
    "security": "security",
    "system": "system",
    "windows powershell": "powershell-classic",
    "microsoft-windows-powershell/operational": "powershell",
    "powershellcore/operational": "powershell",
    "microsoft-windows-sysmon/operational": "sysmon",
    "microsoft-windows-windows defender/operational": "windefend",
    "microsoft-windows-dns-client/operational": "dns-client",
    "microsoft-windows-dns-server/analytical": "dns-server-analytic",
    "dns server": "dns-server",
    "microsoft-windows-taskscheduler/operational": "taskscheduler",
    "microsoft-windows-wmi-activity/operational": "wmi",
    "microsoft-windows-bits-client/operational": "bits-client",
    "microsoft-windows-ntlm/operational": "ntlm",
    "microsoft-windows-driverframeworks-usermode/operational": "driver-framework",
    "microsoft-windows-codeintegrity/operational": "codeintegrity-operational",
    "microsoft-windows-windows firewall with advanced security/firewall": "firewall-as",
    "microsoft-windows-printservice/admin": "printservice-admin",
    "microsoft-windows-printservice/operational": "printservice-operational",
    "microsoft-windows-smbclient/security": "smbclient-security",
    "microsoft-windows-smbclient/connectivity": "smbclient-connectivity",
    "microsoft-windows-smbserver/connectivity": "smbserver-connectivity",
    "microsoft-windows-security-mitigations/kernel mode": "security-mitigations",
    "microsoft-windows-security-mitigations/user mode": "security-mitigations",
    "microsoft-windows-capi2/operational": "capi2",
    "microsoft-windows-certificateservicesclient-lifecycle-system/operational": (
        "certificateservicesclient-lifecycle-system"
    ),
    "microsoft-windows-diagnosis-scripted/operational": "diagnosis-scripted",
    "microsoft-windows-shell-core/operational": "shell-core",
    "microsoft-windows-ldap-client/debug": "ldap",
    "microsoft-windows-lsa/operational": "lsa-server",
    "microsoft-windows-vhdmp-operational": "vhdmp",
    "microsoft-windows-appmodel-runtime/admin": "appmodel-runtime",
    "microsoft-windows-appxpackagingom/microsoft-windows-appxpackaging/operational": "appxpackaging-om",
    "microsoft-windows-kernel-shimengine/operational": "kernel-shimengine",
    "microsoft-windows-kernel-shimengine/diagnostic": "kernel-shimengine",
    "microsoft-windows-hyper-v-worker-admin": "hyper-v-worker",
    "microsoft-windows-bitlocker/bitlocker management": "bitlocker",
    "microsoft-windows-sense/operational": "sense",
    "microsoft-windows-dns-server/audit": "dns-server-audit",
    "microsoft-iis-configuration/operational": "iis-configuration",
    "microsoft-servicebus-client": "microsoft-servicebus-client",
    "msexchange management": "msexchange-management",
    "openssh/operational": "openssh",
    "microsoft-windows-kernel-eventtracing/admin": "kernel-event-tracing",
    "microsoft-windows-applocker/exe and dll": "applocker",
    "microsoft-windows-applocker/msi and script": "applocker",
    "microsoft-windows-applocker/packaged app-deployment": "applocker",
    "microsoft-windows-applocker/packaged app-execution": "applocker",
    "microsoft-windows-appxdeploymentserver/operational": "appxdeployment-server",
    f"{_SESSIONS}/operational": "terminalservices-localsessionmanager",
}

_PROMISES: dict[str, tuple[Telemetry, ...]] = {
    "application": (Telemetry.SOFTWARE_INSTALL,),
    _FAMILIES[DEFENDER].channel: (Telemetry.ANTIVIRUS,),
}

TELEMETRY = tuple(
    sorted({Telemetry.WINDOWS_EVENT, *(t for family in _FAMILIES.values() for t in family.numbers.values())})
)
"""Everything that a reader of Windows events may give."""

COVERED = tuple(telemetry for telemetry in TELEMETRY if telemetry not in PIECES)
"""Everything that a log of Windows events can cover."""


@lru_cache(maxsize=8192)
def log_source(channel: str, provider: str, number: int) -> LogSource:
    """Say what an event is; a channel or provider that is not stated does not contradict the other."""
    at = channel.lower()
    family = _FAMILIES.get(provider.lower() or _BY_CHANNEL.get(at, ""))
    if family is None or at not in ("", "forwardedevents", family.channel):
        return LogSource(Telemetry.WINDOWS_EVENT, service_of(channel))
    telemetry = family.numbers.get(number, Telemetry.WINDOWS_EVENT)
    refused = family is _FAMILIES[SECURITY] and number in _REFUSED
    return LogSource(telemetry, _SERVICES.get(family.channel, ""), refused)


def service_of(channel: str) -> str:
    """Give Sigma's service for a channel; empty where Sigma has none."""
    return _SERVICES.get(channel.lower(), "")


def promised(channel: str) -> tuple[Telemetry, ...]:
    """Give what a complete log of this channel covers from end to end, even where no such event is in it.

    Windows Installer and Defender always write; whether Sysmon or the audit policy write an event is configured, so
    their logs cover a telemetry only between the first and the last event of it.
    """
    return (Telemetry.WINDOWS_EVENT, *_PROMISES.get(channel.lower(), ()))


def possible(channel: str) -> tuple[Telemetry, ...]:
    """Give what a log of this channel may hold: what is lost when it has been cleared."""
    at = channel.lower()
    held = {t for family in _FAMILIES.values() if family.channel == at for t in family.numbers.values()}
    return tuple(sorted({*promised(channel), *held}))


def is_clearing(channel: str, provider: str, number: int) -> bool:
    """Tell whether the event says that a log was cleared: Security 1102 (its own), System 104 (the one it names)."""
    if provider and provider.lower() != EVENTLOG:
        return False
    return (channel.lower(), number) in (("security", 1102), ("system", 104))
