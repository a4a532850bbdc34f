r"""Programs that ran, as the registry remembers them: UserAssist, the background activity moderator (BAM), ShimCache.

What each can prove, and none of them clears (entries are few, overwritten, and written late or never):

- UserAssist: this user started the program from the desktop, and when last. The count is not always kept.
- BAM (Windows 10 1709 and later): this user's account ran the program, and when last, within about a week.
- ShimCache: Windows looked at the file at this path; its time is the file's last change, **not** a run. Only from
  Windows 7 to 8.1 a flag says that it was run. Entries are written when Windows shuts down.

`proves` in a record's event says `execution` or `presence`.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from nachsorge.evidence.clocks import filetime
from nachsorge.evidence.windows.shimcache import entries
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import render
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.windows.hive import HiveValue, Key
    from nachsorge.model.times import Instant

_ASSIST = r"Microsoft\Windows\CurrentVersion\Explorer\UserAssist"
_BAM = (r"Services\bam\State\UserSettings", r"Services\bam\UserSettings", r"Services\dam\UserSettings")
_SHIM = (r"Control\Session Manager\AppCompatCache", r"Control\Session Manager\AppCompatibility")
_FOLDERS = {  # Microsoft, "KNOWNFOLDERID"
    "{1ac14e77-02e7-4e5d-b744-2eb1ae5198b7}": r"?:\Windows\System32",
    "{d65231b0-b2f1-4857-a4ce-a8e7c6ea7d27}": r"?:\Windows\SysWOW64",
    "{f38bf404-1d43-42f2-9305-67de0b28fc23}": r"?:\Windows",
    "{6d809377-6af0-444b-8957-a3773f02200e}": r"?:\Program Files",
    "{905e63b6-c1bf-494e-b29c-65b732d3d21a}": r"?:\Program Files",
    "{7c5a40ef-a0fb-4bfc-874a-c0f2e0b9fa8e}": r"?:\Program Files (x86)",
}
_NEW, _OLD = 68, 16


def assists(top: Key, hive_name: str) -> Iterator[tuple[Key, Record]]:
    """Give the programs of UserAssist below a user's `Software` key. Their names are stored in ROT13."""
    folder = top.find(_ASSIST)
    for key in (below.find("Count") for below in folder.subkeys()) if folder else ():
        for value in key.values() if key else ():
            name = codecs.encode(value.name, "rot13")
            if key is not None and "\\" in name:
                yield key, _assist(key, hive_name, value, name)


def _assist(key: Key, hive_name: str, value: HiveValue, name: str) -> Record:
    data, time, runs = value.data, None, 0
    if len(data) >= _NEW:
        time, runs = filetime(int.from_bytes(data[60:68], "little")), int.from_bytes(data[4:8], "little")
    elif len(data) >= _OLD:
        # Windows XP counts from five on.
        time, runs = filetime(int.from_bytes(data[8:16], "little")), max(0, int.from_bytes(data[4:8], "little") - 5)
    text = name.partition(":")[2] if name.startswith("UEME_") else name
    guid, slash, rest = text.partition("\\")
    path = _FOLDERS[guid.lower()] + slash + rest if guid.lower() in _FOLDERS else text
    return _record(key, hive_name, path, time, {"artefact": "UserAssist", "runs": str(runs), "name": name})


def moderated(control_set: Key, hive_name: str) -> Iterator[tuple[Key, Record]]:
    """Give the programs that the background (or desktop) activity moderator knows, by account."""
    for place in _BAM:
        folder = control_set.find(place)
        for key in folder.subkeys() if folder else ():
            for value in key.values():
                if "\\" in value.name and len(value.data) >= 8:
                    time = filetime(int.from_bytes(value.data[:8], "little"))
                    yield key, _record(key, hive_name, value.name, time, {"artefact": "BAM", "account": key.name})


def shims(control_set: Key, hive_name: str, ledger: Ledger) -> Iterator[tuple[Key, Record]]:
    """Give the entries of the compatibility cache."""
    for place in _SHIM:
        key = control_set.find(place)
        value = key.table().get("appcompatcache") if key else None
        if key is None or value is None:
            continue
        for entry in entries(value.data, ledger):
            more = {"artefact": "ShimCache", "position": str(entry.position)}
            if entry.modified is not None:
                more["file_modified"] = render(entry.modified)
            more["proves"] = "execution" if entry.executed else "presence"
            yield key, _record(key, hive_name, entry.path, None, more)


def _record(key: Key, hive_name: str, path: str, time: Instant | None, more: dict[str, str]) -> Record:
    where = f"{hive_name}\\{key.path}"
    event = {"proves": "execution", "path": path, "key": where, **more}
    return Record(
        telemetry=Telemetry.PROGRAM_EXECUTION,
        locator=f"{where} {path}",
        time=time,
        values=(Value(Kind.PATH, "path", path), Value(Kind.REGISTRY, "key", where)),
        event=event,
        product="windows",
    )
