"""The typed values of one Windows event: most by their names, some that hold several things at once taken apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.fields import is_address, kind_of
from nachsorge.evidence.windows.sources import BITS, DEFENDER, SECURITY, SERVICES, SYSMON, TASKS
from nachsorge.model.evidence import Value
from nachsorge.model.words import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_KINDS: dict[str, dict[str, Kind]] = {
    SYSMON: {"Signature": Kind.CERTIFICATE, "NewName": Kind.REGISTRY, "Hash": Kind.HASH},
    SECURITY: {"Application": Kind.PATH},
    DEFENDER: {"Process Name": Kind.PATH},
    BITS: {"LocalName": Kind.PATH, "processPath": Kind.PATH},
    TASKS: {"ActionName": Kind.PATH, "Path": Kind.PATH},
}
_DEFENDER_PART = re.compile(r"(?P<scheme>[a-z]+):_(?P<rest>.*)", re.DOTALL)
_DEFENDER_KINDS = {"file": Kind.PATH, "containerfile": Kind.PATH, "webfile": Kind.PATH, "regkey": Kind.REGISTRY}
_DNS_TYPE = re.compile(r"type:\s*\d+\s*")
_NO_TEXT = ("", "-", "(NULL)")


def values_of(pairs: Iterable[tuple[str, str]], provider: str, number: int) -> tuple[Value, ...]:
    """Type every non-empty field of an event. Nothing is left out: what no rule explains is TEXT."""
    return tuple(
        value for name, text in pairs if text not in _NO_TEXT for value in _typed(name, text, provider.lower(), number)
    )


def _typed(name: str, text: str, provider: str, number: int) -> Iterator[Value]:
    match name.lower():
        case "queryresults":
            yield from _answers(name, text)
        case "path" if provider == DEFENDER:
            yield from _threat_paths(name, text)
        case "objectname" if provider == SECURITY:
            yield Value(Kind.REGISTRY if number == 4657 else Kind.PATH, name, text)
        case "imagepath" | "servicefilename" if provider in (SERVICES, SECURITY):
            # A command line holds a path among words: as PATH it is met whole, as TEXT within.
            yield Value(Kind.PATH, name, text.strip('"'))
            yield Value(Kind.TEXT, name, text)
        case _:
            yield Value(_KINDS.get(provider, {}).get(name) or kind_of(name, text), name, text)


def _answers(name: str, text: str) -> Iterator[Value]:
    """Take `type:  5 host.example;::ffff:192.0.2.1;` apart: names, and addresses without their IPv6 mapping."""
    for part in text.split(";"):
        answer = _DNS_TYPE.sub("", part).strip()
        answer = answer.removeprefix("::ffff:") if is_address(answer.removeprefix("::ffff:")) else answer
        if answer not in _NO_TEXT:
            yield Value(Kind.ADDRESS if is_address(answer) else Kind.HOST, name, answer)


def _threat_paths(name: str, text: str) -> Iterator[Value]:
    r"""Take `file:_C:\a.zip; containerfile:_C:\b->c; webfile:_C:\d|https://..|pid:..` apart."""
    for part in text.split("; "):
        found = _DEFENDER_PART.match(part.strip())
        if not found:
            yield Value(kind_of(name, part), name, part)
            continue
        first, *more = found["rest"].split("|")
        outer, *inner = first.split("->")
        yield Value(_DEFENDER_KINDS.get(found["scheme"], Kind.TEXT), name, outer)
        yield from (Value(kind_of("", item), name, item) for item in (*inner, *more) if item)
