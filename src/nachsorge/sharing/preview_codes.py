"""What the words of a notification's closed lists mean, for people who do not read them in English.

The words themselves leave, so they are shown as well: `außerhalb der Zeitspanne [outside-span]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from nachsorge.locale import N_, Lang, _, speaking
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Mapping

REASONS: Final[Mapping[str, str]] = {
    Reason.NOT_PROVIDED: N_("no such evidence was provided"),
    Reason.OUTSIDE_SPAN: N_("the evidence does not reach this time"),
    Reason.SILENCE: N_("the source was silent"),
    Reason.NOT_SEEN_BY_SENSOR: N_("no sensor saw this asset"),
    Reason.SNAPSHOT_TOO_EARLY: N_("the snapshot was taken too early"),
    Reason.MISSING: N_("does not exist"),
    Reason.EMPTY: N_("empty"),
    Reason.PERMISSION: N_("no permission to read"),
    Reason.TRUNCATED: N_("cut off"),
    Reason.CORRUPT: N_("damaged"),
    Reason.CHANGED_WHILE_READ: N_("changed while it was read"),
    Reason.UNKNOWN_FORMAT: N_("unknown format"),
    Reason.NOT_SUPPORTED: N_("format not supported"),
    Reason.MISSING_EXTRA: N_("a reader is not installed"),
    Reason.ENCRYPTED: N_("encrypted"),
    Reason.LIMIT: N_("beyond a limit"),
    Reason.LINK_OUTSIDE: N_("leads out of the evidence"),
    Reason.LOG_CLEARED: N_("the log was cleared"),
    Reason.RECORD_JUMP: N_("record numbers are missing"),
    Reason.CLOCK: N_("the clock was wrong"),
    Reason.NO_TIME: N_("no usable time"),
    Reason.NEVER: N_("no evidence can rule it out"),
    Reason.NEEDS_EVIDENCE: N_("needs the raw evidence again"),
    Reason.FORGOTTEN: N_("forgotten by the index (retention)"),
    Reason.CONTROL_FAILED: N_("the positive control failed"),
    Reason.AMBIGUOUS: N_("which machine it is of cannot be told"),
    Reason.INTERRUPTED: N_("the run was interrupted"),
    Reason.FAILED: N_("the reader failed"),
}
TELEMETRY: Final[Mapping[str, str]] = {
    Telemetry.DNS_QUERY: N_("DNS queries"),
    Telemetry.PROXY: N_("web proxy"),
    Telemetry.WEBSERVER: N_("web server"),
    Telemetry.NETWORK_CONNECTION: N_("network connections"),
    Telemetry.TLS: N_("TLS handshakes"),
    Telemetry.EMAIL: N_("e-mail"),
    Telemetry.DHCP: N_("DHCP leases"),
    Telemetry.FILE_TRANSFER: N_("file transfers"),
    Telemetry.NETWORK_NOTICE: N_("sensor notices"),
    Telemetry.AUTHENTICATION: N_("logons"),
    Telemetry.PROCESS_CREATION: N_("process creation"),
    Telemetry.IMAGE_LOAD: N_("loaded libraries"),
    Telemetry.FILE_EVENT: N_("file events"),
    Telemetry.REGISTRY_SET: N_("registry changes"),
    Telemetry.ANTIVIRUS: N_("antivirus"),
    Telemetry.WINDOWS_EVENT: N_("Windows event log"),
    Telemetry.SYSLOG: N_("syslog"),
    Telemetry.SOFTWARE_INSTALL: N_("software installations"),
    Telemetry.INSTALLED_SOFTWARE: N_("installed software"),
    Telemetry.FILESYSTEM: N_("file system"),
    Telemetry.PROGRAM_EXECUTION: N_("program execution"),
    Telemetry.BROWSER_HISTORY: N_("browser history"),
    Telemetry.PACKAGE_LOCK: N_("package lock files"),
    Telemetry.CI_LOG: N_("build logs"),
    Telemetry.PERSISTENCE: N_("autostart entries"),
    Telemetry.TEXT: N_("records of no known kind"),
}
RUNGS: Final = {
    "exposed": N_("affected version present"),
    "executed": N_("malicious code ran"),
    "contacted": N_("contact to the attacker"),
    "collected": N_("data taken"),
    "implanted": N_("attacker's implant"),
    "hands-on": N_("attacker at the keyboard"),
}
SECTORS: Final = {
    "energy": N_("energy"),
    "transport": N_("transport"),
    "banking": N_("banking"),
    "financial": N_("financial market infrastructures"),
    "health": N_("health"),
    "drinking-water": N_("drinking water"),
    "waste-water": N_("waste water"),
    "digital-infrastructure": N_("digital infrastructure"),
    "ict-services": N_("ICT service management"),
    "public-administration": N_("public administration"),
    "space": N_("space"),
    "courier": N_("postal and courier services"),
    "waste-management": N_("waste management"),
    "chemical": N_("chemicals"),
    "food": N_("food"),
    "manufacturing": N_("manufacturing"),
    "digital-providers": N_("digital providers"),
    "research": N_("research"),
    "none": N_("none of the 18 of NIS2"),
    "unknown": N_("not told"),
}
REGIONS: Final = {
    "AT-1": N_("Burgenland"),
    "AT-2": N_("Carinthia"),
    "AT-3": N_("Lower Austria"),
    "AT-4": N_("Upper Austria"),
    "AT-5": N_("Salzburg"),
    "AT-6": N_("Styria"),
    "AT-7": N_("Tyrol"),
    "AT-8": N_("Vorarlberg"),
    "AT-9": N_("Vienna"),
    "several": N_("several"),
    "unknown": N_("not told"),
}
SIZES: Final = {
    "micro": N_("fewer than 10 people"),
    "small": N_("fewer than 50 people"),
    "medium": N_("fewer than 250 people"),
    "large": N_("250 people or more"),
    "unknown": N_("not told"),
}
DONE: Final = {
    "isolated": N_("machines cut off from the network"),
    "rebuilt": N_("machines built anew"),
    "updated": N_("updated"),
    "credentials-changed": N_("passwords and keys changed"),
    "blocked": N_("addresses blocked"),
    "nothing": N_("nothing so far"),
    "other": N_("something else"),
}
WANTED: Final = {
    "technical-details": N_("technical details"),
    "forensics": N_("help with forensics"),
    "coordination": N_("coordination"),
    "contact-others": N_("contact to others concerned"),
    "none": N_("none needed"),
}
PASSED: Final = {
    "constituency": N_("other organisations that the CERT serves"),
    "community": N_("the security community"),
    "partners": N_("partner CERTs"),
}


def coded(word: str, meanings: Mapping[str, str], language: str) -> str:
    """Show a word of a closed list: as it leaves, and in other languages than its own what it means before it."""
    if language == "en":
        return word
    with speaking(cast("Lang", language)):
        return f"{_(meanings[word])} [{word}]"
