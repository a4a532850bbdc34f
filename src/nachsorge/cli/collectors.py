"""Commands that bring evidence: KAPE, Velociraptor, UAC, osquery, journalctl, an EDR's search, a build service.

Every name of a target, an artifact, a profile or a table in them stands in tests/cli/collector_names.yaml with the
place where its project keeps it; a test holds the two together. KAPE's and Velociraptor's are those that have stood
longest: KapeTriage was renamed to !KapeTriage between versions, !SANS_Triage was not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from nachsorge.locale import N_, _
from nachsorge.model.words import Platform, Telemetry

if TYPE_CHECKING:
    from nachsorge.verdicts.obtainable import Item

UAC = "UAC: ./uac -p ir_triage OUT"
LOGS: Mapping[Platform, tuple[str, ...]] = {
    Platform.WINDOWS: (
        "KAPE: kape.exe --tsource C: --target EventLogs --tdest OUT",
        "Velociraptor: velociraptor artifacts collect Windows.KapeFiles.Targets --args EventLogs=Y --output OUT.zip",
        N_("EDR or event collector: export its process, library and file events of this host as JSON or CSV"),
    ),
    Platform.LINUX: (
        UAC,
        "journalctl -o export --since FROM --until TO > OUT.journal",
    ),
    Platform.MACOS: (
        UAC,
        N_("log collect --output OUT.logarchive (reaches back days only); the EDR's process events reach further"),
    ),
}
"""Logs that a host keeps itself."""

STATE: Mapping[Platform, tuple[str, ...]] = {
    Platform.WINDOWS: (
        "KAPE: kape.exe --tsource C: --target !SANS_Triage --tdest OUT",
        "Velociraptor: velociraptor artifacts collect Windows.KapeFiles.Targets --args _SANS_Triage=Y --output OUT.zip",
    ),
    Platform.LINUX: (UAC, N_("a disk image")),
    Platform.MACOS: (UAC, N_("a disk image")),
}
"""What is on a host: files, hives, traces of programs."""

BROWSERS = "UAC: ./uac -p ir_triage -a './artifacts/files/browsers/*' OUT"
"""UAC's triage leaves the browsers out."""

HUNTING: Mapping[Telemetry, str] = {
    Telemetry.PROCESS_CREATION: "DeviceProcessEvents",
    Telemetry.IMAGE_LOAD: "DeviceImageLoadEvents",
    Telemetry.FILE_EVENT: "DeviceFileEvents",
    Telemetry.REGISTRY_SET: "DeviceRegistryEvents",
}
"""Microsoft Defender's tables of advanced hunting; they reach back 30 days."""

SOFTWARE: Mapping[Platform, tuple[str, ...]] = {
    Platform.WINDOWS: ("programs",),
    Platform.LINUX: ("deb_packages", "rpm_packages"),
    Platform.MACOS: ("apps",),
}
"""osquery's tables of installed software."""


RUNS = "GitHub: gh api repos/OWNER/REPO/actions/runs/RUN/logs > RUN.zip"
"""The endpoint "Download workflow run logs"; by default they are kept for 90 days."""

FLOWS = "AWS: aws s3 sync s3://BUCKET/AWSLogs/ACCOUNT/vpcflowlogs OUT"
"""Where VPC flow logs are delivered to a bucket."""


def of_logs(item: Item) -> Iterator[str]:
    """Give the ways to the logs of the item's hosts; without a platform, those of all."""
    yield from _by_platform(item, LOGS)
    tables = [HUNTING[want.telemetry] for want in item.wants if want.telemetry in HUNTING]
    if tables and (not item.platforms or Platform.WINDOWS in item.platforms):
        yield _("Defender, if 30 days reach back far enough: {query}").format(
            query=f"union {', '.join(tables)} | where DeviceName startswith 'HOST'"
        )


def of_state(item: Item) -> Iterator[str]:
    """Give the ways to the state of the item's hosts, and the one query where a list of software is enough."""
    wanted = {want.telemetry for want in item.wants}
    for one in _by_platform(item, STATE):
        yield BROWSERS if one == UAC and Telemetry.BROWSER_HISTORY in wanted else one
    if Telemetry.INSTALLED_SOFTWARE in wanted:
        for platform in item.platforms or tuple(SOFTWARE):
            for table in SOFTWARE[platform]:
                yield f'osquery: osqueryi --json "SELECT * FROM {table}" > OUT.json'


def _by_platform(item: Item, table: Mapping[Platform, tuple[str, ...]]) -> Iterator[str]:
    ways = (way for platform in item.platforms or tuple(table) for way in table[platform])
    yield from (_(way) for way in dict.fromkeys(ways))
