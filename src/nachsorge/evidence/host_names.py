"""A host's name, from its files that state it: registry, event log, `/etc/hostname`, a Mac's preferences."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import shown
from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.plists import plist_of
from nachsorge.evidence.windows.autostart_keys import current_control_set
from nachsorge.evidence.windows.hive import Hive
from nachsorge.evidence.windows.hive_logs import header_of
from nachsorge.model.times import SECOND, Instant

if TYPE_CHECKING:
    from nachsorge.evidence.seams import Opened

_CHUNK = 65536
_FILE_HEADER = 4096
_FIRST_RECORD = 512
_FILETIME_EPOCH = 11_644_473_600 * SECOND
# An element's name in full, its hash before it and its end behind it, then a literal string of so many characters.
_COMPUTER = re.compile(b"\\x08\\x00" + "Computer".encode("utf-16-le") + rb"\x00\x00\x02\x05\x01(..)", re.DOTALL)
_NAME = re.compile(r"[\w](?:[\w.-]{0,251}[\w])?\Z")
_COMPUTER_KEY = r"Control\ComputerName\ComputerName"
_HIVE = 512 * 1024 * 1024


def linux_name(source: Opened) -> str | None:
    """Read `/etc/hostname`: its first line that is no comment (hostname(5)); `localhost` names nobody."""
    with source.open() as stream:
        text = read_whole(stream, 65536).decode("utf-8", "replace")
    lines = (line.strip() for line in text.splitlines())
    return usable(next((line for line in lines if line and not line.startswith("#")), ""))


def mac_name(source: Opened) -> str | None:
    """Read the host name, else the name in the local network, else the name people gave (SystemConfiguration)."""
    with source.open() as stream:
        tree = plist_of(stream)
    system = _within(tree, "System")
    for path in (("System", "HostName"), ("Network", "HostNames", "LocalHostName"), ("System", "ComputerName")):
        name = _within(system, *path)
        if isinstance(name, str) and (found := usable(name) or (shown(name.strip()) or None)):
            return found
    return None


def hive_name(source: Opened) -> str | None:
    """Read the computer's name from a SYSTEM hive: that of the control set in use (its logs are not replayed)."""
    with source.open() as stream:
        data = read_whole(stream, _HIVE)
    if header_of(data) is None:
        return None
    current = current_control_set(Hive(data))
    key = current.find(_COMPUTER_KEY) if current is not None else None
    value = key.table().get("computername") if key is not None else None
    return usable(value.text) if value is not None else None


def evtx_name(source: Opened) -> tuple[Instant, str] | None:
    """Read the time and the Computer of the first record in the newest whole chunk of a Windows event log.

    Not of the file's first record: that one often carries the name from before the host was set up. The name is
    taken from the bytes of the chunk's first template, where it stands in full; the event log library is not asked,
    because damaged chunks can keep it busy for ever.
    """
    with source.open() as stream:
        header = stream.read(_FILE_HEADER)
        if len(header) < _FILE_HEADER or not header.startswith(b"ElfFile\0"):
            return None
        stated = int(struct.unpack("<Q", header[16:24])[0])
        whole = (stream.seek(0, 2) - _FILE_HEADER) // _CHUNK
        stream.seek(_FILE_HEADER + max(min(stated, whole - 1), 0) * _CHUNK)
        chunk = stream.read(_CHUNK)
    found = _COMPUTER.search(chunk) if chunk.startswith(b"ElfChnk\0") else None
    if found is None or len(chunk) < _CHUNK:
        return None
    size = 2 * int.from_bytes(found[1], "little")
    name = usable(chunk[found.end() : found.end() + size].decode("utf-16-le", "replace"))
    time = int.from_bytes(chunk[_FIRST_RECORD + 16 : _FIRST_RECORD + 24], "little") // 10 - _FILETIME_EPOCH
    return (time, name) if name else None


def _within(tree: object, *path: str) -> object:
    for key in path:
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree


def usable(name: str) -> str | None:
    """Give a name as it can be a host's; None for what is none, or nobody's (`localhost`)."""
    name = name.strip()
    return name if _NAME.match(name) and not name.lower().startswith("localhost") else None
