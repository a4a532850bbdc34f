"""Whether a log of traffic says what was let through, and with whom: looked for in its bytes as they pass by.

A proxy may be set to log what it denies, a server what failed, an exporter to leave a column empty. Such a log is
silent about the very requests that do harm, however many lines it has. One line that was let through and names the
other side shows that the log has such lines; nothing is looked at behind the first of them, so that it costs nothing.
Sources: Squid, `access_log ... [acl]`; IIS, `selectiveLogging="LogError"`; nginx, `access_log ... if=`; Apache,
`CustomLog ... env=`.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, cast

from nachsorge.evidence.blocks import LONGEST_LINE, read_into
from nachsorge.evidence.lines import read_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.line_format import LineFormat
    from nachsorge.evidence.seams import Opened, Sieve
    from nachsorge.model.evidence import Record
    from nachsorge.model.words import Telemetry

_FIRST = 16 * 1024
"""So many bytes are looked at first."""


class Telling(Protocol):
    """What a format has to say of its lines; `directive` is as in `LineFormat`, and `direct` is told those lines."""

    directive: bytes

    def direct(self, line: bytes) -> None:
        """Take a directive line."""

    def shows(self, lines: bytes) -> bool:
        """Tell whether one of some whole lines is of traffic that was let through, and names the other side."""

    def lacks(self) -> Sequence[str]:
        """Name the columns that were empty in every line asked about; none where lines were of refused traffic."""


def read_telling(
    source: Opened, form: LineFormat, telling: Telling, telemetry: Sequence[Telemetry], sieve: Sieve, ledger: Ledger
) -> Iterator[Record]:
    """Drive a line format as `read_lines` does; where no line tells, its records of these kinds cover nothing.

    `telling` may not be `form` itself: it is ahead of it.
    """
    for directive in source.header:
        telling.direct(directive)
    watch = _Watch(telling)
    try:
        yield from read_lines(replace(source, lines=watch.over(source.lines or source.open)), form, sieve, ledger)
    finally:
        if not watch.ends():
            for kind in telemetry:
                ledger.one_sided(kind, ledger.counted(kind), ", ".join(telling.lacks()))


@dataclass(slots=True)
class _Watch:
    """Looks at the bytes of a stream until a line tells; `ends` looks at a last line without an end as well."""

    telling: Telling
    told: bool = False
    rest: bytes = b""

    def over(self, opener: Callable[[], BinaryIO]) -> Callable[[], BinaryIO]:
        return lambda: cast("BinaryIO", _Watched(opener(), self))

    def look(self, data: bytes) -> None:
        body = self.rest + data
        cut = body.rfind(b"\n") + 1
        self.rest = body[cut:] if len(body) - cut <= LONGEST_LINE else b""
        self._ask(body[:cut])

    def ends(self) -> bool:
        if not self.told and self.rest.strip():
            self._ask(self.rest)
        return self.told

    def _ask(self, lines: bytes) -> None:
        directive = self.telling.directive
        if not directive:
            self.told = bool(lines) and self.telling.shows(lines)
            return
        at = 0
        while at < len(lines):
            end = lines.find(b"\n", at) + 1 or len(lines)
            line, at = lines[at:end].removesuffix(b"\n"), end
            if line.startswith(directive):
                self.telling.direct(line.strip())
            elif line.strip() and self.telling.shows(line):
                self.told = True
                return


class _Watched(io.RawIOBase):
    """A stream whose bytes are looked at as long as nothing was told."""

    def __init__(self, stream: BinaryIO, watch: _Watch) -> None:
        self._stream, self._watch = stream, watch

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        data = self._stream.read(-1 if size is None else size)
        self._look(data)
        return data

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer)
        size = read_into(self._stream, view)
        self._look(view[:size])
        return size

    def _look(self, data: bytes | memoryview) -> None:
        # The first lines tell of nearly every log.
        at, step = 0, _FIRST
        while at < len(data) and not self._watch.told:
            self._watch.look(bytes(data[at : at + step]))
            at, step = at + step, 4 * step

    def close(self) -> None:
        self._stream.close()
        super().close()
