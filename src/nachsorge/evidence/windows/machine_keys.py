r"""Who a Windows machine is, as its hives state it: its names, its machine GUID, its addresses.

SYSTEM holds `Control\ComputerName\ComputerName` and `Services\Tcpip\Parameters` with the last DHCP lease of every
interface; SOFTWARE holds `Microsoft\Cryptography\MachineGuid`, which is made when Windows is installed and is copied
with a disk that was not prepared for it (Microsoft, "Sysprep"). A static address held from its key's last change until
the newest change in the hive.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.fields import is_address
from nachsorge.evidence.stamps import epoch
from nachsorge.model.evidence import Identity, Lease
from nachsorge.model.times import Span
from nachsorge.model.words import Platform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.windows.hive import Key
    from nachsorge.model.times import Instant

_CONFIG = re.compile(r"(?P<place>.+?)[/!\\]windows[/\\]system32[/\\]config[/\\][^/\\]+\Z", re.IGNORECASE)
_COMPUTER = r"Control\ComputerName\ComputerName"
_TCPIP = r"Services\Tcpip\Parameters"
_CRYPTOGRAPHY = r"Microsoft\Cryptography"


def place_of(path: str) -> str:
    """Give the folder or archive in which the machine's Windows lies; empty where the path does not tell."""
    found = _CONFIG.match(path)
    return found["place"] if found else ""


def named(current: Key, host: str | None, path: str) -> Identity:
    """Read the names in the current control set; `host` is what the evidence calls the machine besides."""
    table = _texts(current.find(_TCPIP))
    name = table.get("nv hostname") or table.get("hostname", "")
    domain = table.get("nv domain") or table.get("domain", "")
    full = f"{name}.{domain}" if name and domain else ""
    found = (host or "", _texts(current.find(_COMPUTER)).get("computername", ""), name, full)
    names = tuple(dict.fromkeys(text for text in found if text))
    return Identity(names=names, place=place_of(path), platform=Platform.WINDOWS)


def installed(root: Key, host: str | None, path: str) -> Identity | None:
    """Read the machine GUID of a SOFTWARE hive; None where it has none."""
    guid = _texts(root.find(_CRYPTOGRAPHY)).get("machineguid", "")
    if not guid:
        return None
    names = (host,) if host else ()
    return Identity(names=names, marks=(f"machine_guid:{guid}",), place=place_of(path), platform=Platform.WINDOWS)


def leases(current: Key, host: str, newest: Instant | None) -> Iterator[Lease]:
    """Read the addresses of every interface: the last lease of each, and static ones."""
    folder = current.find(f"{_TCPIP}\\Interfaces")
    for key in folder.subkeys() if folder else ():
        table = _texts(key)
        start, end = epoch(table.get("leaseobtainedtime", "")), epoch(table.get("leaseterminatestime", ""))
        address = table.get("dhcpipaddress", "")
        if _is_own(address) and start is not None and end is not None and start <= end:
            yield Lease(address=address, host=host, span=Span(start, end))
        if table.get("enabledhcp") == "0" and key.written is not None and newest is not None:
            for static in table.get("ipaddress", "").split("\n"):
                if _is_own(static) and key.written <= newest:
                    yield Lease(address=static, host=host, span=Span(key.written, newest))


def _is_own(text: str) -> bool:
    return is_address(text) and text != "0.0.0.0" and not text.startswith(("127.", "169.254."))


def _texts(key: Key | None) -> dict[str, str]:
    return {name: value.text.strip() for name, value in key.table().items()} if key else {}
