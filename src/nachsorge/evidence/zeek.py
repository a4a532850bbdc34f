"""What Zeek's two spellings (TSV, JSON) share: kinds of log, addresses, the URL put together, leases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.fields import is_address
from nachsorge.model.evidence import Identity, Lease
from nachsorge.model.times import SECOND, Instant, Span
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Plant
    from nachsorge.model.evidence import Record

TELEMETRY: dict[str, Telemetry] = {
    "dns": Telemetry.DNS_QUERY,
    "http": Telemetry.PROXY,
    "conn": Telemetry.NETWORK_CONNECTION,
    "ssl": Telemetry.TLS,
    "x509": Telemetry.TLS,
    "quic": Telemetry.TLS,
    "ocsp": Telemetry.TLS,
    "known_certs": Telemetry.TLS,
    "files": Telemetry.FILE_TRANSFER,
    "pe": Telemetry.FILE_TRANSFER,
    "ftp": Telemetry.FILE_TRANSFER,
    "smb_files": Telemetry.FILE_TRANSFER,
    "smb_mapping": Telemetry.FILE_TRANSFER,
    "smtp": Telemetry.EMAIL,
    "dhcp": Telemetry.DHCP,
    "syslog": Telemetry.SYSLOG,
    "software": Telemetry.NETWORK_NOTICE,
    "intel": Telemetry.NETWORK_NOTICE,
    "notice": Telemetry.NETWORK_NOTICE,
    "weird": Telemetry.NETWORK_NOTICE,
    "kerberos": Telemetry.AUTHENTICATION,
    "ntlm": Telemetry.AUTHENTICATION,
    "radius": Telemetry.AUTHENTICATION,
    "rdp": Telemetry.AUTHENTICATION,
    "ssh": Telemetry.AUTHENTICATION,
}
"""Log path to telemetry; any other log is read as NETWORK_NOTICE. Source: Zeek manual, "Logs"."""

ADDRESSES = (
    "id.orig_h",
    "id_orig_h",
    "client_addr",
    "tx_hosts",
    "src",
    "host",
    "id.resp_h",
    "id_resp_h",
    "rx_hosts",
    "dst",
)
"""Keys of the addresses that a row is about, the originator first, in both spellings."""

_TELLS: dict[str, tuple[str, ...]] = {
    "dns": ("query",),
    "http": ("host",),
    "conn": ("id.resp_h", "id_resp_h"),
    "ssl": ("server_name",),
    "quic": ("server_name",),
}
"""The column without which a log says when there was traffic, but not with whom."""

TOLD = (Telemetry.DNS_QUERY, Telemetry.PROXY, Telemetry.NETWORK_CONNECTION, Telemetry.TLS)
"""What a log covers only where it names the other side."""


TELLING: dict[Telemetry, tuple[str, ...]] = {
    kind: tuple(dict.fromkeys(name for path, names in _TELLS.items() if TELEMETRY[path] is kind for name in names))
    for kind in TOLD
}
"""The same by what a log covers."""


FORBIDDEN = (b"401", b"403", b"407")
"""`status_code` of a request that a server or a proxy refused: a log of those alone may be a selection."""


def telling_columns(path: str) -> tuple[str, ...]:
    """Name the columns of a kind of log that name the other side."""
    return _TELLS.get(path, ())


def covers(path: str, names: Sequence[str] | None = None) -> Telemetry:
    """Say which telemetry a kind of log covers; `names` are its columns, where they are known for the whole file.

    The certificates of x509 and ocsp count as TLS where they are met, but which names were asked for they do not hold.
    """
    telemetry = TELEMETRY.get(path, Telemetry.NETWORK_NOTICE)
    if telemetry not in TOLD:
        return telemetry
    tells = _TELLS.get(path, ())
    told = bool(tells) if names is None else any(name in names for name in tells)
    return telemetry if told else Telemetry.NETWORK_NOTICE


def typed(path: str, event: dict[str, str]) -> dict[str, str]:
    """Put the URL of an http row together: Zeek splits it into `host` and `uri`."""
    host, uri = event.get("host", ""), event.get("uri", "")
    if path == "http" and uri:
        event["url"] = uri if "://" in uri else f"http://{host}{uri}" if host else uri
    return event


def kinds_of(path: str, event: Mapping[str, str]) -> dict[str, Kind]:
    """Say what the fields are whose names mean something else elsewhere: `host` of an http row is the Host header."""
    return {"host": Kind.HOST} if path == "http" and not is_address(event.get("host", "")) else {}


def addresses_of(event: Mapping[str, str]) -> tuple[str, ...]:
    """Give the addresses a row is about, the originator first, in both key spellings."""
    found = (event[key] for key in ADDRESSES if key in event)
    return tuple(dict.fromkeys(address for address in found if is_address(address)))


def lease_of(event: Mapping[str, str], time: Instant | None) -> Lease | None:
    """Read a dhcp row: who was given which address from when for how long."""
    address = event.get("assigned_addr") or event.get("assigned_ip")
    host = event.get("host_name") or event.get("client_fqdn") or ""
    # Without a name it still ends what another machine had.
    if not address or not (host or event.get("mac")) or time is None:
        return None
    seconds = re.match(r"\d{1,10}", event.get("lease_time", ""))
    span = Span(time, time + int(seconds[0]) * SECOND) if seconds else Span(time, time)
    return Lease(address=address, host=host, span=span, mac=event.get("mac", ""))


def state(record: Record, ledger: Ledger) -> None:
    """Report what a row states of machines: a lease of dhcp, an address in use of known_hosts."""
    if record.telemetry is Telemetry.DHCP and (lease := lease_of(record.event, record.time)):
        ledger.lease(lease)
    if record.service == "known_hosts" and is_address(address := record.event.get("host", "")):
        ledger.identify(Identity(marks=(f"address:{address}",)))


def plant_field(names: Sequence[str], plant: Plant) -> tuple[int, str] | None:
    """Choose the column that can hold a planted value, and that value."""
    wanted = {
        "query": plant.host,
        "server_name": plant.host,
        "host": plant.host,
        "sha256": plant.sha256,
        "san.dns": plant.host,
        "id.resp_h": plant.address,
        "id_resp_h": plant.address,
        "helo": plant.host,
        "host_name": plant.host,
        "message": plant.host,
        "msg": plant.host,
        "name": plant.host,
    }
    return next(((names.index(name), value) for name, value in wanted.items() if name in names), None)
