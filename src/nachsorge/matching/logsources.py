"""Which records a Sigma rule is about: product, category and service first, then the number of a Windows event.

A rule's fields mean nothing in another log: `Image` of an image load is not that of a process creation, and the number
1 is a process creation of Sysmon and a clock change of the kernel. So a rule is never asked about another log source.

Sources: SigmaHQ, "Log Sources" (taxonomy) and "Logsource Guides"; Microsoft, "Sysmon" (event numbers), "4688", "5156"
and "4657" of the security audit, "about_Logging_Windows" (PowerShell 400, 600, 800, 4103, 4104).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from nachsorge.model.words import SENSOR, Telemetry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from nachsorge.matching.detection import Plan
    from nachsorge.model.evidence import Reading, Record

WINDOWS = "windows"


class Origin(NamedTuple):
    """What a record says of where it comes from; `number` is a Windows event's, 0 where there is none."""

    telemetry: Telemetry
    product: str = ""
    service: str = ""
    number: int = 0


def _events(**services: Iterable[int]) -> frozenset[tuple[str, int]]:
    return frozenset((name.replace("_", "-"), number) for name, numbers in services.items() for number in numbers)


_EVENTS: dict[str, frozenset[tuple[str, int]]] = {
    "process_creation": _events(sysmon=(1,), security=(4688,)),
    "file_change": _events(sysmon=(2,)),
    "network_connection": _events(sysmon=(3,), security=(5156, 5157)),
    "sysmon_status": _events(sysmon=(4, 16)),
    "process_termination": _events(sysmon=(5,), security=(4689,)),
    "driver_load": _events(sysmon=(6,)),
    "image_load": _events(sysmon=(7,)),
    "create_remote_thread": _events(sysmon=(8,)),
    "raw_access_thread": _events(sysmon=(9,)),
    "raw_access_read": _events(sysmon=(9,)),
    "process_access": _events(sysmon=(10,)),
    "file_event": _events(sysmon=(11,)),
    "registry_add": _events(sysmon=(12,)),
    "registry_delete": _events(sysmon=(12,)),
    "registry_set": _events(sysmon=(13,), security=(4657,)),
    "registry_rename": _events(sysmon=(14,)),
    "registry_event": _events(sysmon=(12, 13, 14), security=(4657,)),
    "create_stream_hash": _events(sysmon=(15,)),
    "pipe_created": _events(sysmon=(17, 18)),
    "wmi_event": _events(sysmon=(19, 20, 21)),
    "dns_query": _events(sysmon=(22,), dns_client=(3006, 3008, 3020)),
    "file_delete": _events(sysmon=(23, 26)),
    "clipboard_capture": _events(sysmon=(24,)),
    "clipboard_change": _events(sysmon=(24,)),
    "process_tampering": _events(sysmon=(25,)),
    "file_delete_detected": _events(sysmon=(26,)),
    "file_block_executable": _events(sysmon=(27,)),
    "file_block_shredding": _events(sysmon=(28,)),
    "file_executable_detected": _events(sysmon=(29,)),
    "sysmon_error": _events(sysmon=(255,)),
    "ps_module": _events(powershell=(4103,)),
    "ps_script": _events(powershell=(4104,)),
    "ps_classic_start": _events(powershell_classic=(400,)),
    "ps_classic_provider_start": _events(powershell_classic=(600,)),
    "ps_classic_script": _events(powershell_classic=(800,)),
}
"""The Windows events of each category, by service."""

_TELEMETRY = {
    "dns": Telemetry.DNS_QUERY,
    "firewall": Telemetry.NETWORK_CONNECTION,
    "web": Telemetry.WEBSERVER,
    **{telemetry.value: telemetry for telemetry in Telemetry},
}
"""The categories that are telemetry of ours; others belong to Windows alone, or nothing here is of them."""

_HOSTS = frozenset({WINDOWS, "linux", "macos"})
_SYSLOG = frozenset({"linux", "macos", "unix", ""})


def telemetry_of(category: str) -> Telemetry | None:
    """Give the telemetry that a category is; None where there is none whose coverage could be told."""
    return _TELEMETRY.get(category)


def origin_of(record: Record) -> Origin:
    """Read off a record where it comes from."""
    number = record.event.get("EventID", "") if record.product == WINDOWS else ""
    return Origin(record.telemetry, record.product, record.service, int(number) if _is_number(number) else 0)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def concerns(plan: Plan, origin: Origin) -> bool:
    """Tell whether a record from there belongs to the rule's log source; an unknown product contradicts none."""
    if plan.product and origin.product and plan.product != origin.product:
        return False
    if plan.service and plan.service != origin.service:
        return False
    return not plan.category or _of_category(plan.category, origin)


def _of_category(category: str, origin: Origin) -> bool:
    if origin.product == WINDOWS and origin.number and category in _EVENTS:
        return (origin.service, origin.number) in _EVENTS[category]
    return _TELEMETRY.get(category) is origin.telemetry


def may_concern(plan: Plan, telemetry: Collection[Telemetry]) -> bool:
    """Tell whether a reader whose records are of these kinds can give any that belong to the rule's log source."""
    windows = Telemetry.WINDOWS_EVENT in telemetry
    if plan.category:
        return _TELEMETRY.get(plan.category) in telemetry or (windows and plan.category in _EVENTS)
    return windows or plan.product != WINDOWS or not plan.service


def is_known(plan: Plan) -> bool:
    """Tell whether any reader could give records of the rule's log source at all."""
    return not plan.category or plan.category in _EVENTS or plan.category in _TELEMETRY


class Recorded:
    """How many records of which origin some sources hold, decoded or not."""

    def __init__(self, readings: Iterable[Reading]) -> None:
        """Add the accounts up. Readers that know no log source are counted by what they are and whom they are about."""
        self._origins: Counter[Origin] = Counter()
        self._others: Counter[tuple[str, Telemetry, bool]] = Counter()
        self._known: dict[tuple[str, str, str], int] = {}
        for reading in readings:
            for each in reading.logged:
                self._origins[Origin(*each.origin)] += each.records
            for seen in reading.seen if not reading.logged else ():
                self._others[reading.reader, seen.telemetry, seen.host is not None] += seen.records

    def of(self, plan: Plan) -> int:
        """Count the records that belong to the rule's log source."""
        key = (plan.category, plan.product, plan.service)
        if key not in self._known:
            known = sum(records for origin, records in self._origins.items() if concerns(plan, origin))
            self._known[key] = known + sum(n for (r, t, h), n in self._others.items() if _is_of(plan, r, t, hosted=h))
        return self._known[key]


def _is_of(plan: Plan, reader: str, telemetry: Telemetry, *, hosted: bool) -> bool:
    if plan.category:
        named = _TELEMETRY.get(plan.category) is telemetry
        # A network sensor's records are no records of a host's own log source.
        return named and (hosted or plan.product not in _HOSTS or telemetry not in SENSOR)
    return _may_hold(plan, reader)


def _may_hold(plan: Plan, reader: str) -> bool:
    """Tell whether a reader without event numbers may give records of a log source that names no category."""
    if plan.product in _SYSLOG:
        return reader in ("syslog", "plain_text", "auditd", "journal_json", "journal_export", "journal_file", "cri_log")
    return reader == plan.product or reader.startswith(f"{plan.product}_")
