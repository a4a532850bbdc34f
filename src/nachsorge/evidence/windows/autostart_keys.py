r"""What starts by itself, as the registry has it: Run keys, logon programs, debuggers, services, scheduled tasks.

Each record proves that the entry stands there, since the key's last change at the latest. None proves that it ran.
Their absence clears nothing: much else starts by itself (Startup folders, WMI, COM objects), and entries can be
removed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.windows.hive import Hive, Key

_CURRENT = r"Microsoft\Windows\CurrentVersion"
_RUN = tuple(
    f"{node}{_CURRENT}\\{name}"
    for node in ("", "Wow6432Node\\")
    for name in ("Run", "RunOnce", "RunOnceEx", "RunServices", "RunServicesOnce", r"Policies\Explorer\Run")
)
_LOGON = r"Microsoft\Windows NT\CurrentVersion\Winlogon"
_DEBUGGERS = r"Microsoft\Windows NT\CurrentVersion\Image File Execution Options"
_TASKS = r"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tasks"
_SERVICE = ("imagepath", "servicedll", "displayname", "objectname", "start", "type")
_TASK = ("path", "uri", "author", "date")
_WIDE = re.compile(rb"(?:[\x20-\x7e]\x00|[\xa0-\xff]\x00|[^\x00][\x01-\x30]){2,}")


def autostarts(top: Key, hive_name: str) -> Iterator[tuple[Key, Record]]:
    """Give what starts by itself below a `Software` key."""
    for place in _RUN:
        if (key := top.find(place)) is not None:
            yield from _entries(key, hive_name)
            # RunOnceEx holds its commands in sections, which are keys of their own.
            for section in key.subkeys():
                yield from _entries(section, hive_name)
    if (key := top.find(_LOGON)) is not None:
        wanted = ("shell", "userinit", "taskman")
        yield from ((key, _entry(key, hive_name, v.name, v.text)) for v in key.values() if v.name.lower() in wanted)
    for key in _below(top.find(_DEBUGGERS)):
        if (value := key.table().get("debugger")) is not None:
            yield key, _entry(key, hive_name, value.name, value.text)
    for key in _below(top.find(_TASKS)):
        yield key, _task(key, hive_name)


def services(control_set: Key, hive_name: str) -> Iterator[tuple[Key, Record]]:
    """Give the services and drivers of a control set; those without a program (groups, settings) are left out."""
    for key in _below(control_set.find("Services")):
        table = {name: value.text for name, value in key.table().items()}
        if (parameters := key.find("Parameters")) is not None and (dll := parameters.table().get("servicedll")):
            table["servicedll"] = dll.text
        if "imagepath" in table or "servicedll" in table:
            yield key, _record(key, hive_name, {name: table[name] for name in _SERVICE if table.get(name)})


def current_control_set(hive: Hive) -> Key | None:
    """Give the control set that `Select` names, else the first there is."""
    select = hive.root.find("Select")
    value = select.table().get("current") if select else None
    name = f"ControlSet{value.number:03d}" if value is not None else "ControlSet001"
    return hive.root.find(name) or next((k for k in hive.root.subkeys() if k.name.lower().startswith("controls")), None)


def _below(key: Key | None) -> Iterator[Key]:
    if key is not None:
        yield from key.subkeys()


def _entries(key: Key, hive_name: str) -> Iterator[tuple[Key, Record]]:
    yield from ((key, _entry(key, hive_name, v.name, v.text)) for v in key.values() if v.text)


def _entry(key: Key, hive_name: str, name: str, text: str) -> Record:
    return _record(key, hive_name, {"command": text}, name)


def _task(key: Key, hive_name: str) -> Record:
    """Take a task's path and the readable strings of its actions, which are stored in an undocumented form."""
    table = key.table()
    event = {name: table[name].text for name in _TASK if name in table and table[name].text}
    if "actions" in table:
        strings = [found.decode("utf-16-le", "replace") for found in _WIDE.findall(table["actions"].data)]
        event["actions"] = "\n".join(strings)
    return _record(key, hive_name, {name: text for name, text in event.items() if text})


def _record(key: Key, hive_name: str, texts: dict[str, str], value_name: str = "") -> Record:
    path = f"{hive_name}\\{key.path}" + (f"\\{value_name}" if value_name else "")
    values = [Value(Kind.REGISTRY, "key", path)]
    for name, text in texts.items():
        # A command line holds a path among words: as PATH it is met whole, as TEXT within.
        values += [Value(Kind.PATH, name, text)] if name in ("imagepath", "servicedll", "command") else []
        values += [Value(Kind.TEXT, name, text)] if name not in ("start", "type") else []
    return Record(
        telemetry=Telemetry.PERSISTENCE,
        locator=path,
        time=key.written,
        values=tuple(values),
        event={"key": path, **texts},
        product="windows",
    )
