"""The address that an event says its own machine had: connections of Sysmon and of the audit log, the DHCP client.

Only connections over TCP count that the machine itself began, from a port that clients have: their source is its own.
Of those that somebody else began, Sysmon gives as destination now the machine and now the other end, so that a server
would seem to have its client's address; over UDP it takes whatever it sees first for the beginning. Of the audit log's
5156 only what went out counts, for the same reason; 5158 binds to `0.0.0.0` or `::` and says nothing, 4624 names the
other end.

Sources: Microsoft, "Sysmon", event 3; "5156(S): The Windows Filtering Platform has permitted a connection"; the
manifest of Microsoft-Windows-Dhcp-Client (60000 and 60001: acknowledged, after a renewal and after a new request;
`Address1`, the client's, as a number whose lowest byte comes first). Its events 50065 to 50067 are of network hints and
state no address.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from nachsorge.evidence.windows import sources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nachsorge.evidence.windows.event import Head

DHCP_CLIENT = "microsoft-windows-dhcp-client"

_STATES = frozenset({(sources.SYSMON, 3), (sources.SECURITY, 5156), (DHCP_CLIENT, 60000), (DHCP_CLIENT, 60001)})
_TCP = ("tcp", "6")
_OUTBOUND = "%%14593"
_LONGEST = 64
_FIRST_OF_CLIENTS = 1024

_Scalar: TypeAlias = str | int | bool | None


class _Data(msgspec.Struct, gc=False):
    """The fields that matter, in all the spellings; all else is passed over undecoded."""

    protocol: _Scalar = msgspec.field(name="Protocol", default=None)
    initiated: _Scalar = msgspec.field(name="Initiated", default=None)
    source_ip: _Scalar = msgspec.field(name="SourceIp", default=None)
    source_port: _Scalar = msgspec.field(name="SourcePort", default=None)
    direction: _Scalar = msgspec.field(name="Direction", default=None)
    source_address: _Scalar = msgspec.field(name="SourceAddress", default=None)
    given: _Scalar = msgspec.field(name="Address1", default=None)


class _Event(msgspec.Struct, gc=False):
    data: _Data | None = msgspec.field(name="EventData", default=None)


class _Winlog(msgspec.Struct, gc=False):
    data: _Data | None = msgspec.field(name="event_data", default=None)


class _Line(_Data, gc=False):
    """A line of any of the three spellings of `ndjson_event`."""

    event: _Event | None = msgspec.field(name="Event", default=None)
    winlog: _Winlog | None = None


_decode = msgspec.json.Decoder(_Line).decode


def states_address(provider: str, event_id: int) -> bool:
    """Tell whether events of this kind may state an address of their own machine."""
    return (provider.lower(), event_id) in _STATES


def own_address(head: Head, text: str | bytes) -> str:
    """Read it off an event in JSON, in any of the spellings; empty where it states none."""
    try:
        line = _decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    data = line.event.data if line.event else line.winlog.data if line.winlog else line
    return "" if data is None else _own(head.provider.lower(), data)


def own_address_of(head: Head, fields: Mapping[str, str]) -> str:
    """Read it off the fields of an event's data."""
    try:
        return _own(head.provider.lower(), msgspec.convert(fields, _Data))
    except msgspec.ValidationError:
        return ""


def _own(provider: str, data: _Data) -> str:
    match provider:
        case sources.SYSMON:
            began = str(data.initiated).lower() == "true"
            return usable(str(data.source_ip)) if began and _of_client(data) else ""
        case sources.SECURITY:
            began = data.direction == _OUTBOUND
            return usable(str(data.source_address)) if began and _of_client(data) else ""
        case _:
            return _unpacked(data.given)


def _of_client(data: _Data) -> bool:
    port = str(data.source_port)
    return str(data.protocol).lower() in _TCP and port.isdecimal() and int(port[:6]) >= _FIRST_OF_CLIENTS


def _unpacked(number: _Scalar) -> str:
    text = str(number)
    if not (text.isascii() and text.isdigit() and len(text) <= 10) or int(text) >= 2**32:
        return ""
    return usable(str(ipaddress.IPv4Address(int(text).to_bytes(4, "little"))))


@lru_cache(maxsize=8192)
def usable(text: str) -> str:
    """Spell an address as sensors do (`2001:db8::1`); empty where it is none, or none that tells machines apart.

    Such are loopback, link-local, multicast, unspecified and reserved ones, and Teredo's, in which the machine is not
    told from the relay.
    """
    try:
        address = ipaddress.ip_address(text) if len(text) <= _LONGEST else None
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None or address.teredo is not None:
            return ""
        address = address.ipv4_mapped or address
    if address is None or address.is_loopback or address.is_link_local or address.is_multicast:
        return ""
    return "" if address.is_unspecified or address.is_reserved else str(address)
