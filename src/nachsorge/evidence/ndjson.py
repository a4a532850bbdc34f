r"""What formats share that are one JSON object a line (NDJSON).

A format subclasses `JsonLines`, names the keys its time may stand under, and turns an object into a record:

    class MyLog(JsonLines):
        telemetry = Telemetry.DNS_QUERY
        time_keys = ("ts", "@timestamp")

        def record(self, tree: dict[str, Any], time: Instant | None, locator: str) -> Record:
            pairs = list(flatten(tree))
            return Record(
                telemetry=self.telemetry, locator=locator, time=time, values=typed_pairs(pairs), event=joined(pairs)
            )

and is driven by `read_lines(source, MyLog(), sieve, ledger)`. A line that does not run from `{` to `}` is counted
as unreadable and searched as text; one that does and is no JSON after all is searched as text. Formats that hold
several telemetries override `classes`. JSON may write any ASCII character as `\u00NN`, which a literal in the sieve
cannot know: such lines are always decoded. (`\/` and `\\` are no matter: a literal is one word.)
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.evidence.engine import contains, hyperscan
from nachsorge.evidence.fields import kind_of
from nachsorge.evidence.lines import Plain
from nachsorge.evidence.shapes import Objects
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import EARLIEST_PLAUSIBLE, SECOND, Instant, parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nachsorge.evidence.shapes import Shape
    from nachsorge.model.words import Kind

_MARGIN = b"\xef\xbb\xbf \t\r"
_OBJECTS = Objects()
_NUMBER = re.compile(r"(\d{1,19})(?:\.(\d+))?\Z")


class JsonLines(Plain):
    """One object a line; see the module's text for how to use it."""

    escapes: tuple[bytes, ...] = (rb"\u00",)
    time_keys: tuple[str, ...] = ()

    def malformed(self, block: bytes) -> Iterable[int]:
        """Find lines that do not run from `{` to `}`; usually one search over the block suffices."""
        if block.startswith(b"{") and block.endswith(b"}\n") and not _torn(block):
            return
        at = 0
        for line in block.split(b"\n"):
            body = line.strip(_MARGIN)
            if body and not (body.startswith(b"{") and body.endswith(b"}")):
                yield at
            at += len(line) + 1

    def shape_of(self) -> Shape | None:
        """Give braces."""
        return _OBJECTS

    def time(self, line: bytes) -> Instant | None:
        """Read the first of the time keys that the line has, wherever it stands in it."""
        found = key_pattern(self.time_keys).search(line)
        return instant_of((found[1] or found[2]).decode("latin-1")) if found else None

    def parse(self, line: bytes, locator: str) -> Record | None:
        """Decode the line and hand the object on."""
        try:
            tree = decode_object(line)
            return None if tree is None else self.record(tree, self.time(line), locator)
        except RecursionError:  # nested deeper than we can walk: searched as text
            return None

    def record(self, tree: dict[str, Any], time: Instant | None, locator: str) -> Record | None:
        """Make the record; None where the object is not of this format. Subclasses must say how."""
        raise NotImplementedError


def _torn(block: bytes) -> bool:
    """Tell whether an end of a line, but the last, stands anywhere else than between `}` and `{`."""
    if hyperscan is None:
        return block.count(b"}\n{") != block.count(b"\n") - 1
    return contains(rb"\n[^{]", rb"[^}]\n")(block)


@lru_cache(maxsize=64)
def key_pattern(keys: tuple[str, ...]) -> re.Pattern[bytes]:
    r"""Match one of the keys with its scalar: text in group 1, else a number in group 2.

    A key inside a string is written `\"key\"`, which the pattern does not match.
    """
    names = b"|".join(re.escape(key.encode()) for key in keys)
    return re.compile(rb'"(?:' + names + rb')"\s*:\s*(?:"([^"\\]+)"|([0-9.]+))')


def instant_of(text: str) -> Instant | None:
    """Read ISO 8601 or a number since 1970: seconds, milli-, micro- or nanoseconds, told apart by their size.

    None where it is neither, or lies before any clock that was set.
    """
    number = _NUMBER.match(text)
    try:
        instant = _since_1970(number[1], number[2] or "") if number else parse_instant(text)
    except ValueError:
        return None
    return instant if instant >= EARLIEST_PLAUSIBLE else None


def _since_1970(whole: str, fraction: str) -> Instant:
    # 11 digits of seconds would be the year 5138: longer numbers count finer units.
    if len(whole) <= 11:
        return int(whole) * SECOND + int(fraction.ljust(6, "0")[:6])
    if len(whole) <= 14:
        return int(whole) * 1000 + int(fraction.ljust(3, "0")[:3])
    return int(whole) if len(whole) <= 17 else int(whole) // 1000


def decode_object(raw: bytes) -> dict[str, Any] | None:
    """Decode one JSON object; None where it is none.

    What orjson refuses although loggers write it (bytes that are not UTF-8, raw control characters, NaN, half surrogate
    pairs) is tried once more, leniently.
    """
    raw = raw.strip(_MARGIN + b"\n")
    try:
        tree = orjson.loads(raw)
    except orjson.JSONDecodeError:
        tree = _decode_leniently(raw)
    return tree if isinstance(tree, dict) else None


def _decode_leniently(raw: bytes) -> Any:
    try:
        tree = json.loads(lenient(raw), strict=False, parse_constant=str)
        # Once more through bytes, because half a surrogate pair could not be written anywhere later.
        return orjson.loads(json.dumps(tree, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def typed_pairs(pairs: Iterable[tuple[str, str]], kinds: Mapping[str, Kind] | None = None) -> tuple[Value, ...]:
    """Type flattened fields, every item of a list for itself; `kinds` overrules the common names, by exact name."""
    kinds = kinds or {}
    return tuple(
        Value(kinds.get(name) or kind_of(name, text), name, text) for name, text in pairs if text not in ("", "-")
    )


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Make the flat event; repeated names are joined by a line break, which no value test crosses."""
    event: dict[str, str] = {}
    for name, text in pairs:
        event[name] = f"{event[name]}\n{text}" if name in event else text
    return event
