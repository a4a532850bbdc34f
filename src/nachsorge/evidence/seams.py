"""The seams of this room: what a reader gets, and what it has to give.

A reader yields records and reports to a `Ledger` what it passed over. It may raise only `ReadError` (and `OSError`,
`EOFError` from the stream below it); `read.py` turns those into a gap and keeps everything that came before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from nachsorge.model.times import Instant
from nachsorge.model.words import Platform, Reason, Telemetry

if TYPE_CHECKING:
    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record

HEAD = 64 * 1024
"""How many bytes a reader may look at to recognise a format."""


class ReadError(Exception):
    """A source cannot be read further: the reason from the closed list, and a note for people."""

    def __init__(self, reason: Reason, note: str) -> None:
        """Keep both."""
        super().__init__(note)
        self.reason = reason
        self.note = note


class Sieve(Protocol):
    """What every possible sighting must contain, compiled. Dropping what it does not admit hides nothing."""

    @property
    def everything(self) -> bool:
        """Tell whether nothing may be dropped (a test has no literal, or `--no-sieve`)."""

    def ends(self, block: bytes | memoryview) -> list[int]:
        """Give the end offsets of literals in the block; sorted, may repeat."""

    def admits(self, raw: bytes) -> bool:
        """Tell whether one raw record may hold a sighting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """The recognised root of a host's file system: whose it is, and where it lies in the evidence.

    Where a collector made it, `collector` is its name, and `parts` are the files and folders directly below `prefix`
    that are the collector's (`evidence.collections`); empty parts mean all. `note` says where the host's name is from,
    where that is not certain.
    """

    platform: Platform
    prefix: str
    host: str | None = None
    collector: str = ""
    parts: frozenset[str] = frozenset()
    note: str = ""

    def holds(self, path: str) -> bool:
        """Tell whether a path of the evidence lies in it."""
        if self.prefix and not path.startswith(self.prefix + "/"):
            return False
        inside = path[len(self.prefix) + 1 :] if self.prefix else path
        return not self.parts or inside.partition("/")[0] in self.parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One piece of evidence, ready to be read from its first byte, whatever it is wrapped in.

    `path` is shown to people (`logs.zip!dns.log`), `name` is the last part of it. `open` gives a fresh, buffered
    stream of the unwrapped bytes. `local` is set only where the bytes lie plainly in a file. `modified` is the file's
    own time, where there is one. `host` and `platform` come from what encloses it (a root, `--asset`).
    `addresses` are those whose presence is to be noted in network logs.
    `beside` is the only host in the archive that holds it, where nothing says whose it is (`evidence.beside`).
    `near` gives another file of the same tree by its path relative to this one's folder, whatever its case; None where
    nothing of the kind can be asked.
    `ahead` gives the same bytes as `open` to a reader that has to look at them before it reads; that is no reading, so
    no digest is taken of it.
    `lines` is set where only some of a file's lines are to be read: it gives a stream of them. `open` still gives the
    file from its first byte, and `header` holds the directives that stand before those lines.
    """

    path: str
    name: str
    open: Callable[[], BinaryIO]
    size: int = -1
    local: Path | None = None
    modified: Instant | None = None
    host: str | None = None
    platform: Platform | None = None
    addresses: frozenset[str] = frozenset()
    near: Callable[[str], Opened | None] | None = None
    lines: Callable[[], BinaryIO] | None = None
    ahead: Callable[[], BinaryIO] | None = None
    beside: str | None = None
    header: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Plant:
    """Reserved values for the positive control; a reader puts those into a record that its format can hold."""

    host: str
    address: str
    sha256: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tells:
    """What a format's records prove, what their absence may rule out, and what they never tell; a sentence each.

    For people: docs/reference/readers.md is made of it. Markdown, no full stop at the end. `covers` is the telemetry of
    which the reader ever reports that it was really recorded; without any it rules out "nothing" (TEXT never counts).
    """

    proves: str
    rules_out: str
    not_told: str
    covers: tuple[Telemetry, ...] = ()


class Reader(Protocol):
    """One format. `name` is the file's name, the registry's name and the docs' row.

    A reader of text may say so with `text = True`: it is then not asked about bytes that no text has
    (`identify.is_binary`).
    """

    @property
    def name(self) -> str:
        """The name everywhere."""

    @property
    def telemetry(self) -> tuple[Telemetry, ...]:
        """What its records can be."""

    @property
    def tells(self) -> Tells:
        """What they prove, can rule out and never tell; only the docs ask, so a reader from elsewhere works without."""

    def accepts(self, head: bytes, name: str) -> int:
        """Say how sure it is that this is its format, 0 (no) to 100; by content, the name only breaks ties."""

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the records that the sieve admits, in order, and account for all in the ledger."""

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a small file of this very dialect with one record that holds a planted value.

        None where no record of this file can hold any of them.
        """
