"""Whose a collection is: by what lies in it, and by its own name only where nothing else says.

Asked in this order: the registry and the newest event log of a Windows host, `/etc/hostname`, the preferences of a Mac;
then what the collector wrote down (`client_info.json`, `hostname.txt`, `uac.log`, the machine that KAPE ran on); last
the archive's or folder's name. Files of the host come first, because an image may have been read on an examiner's
machine, and then the collector wrote down that machine's name.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from nachsorge.evidence.collections.cylr import CyLR
from nachsorge.evidence.collections.kape import LOG as KAPE_LOG
from nachsorge.evidence.collections.kape_logs import read_logs
from nachsorge.evidence.collections.layout import below, text_of
from nachsorge.evidence.collections.orc import LIST as ORC_LIST
from nachsorge.evidence.collections.orc import computer
from nachsorge.evidence.collections.uac import LOG as UAC_LOG
from nachsorge.evidence.collections.uac import fields
from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import ReadError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nachsorge.evidence.seams import Root
    from nachsorge.evidence.trees import Entry

_CALLED = (
    re.compile(r"uac-(?P<name>.+)-(?:aix|esxi|freebsd|linux|macos|netbsd|netscaler|openbsd|solaris)-\d{14}"),
    re.compile(r"Collection-(?P<name>.+)-\d{4}-\d\d-\d\d[T_]\d\d"),
    re.compile(r"(?P<name>.+)-C\.[0-9a-fA-F]{8,}"),
    re.compile(r"\d{4}-\d\d-\d\dT[\d_]+_(?P<name>[^_].*?)(?:\.(?:zip|vhdx|tar|gz))*$"),
)
_HOSTNAME = re.compile(r"(?:^|/)live_response/(?:.*/)?hostname[^/]*\.txt$")
_DEEP = 4


def written_down(root: Root, entries: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """Give the names that the collector wrote down, each with the file where it stands."""
    own = [entry for entry in entries if root.holds(entry.path)]
    for entry in own:
        if name := _stated(entry, below(entry.path, root.prefix)):
            yield name, last_part(entry.path)
    if logs := [entry for entry in own if KAPE_LOG.search(entry.path) and "console" in entry.path.lower()]:
        machine = read_logs(logs, Ledger()).machine
        if machine:
            yield machine, last_part(logs[0].path)


def _stated(entry: Entry, path: str) -> str:
    """Give the host's name that one file of a collector's own states; empty for all others."""
    name = last_part(path)
    if name == "client_info.json" or "Generic.Client.Info/BasicInformation" in unquote(name):
        return _client(_text(entry))
    if _HOSTNAME.search(path):
        return next(iter(_text(entry).split()), "")
    if name.lower() == ORC_LIST:
        return computer(entry)
    return fields(_text(entry)).get("hostname", "") if name == UAC_LOG else ""


def called(root: Root, label: str) -> str:
    """Give the host's name that a collector put into the names of the folder, else of the archive; empty if none."""
    for text in (last_part(root.prefix), *reversed(re.split(r"[!/\\]", label))):
        for pattern in _CALLED:
            if text and (found := pattern.match(text)):
                return found["name"]
    # Unless it is told another one, CyLR takes the machine's name for the archive's.
    archive = last_part(label)
    return archive[:-4] if root.collector == CyLR.name and archive.lower().endswith(".zip") else ""


def _text(entry: Entry) -> str:
    try:
        return text_of(entry)
    except (ReadError, OSError, EOFError):
        return ""  # whoever arranges the collection makes the gap


def _client(text: str) -> str:
    """Find a host's name in what Velociraptor says of a client: the full one where it goes on from the short one."""
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        first = text.lstrip().partition("\n")[0]
        try:
            tree = json.loads(first)
        except (ValueError, RecursionError):
            return ""
    found: dict[str, str] = {}
    _collect(tree, found, _DEEP)
    name, full = found.get("hostname", ""), found.get("fqdn", "")
    return full if full.lower().partition(".")[0] == name.lower() or not name else name


def _collect(tree: object, found: dict[str, str], depth: int) -> None:
    if not isinstance(tree, dict) or not depth:
        return
    for key, value in tree.items():
        if isinstance(value, str) and key.lower() in ("hostname", "fqdn") and value.strip():
            found.setdefault(key.lower(), value.strip())
        else:
            _collect(value, found, depth - 1)
