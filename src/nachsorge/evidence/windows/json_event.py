"""Windows events in the nested JSON spelling of evtx-rs: the library's, and that of `evtx_dump -o jsonl`.

`{"Event": {"System": {...}, "EventData": {...}}}`; attributes stand under `#attributes`, texts under `#text`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.evidence.windows.event import Head, Pairs, fast_instant

if TYPE_CHECKING:
    from nachsorge.evidence.seams import Plant

_STRING = r'"[^"\\]*"'
_ATTRIBUTES = rf'\{{"#attributes":\{{(?:{_STRING}:(?:{_STRING}|-?\d+),?)*\}}\}}'
_HEAD = re.compile(
    r'\{"Event":\{(?:"#attributes":\{[^{}]*\},)?"System":\{'
    rf'"Provider":\{{"#attributes":\{{"Name":"([^"\\]*)"(?:,{_STRING}:{_STRING})*\}}\}}'
    r',"EventID":(?:(\d+)|\{"#attributes":\{[^{}]*\},"#text":(\d+)\})'
    rf'(?:,"(?:Version|Level|Task|Opcode|Keywords)":(?:{_STRING}|\d+|null))*'
    r',"TimeCreated":\{"#attributes":\{"SystemTime":"([^"\\]*)"\}\}'
    r',"EventRecordID":(\d+)'
    rf'(?:,"(?:Correlation|Execution)":(?:null|{_ATTRIBUTES}))*'
    r',"Channel":"([^"\\]*)","Computer":"([^"\\]*)"'
)
_CLEARED = re.compile(r'"LogFileCleared":\{.*?"Channel":"([^"\\]*)"')


def head_of(text: str) -> Head | None:
    """Read the System part off the JSON text; only where it is not in the usual order is the JSON decoded.

    None where even that fails. The pattern begins at the first byte and names all that may stand between, so no event
    data can pose as System.
    """
    found = _HEAD.match(text)
    if found is None:
        tree = decoded(text)
        return None if tree is None else head_of_tree(tree)
    provider, plain, qualified, time, number, channel, computer = found.groups()
    event_id = int(plain or qualified)
    cleared = _CLEARED.search(text) if event_id == 104 else None
    return Head(
        channel=channel,
        provider=provider,
        event_id=event_id,
        computer=computer,
        number=int(number),
        stamp=fast_instant(time),
        cleared=cleared[1] if cleared else "",
    )


def decoded(text: str) -> Any:
    """Decode an event; None where it is no JSON. From damaged logs the library lets control characters through."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(text, strict=False)
    except ValueError:
        return None


def head_of_tree(tree: Any) -> Head:
    """Read the System part of a decoded event; what is missing or of another shape is empty."""
    system = _mapping(_mapping(tree, "Event"), "System")
    cleared = _mapping(_mapping(_mapping(tree, "Event"), "UserData"), "LogFileCleared")
    return Head(
        channel=_text(system.get("Channel")),
        provider=_attribute(system, "Provider", "Name") or _attribute(system, "Provider", "EventSourceName"),
        event_id=_integer(system.get("EventID")) or 0,
        computer=_text(system.get("Computer")),
        number=_integer(system.get("EventRecordID")),
        stamp=fast_instant(_attribute(system, "TimeCreated", "SystemTime")),
        cleared=_text(cleared.get("Channel")),
    )


def pairs_of_tree(tree: Any) -> tuple[Pairs, Pairs]:
    """Give the fields of System (`Execution_ProcessID`) and those of all other parts, under the data's own names."""
    event = _mapping(tree, "Event")
    system = _fields(event.get("System"), "_".join)
    data: list[tuple[str, str]] = []
    for part, body in event.items():
        if part in ("System", "#attributes"):
            continue
        found = _fields(body, _last)
        data += found if all(map(_by_its_name, found)) else [(name or part, text) for name, text in found]
    return system, data


def _last(path: tuple[str, ...]) -> str:
    return path[-1] if path else ""


_Naming = Callable[[tuple[str, ...]], str]


_by_its_name = itemgetter(0)


def _fields(tree: Any, naming: _Naming) -> list[tuple[str, str]]:
    """Walk what nearly all events are, texts and attributes, without a call for each; the rest with patience."""
    if not isinstance(tree, dict):
        return list(_slowly(tree, naming))
    found: list[tuple[str, str]] = []
    add = found.append
    for key, value in tree.items():
        kind = type(value)
        if kind is str and key[:1] not in "x#":
            add((key, value))
        elif value is None:
            continue
        elif kind is dict and len(value) == 1 and type(value.get("#attributes")) is dict:
            for inner, text in value["#attributes"].items():
                kind = type(text)
                if (kind is str or kind is int) and inner[:1] not in "x#":
                    add((_name(naming, key, inner), text if kind is str else str(text)))
                elif text is not None:
                    found += _slowly({key: {inner: text}}, naming)
        elif kind is int and key[:1] not in "x#":
            add((key, str(value)))
        else:
            found += _slowly({key: value}, naming)
    return found


@lru_cache(maxsize=1024)
def _name(naming: _Naming, key: str, inner: str) -> str:
    # One and the same text for one name: its hash is known, and it is compared by identity.
    return naming((key, inner))


def _slowly(tree: Any, naming: _Naming) -> Iterator[tuple[str, str]]:
    return ((naming(path), text) for path, text in _leaves(tree))


def control_tree(plant: Plant) -> dict[str, Any]:
    """Make one Sysmon DNS query that holds the planted values, for positive controls."""
    system = {
        "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon"}},
        "EventID": 22,
        "TimeCreated": {"#attributes": {"SystemTime": "2023-03-29T00:00:00.000000Z"}},
        "EventRecordID": 1,
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "Computer": "positive-control",
    }
    data = {"QueryName": plant.host, "QueryResults": f"{plant.address};", "Image": plant.path}
    return {"Event": {"System": system, "EventData": data}}


def _leaves(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    match tree:
        case dict():
            for key, value in tree.items():
                if not key.startswith("xmlns"):
                    yield from _leaves(value, path if key in ("#attributes", "#text") else (*path, key))
        case list():
            for value in tree:
                yield from _leaves(value, path)
        case None:
            return
        case bool():
            yield path, "true" if tree else "false"
        case _:
            yield path, str(tree)


def _mapping(tree: Any, key: str) -> dict[str, Any]:
    value = tree.get(key) if isinstance(tree, dict) else None
    return value if isinstance(value, dict) else {}


def _attribute(system: dict[str, Any], element: str, name: str) -> str:
    # Some writers (evtx_dump --separate-json-attributes) set the attributes beside the element.
    beside = _mapping(system, f"{element}_attributes")
    return _text(_mapping(_mapping(system, element), "#attributes").get(name) or beside.get(name))


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("#text")
    return "" if value is None else str(value)


def _integer(value: Any) -> int | None:
    text = _text(value)
    return int(text) if text.isascii() and text.isdigit() else None
