"""Whether a log of traffic says what was let through, and with whom: looked for in its lines, for each kind of traffic.

A proxy may be set to log what it denies, a server what failed, an exporter to leave a column empty. Such a log is
silent about the very requests that do harm, however many lines it has. One line that was let through and names the
other side shows that the log has such lines, of that kind: a file may hold several logs, and that one of them is whole
says nothing of the others. Only lines are looked at that hold a kind of which no line told so far, and whether there
are such is known from the account; so it costs next to nothing.
Sources: Squid, `access_log ... [acl]`; IIS, `selectiveLogging="LogError"`; nginx, `access_log ... if=`; Apache,
`CustomLog ... env=`.
"""

from __future__ import annotations

import io
import re
from copy import copy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, cast

from nachsorge.evidence.blocks import LONGEST_LINE, read_into
from nachsorge.evidence.engine import contains
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.line_format import LineFormat
from nachsorge.evidence.lines import read_lines
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from nachsorge.evidence.seams import Opened, Sieve
    from nachsorge.model.evidence import Record

_TAIL = 4096
"""The end of a line is first looked for in so many bytes."""
_STRETCH = 64 * 1024


class Teller(LineFormat, Protocol):
    """A line format that can say what its lines show. `direct` must replace what it changes, for copies are made."""

    def tell(self, lines: bytes, told: Told) -> None:
        """Say what some whole lines show of the kinds that are `told.asked`; directives are not among them."""


@dataclass(slots=True)
class Told:
    """What the lines of one source have shown so far. `asked` are the kinds that a line is still wanted of."""

    asked: set[Telemetry] = field(default_factory=set)
    _through: set[Telemetry] = field(default_factory=set)
    _refused: set[Telemetry] = field(default_factory=set)
    _lacking: dict[Telemetry, dict[str, None]] = field(default_factory=dict)

    def through(self, kind: Telemetry) -> None:
        """Take a line of traffic that was let through and that names the other side."""
        self._through.add(kind)
        self.asked.discard(kind)

    def refused(self, kind: Telemetry) -> None:
        """Take a line of traffic that was refused, that failed or gave an alarm."""
        self._refused.add(kind)

    def lacks(self, kind: Telemetry, names: Iterable[str]) -> None:
        """Take a line that has nothing in the columns of these names, of which it needs one."""
        self._lacking.setdefault(kind, {}).update(dict.fromkeys(names))

    def ask(self, telemetry: Iterable[Telemetry]) -> None:
        """Ask for a line of each of these kinds, unless there was one."""
        self.asked = set(telemetry) - self._through

    def settle(self, telemetry: Iterable[Telemetry], ledger: Ledger) -> None:
        """Put into the account which of these kinds no line told of, and what was empty in all of its lines."""
        for kind in telemetry:
            if kind not in self._through:
                why = () if kind in self._refused else self._lacking.get(kind, ())
                ledger.one_sided(kind, ledger.counted(kind), ", ".join(why))


def read_telling(
    source: Opened, form: Teller, telemetry: Iterable[Telemetry], sieve: Sieve, ledger: Ledger
) -> Iterator[Record]:
    """Drive a line format as `read_lines` does; of these kinds, those that no line tells of cover nothing."""
    watch = _Watch(form, dict.fromkeys(telemetry, 0), ledger)
    try:
        yield from read_lines(replace(source, lines=watch.over(source.lines or source.open)), form, sieve, ledger)
    finally:
        watch.ends()


@dataclass(slots=True)
class _Watch:
    """Looks at the bytes of a stream once they are accounted for, which they are when more are asked for.

    Until then they stay where they were read to: `blocks` has two buffers, and uses the other one next.
    """

    form: Teller
    counted: dict[Telemetry, int]
    ledger: Ledger
    told: Told = field(default_factory=Told)
    before: Teller | None = None
    held: bytes | memoryview = b""
    rest: bytes = b""
    skipping: bool = False

    def over(self, opener: Callable[[], BinaryIO]) -> Callable[[], BinaryIO]:
        return lambda: cast("BinaryIO", _Watched(opener(), self))

    def wanted(self) -> None:
        """Look at what came last; more is wanted now, which `form` stands before."""
        self._look()
        if self.before is None or (self.form.directive and vars(self.before) != vars(self.form)):
            self.before = copy(self.form)

    def ends(self) -> None:
        """Look at a last line without an end as well, and put into the account what was told."""
        self._look()
        if self.rest.strip():
            self._ask(self.rest, b"")
        self.told.settle(self.counted, self.ledger)

    def _look(self) -> None:
        held, self.held = self.held, b""
        cut = _last_line(held)
        rest, self.rest = self.rest, bytes(held[cut:])
        if not cut:
            self.rest = rest + self.rest
        elif self.skipping:
            self._ask(bytes(held[:cut]).partition(b"\n")[2], b"")
        else:
            self._ask(rest, held[:cut])
        self.skipping = len(self.rest) > LONGEST_LINE or (self.skipping and not cut)
        self.rest = b"" if self.skipping else self.rest

    def _ask(self, rest: bytes, held: bytes | memoryview) -> None:
        """Ask for what was counted since the last time; the lines are what was left of the last stretch, and this."""
        now = {kind: self.ledger.counted(kind) for kind in self.counted}
        self.told.ask(kind for kind, records in now.items() if records > self.counted[kind])
        self.counted = now
        for lines in _stretches(rest, held) if self.told.asked else ():
            self._hear(lines)
            if not self.told.asked:
                return

    def _hear(self, lines: bytes) -> None:
        form = self.before
        if form is None:
            return
        if not form.directive:
            form.tell(lines, self.told)
            return
        for line in _each(lines):
            if line.startswith(form.directive):
                form.direct(line.strip())
            elif line.strip():
                form.tell(line, self.told)
            if not self.told.asked:
                return


def _stretches(rest: bytes, held: bytes | memoryview) -> Iterator[bytes]:
    """Cut whole lines into copies of some size: mostly the first one suffices."""
    parts = [rest]
    for at in range(0, len(held), _STRETCH):
        piece = bytes(held[at : at + _STRETCH])
        cut = piece.rfind(b"\n") + 1
        if cut:
            yield b"".join((*parts, piece[:cut]))
            parts = []
        parts.append(piece[cut:])
    if last := b"".join(parts):
        yield last


def lines_with_keys(lines: bytes, told: Told, keys: Mapping[Telemetry, Sequence[str]]) -> Iterator[bytes]:
    """Give JSON objects, one a line, as long as one of them may tell; `keys` are those that name the other side.

    Where none of a kind's keys stands anywhere, one search for all says so.
    """
    for kind in told.asked:
        told.lacks(kind, keys[kind])
    left = {kind for kind in told.asked if contains(_named(tuple(keys[kind])))(lines)}
    for line in _each(lines) if left else ():
        yield line
        if not left & told.asked:
            return


@lru_cache(maxsize=64)
def _named(keys: tuple[str, ...]) -> bytes:
    return b'"(?:' + b"|".join(re.escape(key.encode()) for key in keys) + b')"'


def _each(lines: bytes) -> Iterator[bytes]:
    """Give lines one by one: mostly the first few suffice."""
    at = 0
    while at < len(lines):
        end = lines.find(b"\n", at)
        end = len(lines) if end < 0 else end
        yield lines[at:end]
        at = end + 1


def _last_line(data: bytes | memoryview) -> int:
    """Give the offset behind the last end of a line; 0 where there is none."""
    size = _TAIL
    while True:
        start = max(len(data) - size, 0)
        if found := bytes(data[start:]).rfind(b"\n") + 1:
            return start + found
        if start == 0:
            return 0
        size *= 16


class _Watched(io.RawIOBase):
    """A stream of which every stretch is handed on when the next one is asked for."""

    def __init__(self, stream: BinaryIO, watch: _Watch) -> None:
        self._stream, self._watch = stream, watch

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        self._watch.wanted()
        data = self._stream.read(-1 if size is None else size)
        self._watch.held = data
        return data

    def readinto(self, buffer: Any, /) -> int:
        self._watch.wanted()
        view = memoryview(buffer)
        size = read_into(self._stream, view)
        self._watch.held = view[:size]
        return size

    def close(self) -> None:
        self._stream.close()
        super().close()
