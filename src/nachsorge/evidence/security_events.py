r"""Events in CEF and LEEF: the head, the extension, and what kind of evidence one is.

What an event is evidence of is decided on its raw bytes by which keys it holds, so that lines that are not decoded are
accounted for alike. Sources: ArcSight Common Event Format, version 26; IBM QRadar Log Event Extended
Format 1.0 and 2.0.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.fields import is_address, kind_of
from nachsorge.evidence.stamps import written
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nachsorge.model.times import Instant

CEF = rb"CEF:\s?\d(?:\.\d)?\|(?:(?:\\.|[^|\\\r\n])*\|){6}"
LEEF = rb"LEEF:\s?[12](?:\.\d)?\|(?:[^|\r\n]*\|){4}"

_BEFORE = rb"(?:^|[\s|^;]|#011)"
_URL = re.compile(_BEFORE + rb"(?:request|url|requestUrl|uri)=\S")
_HTTP = re.compile(_BEFORE + rb"app=(?i:https?)\b")
_SERVER = re.compile(_BEFORE + rb"dhost=\S")
_DNS = re.compile(rb"(?:\b(?:cat|deviceEventCategory|category)=[^=]*?|\|[^|=]*?)\b(?i:dns)\b")
_ASKED = re.compile(_BEFORE + rb"(?:dhost|query|qname|request|url|destinationDnsDomain|domain|fqdn)=\S")
_FILE = re.compile(_BEFORE + rb"(?:fname|fileHash|filePath|fileName|oldFileHash|sha256|sha1|md5)=\S")
_MALWARE = re.compile(rb"malware|virus|trojan|threat|ransom|spyware|infect|quarantin", re.IGNORECASE)
_REFUSED = re.compile(
    _BEFORE + rb"(?:act|action|deviceAction|disposition|outcome|verdict)=[\"']?"
    rb"(?i:den(?:y|ied)|drop|block|reject|reset|refus|prevent|terminat)"
    rb"|" + _BEFORE + rb"(?:act|action|deviceAction|disposition|outcome|verdict)=(?=[\s|^;]|#011|\Z)"
    rb"|\|[^|=]*\b(?i:den(?:y|ied)|drop(?:ped)?|block(?:ed)?|reject(?:ed)?)\b[^|=]*\|"
)
_ALERT = re.compile(rb"intrusion|exploit|attack|\b(?:IDS|IPS)\b", re.IGNORECASE)
_ENDS = re.compile(_BEFORE + rb"(?:src|dst|c6a[23])=\S")
_OTHER_END = re.compile(_BEFORE + rb"(?:dst|c6a3|dhost)=\S")
_TIMES = tuple(
    re.compile(_BEFORE + rb"(?:" + key + rb")=\s*(\d{10,19}|[^=\t^|;]{8,40}?)(?=\s+[\w.-]+=|\s*[\t^|;]|#011|\s*\Z)")
    for key in (rb"rt|devTime|deviceReceiptTime", rb"start", rb"end")
)
_HOST = re.compile(_BEFORE + rb"(?:dhost|dvchost|identHostName|computerName|shost)=([^\s|^#]+)")
_KEY = re.compile(r"(?:(?<=\s)|\A)([A-Za-z_][\w.\[\]-]*)(?<!\\)=")
_PIPE = re.compile(r"(?<!\\)(?:\\\\)*\|")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CHARACTER = re.compile(r"(?:0x|x|\\x)([0-9A-Fa-f]{2,4})\Z")

_HEAD = ("deviceVendor", "deviceProduct", "deviceVersion", "signatureId", "name", "severity")
_HOSTS = {
    *("dvchost", "destinationdnsdomain", "sourcednsdomain", "devicednsdomain", "destinationservicename"),
    *("identhostname", "dsthostname", "srchostname", "computername", "targethostname", "desthost", "srchost"),
}
_CLIENTS = ("src", "c6a2", "sourceTranslatedAddress", "dst", "c6a3", "dvc")


def telemetry_of(message: bytes) -> Telemetry:
    """Say what a raw event is evidence of.

    A DNS event counts as such only where it names what was asked; a firewall's `app=dns` says nothing about names.
    """
    if _ASKED.search(message) and _DNS.search(message):
        return Telemetry.DNS_QUERY
    if _URL.search(message) or (_SERVER.search(message) and _HTTP.search(message)):
        return Telemetry.PROXY
    if _FILE.search(message) and _MALWARE.search(message):
        return Telemetry.ANTIVIRUS
    return Telemetry.NETWORK_CONNECTION if _ENDS.search(message) else Telemetry.SYSLOG


def is_one_sided(message: bytes) -> bool:
    """Tell whether an event is of traffic that was refused or gave an alarm: other traffic may not be logged at all.

    An action that is left empty shows no traffic that was let through either.
    """
    return bool(_REFUSED.search(message) or _MALWARE.search(message) or _ALERT.search(message))


def names_the_other_end(message: bytes) -> bool:
    """Tell whether an event of a connection says to whom it went."""
    return _OTHER_END.search(message) is not None


def time_of(message: bytes) -> Instant | None:
    """Read the device's own time: receipt or device time, else start, else end; None where none is readable."""
    for pattern in _TIMES:
        if found := pattern.search(message):
            return written(lenient(found[1]))
    return None


def host_of(message: bytes, telemetry: Telemetry) -> str | None:
    """Give the machine an event names as its subject: only where it is no traffic that a sensor saw."""
    if telemetry not in (Telemetry.ANTIVIRUS, Telemetry.SYSLOG):
        return None
    found = _HOST.search(message)
    return lenient(found[1]) if found else None


def cef(message: bytes) -> dict[str, str]:
    r"""Take a CEF event apart; `\\|` in the head, `\\=`, `\\\\`, `\\n` and `\\r` in the extension are undone."""
    rest, head = lenient(message).strip(), []
    for _ in range(7):
        found = _PIPE.search(rest)
        if found is None:
            break
        head.append(_unescape(rest[: found.end() - 1]))
        rest = rest[found.end() :]
    event = dict(zip(_HEAD, head[1:], strict=False))
    return _with_pairs(event, spaced(rest))


def leef(message: bytes) -> dict[str, str]:
    """Take a LEEF event apart; version 2 may name its own delimiter, and rsyslog may have written tabs as `#011`."""
    version, vendor, product, release, identity, *rest = lenient(message).strip("\r\n").split("|", 5)
    extension, delimiter = rest[0] if rest else "", "\t"
    first, pipe, after = extension.partition("|")
    if version.rpartition(":")[2].strip().startswith("2") and pipe and "=" not in first[1:]:
        delimiter, extension = _delimiter(first), after
    event = dict(zip(_HEAD, (vendor, product, release, identity), strict=False))
    return _with_pairs(event, _delimited(extension, delimiter))


def _delimiter(text: str) -> str:
    found = _CHARACTER.match(text.strip())
    return chr(int(found[1], 16)) if found else text[:1] or "\t"


def _delimited(extension: str, delimiter: str) -> list[tuple[str, str]]:
    if delimiter == "\t" and "\t" not in extension:
        extension = extension.replace("#011", "\t")
    if delimiter not in extension:
        # Relays turn tabs into blanks; the keys still tell where values begin.
        return spaced(extension)
    pairs = (cell.partition("=") for cell in extension.split(delimiter))
    return [(key.strip(), value.strip()) for key, _, value in pairs if key.strip()]


def spaced(extension: str) -> list[tuple[str, str]]:
    """Split `key=value key=value`, where values may hold blanks, at the keys."""
    keys = list(_KEY.finditer(extension))
    ends = [*(found.start() for found in keys[1:]), len(extension)]
    return [(k[1], _unescape(extension[k.end() : end].strip())) for k, end in zip(keys, ends, strict=False)]


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda m: {"n": "\n", "r": "\r"}.get(m[1], m[1] if m[1] in "\\|=" else m[0]), text)


def _with_pairs(event: dict[str, str], pairs: list[tuple[str, str]]) -> dict[str, str]:
    for key, value in pairs:
        if value:
            event[key] = f"{event[key]}\n{value}" if key in event else value
    return event


def event_record(
    event: Mapping[str, str], telemetry: Telemetry, locator: str, time: Instant | None, host: str | None
) -> Record:
    """Make the record of an event; custom fields (`cs1`) are typed by their label (`cs1Label`)."""
    flat = dict(event)
    addresses = (flat[key] for key in _CLIENTS if is_address(flat.get(key, "")))
    return Record(
        telemetry=telemetry,
        locator=locator,
        time=time,
        values=tuple(Value(_kind(n, t, flat), n, t) for n, t in flat.items() if t not in ("", "-")),
        event=flat,
        host=host,
        addresses=tuple(dict.fromkeys(addresses)),
        product=flat.get("deviceProduct", "").lower(),
        service=telemetry.value,
        provider=flat.get("deviceVendor", "").lower(),
    )


def _kind(name: str, text: str, event: Mapping[str, str]) -> Kind:
    if name in _HEAD:
        return Kind.TEXT
    lowered = name.lower()
    if lowered in _HOSTS and not is_address(text):
        return Kind.HOST
    kind = kind_of(event.get(f"{name}Label", name).replace(" ", ""), text)
    if kind is Kind.ADDRESS and not is_address(text) and lowered in ("src", "dst"):
        return Kind.HOST
    return kind
