"""The seam of the line engine: what a format that is one record a line has to say of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nachsorge.evidence.asking import Askers
    from nachsorge.evidence.shapes import Shape
    from nachsorge.model.evidence import Record
    from nachsorge.model.times import Instant
    from nachsorge.model.words import Telemetry


class LineFormat(Protocol):
    r"""One dialect of one file. A fresh one is made for each file, so it may keep what the header said.

    `directive` starts lines that describe the format (`#`); empty where there are none. `escapes` are byte runs that
    can hide plain ASCII (`\u00`): lines that hold one are always decoded, so that the sieve stays exact.
    `sensor` says that it records other machines' traffic, so that presence of addresses matters. `expects_time` says
    that a record ought to have a time, so that one without is worth a word; `timeless` that no line ever has one.

    Three short cuts, of which the kernel makes use (`survey.py`): `shape_of` gives the shape that nearly every line
    has; `every` the telemetry of all lines, if they have one; else `key` may be a JSON key, with its quotes, whose
    text `sort` turns into a line's telemetry.
    """

    directive: bytes
    escapes: tuple[bytes, ...]
    sensor: bool
    expects_time: bool
    timeless: bool
    key: bytes

    def direct(self, line: bytes) -> None:
        """Take a directive line."""

    def malformed(self, block: bytes) -> Iterable[int]:
        """Give the offsets of the first bytes of non-empty lines that have not the shape of a record."""

    def time(self, line: bytes) -> Instant | None:
        """Read a line's time, microseconds UTC; None where it has none that can be used."""

    def classes(self, segment: bytes, lines: int) -> Iterable[tuple[Telemetry, str | None, int]]:
        """Count the records of some whole lines by (telemetry, host the record names).

        The counts add up to `lines`, the number of non-empty lines, malformed ones among them.
        """

    def parse(self, line: bytes, locator: str) -> Record | None:
        """Decode one line; None where it is no record after all (it is then searched as text)."""

    def shape_of(self) -> Shape | None:
        """Give a shape that only lines have which are not malformed; None where there is none."""

    def every(self) -> Telemetry | None:
        """Give the telemetry that `classes` counts every line for, of no host; None where lines differ."""

    def sort(self, text: bytes) -> Telemetry:
        """Give the telemetry of a line with this text under `key`."""

    @property
    def asks(self) -> bool:
        """Tell whether `askers` has something to say of this file."""

    def askers(self, segment: bytes) -> Askers | None:
        """Give the clients of all records of some whole lines, as `parse` would; None where one line is in doubt."""
