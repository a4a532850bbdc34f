"""What is tried: every reader, every container, disk images, collections and importers, asked as the line asks them."""

from __future__ import annotations

import io
import json
import os
import tempfile
import traceback
import zlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from tests.evidence.collections.test_damage import MADE
from tests.evidence.collections.tree import entries
from tests.evidence_kit import Everything, Literals, opened
from tests.fuzz.damage import damaged
from tests.fuzz.made import WRAPPED
from tests.fuzz.seeds import Seed, constants, harvested, of_reader

from nachsorge.evidence.collections import arranged
from nachsorge.evidence.containers import CONTAINERS, Container, Limits
from nachsorge.evidence.images.server import Server
from nachsorge.evidence.images.signs import image_kind
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.read import read_source
from nachsorge.evidence.readers import readers
from nachsorge.evidence.roots import find_roots
from nachsorge.evidence.seams import HEAD, Reader, ReadError, Sieve
from nachsorge.model.words import Reason, Status
from nachsorge.packs.adhoc import pack_of
from nachsorge.packs.importers import IMPORTERS, Importer
from nachsorge.packs.importers.listing import listing_of
from nachsorge.packs.row_problem import RowProblem

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from pathlib import Path

    from nachsorge.model.evidence import Reading, Record


MIB = 1024 * 1024
LIMITS = Limits(unpacked=64 * MIB, members=2000)
ADDRESSES = frozenset({"10.0.0.5", "192.0.2.1", "10.0.0.7", "2001:db8::5"})
"""Some that samples hold, so that the search for who was there runs as well."""
_TOLD = (OSError, EOFError, ReadError)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case. `fault` is a finding; `told` is what the account says of losses, `covered` of time."""

    records: int = 0
    known: bool = True
    whole: bool = True
    told: tuple[str, ...] = ()
    fault: str = ""
    covered: str = ""

    def silent(self, sample: Outcome, fewer: int = 0) -> bool:
        """Tell whether less than the sample's records came, by more than `fewer`, and nobody said so."""
        less = self.records < sample.records - fewer
        return less and self.known and self.whole and set(self.told) <= set(sample.told)


@dataclass(frozen=True, slots=True)
class Case:
    """One damaged file; `sample` is the seed's number, -1 where it was made of several."""

    name: str
    body: bytes
    sample: int
    how: str


class Target(Protocol):
    """One thing that reads."""

    name: str
    seeds: list[Seed]

    def case(self, chance: random.Random) -> Case:
        """Break something."""

    def run(self, name: str, body: bytes) -> Outcome:
        """Read it."""


@dataclass(slots=True)
class _Files:
    name: str
    seeds: list[Seed]

    def case(self, chance: random.Random) -> Case:
        body, at, how = damaged([seed.body for seed in self.seeds], chance)
        return Case(self.seeds[at].name, body, -1 if how == "splice" else at, how)


@dataclass(slots=True)
class ReaderTarget(_Files):
    """A reader, asked whether it knows the file and then made to read it, with and without a sieve."""

    reader: Reader

    def run(self, name: str, body: bytes) -> Outcome:
        """Read it all; some once more through a sieve, or as a file beside a host: neither may change the account."""
        try:
            score = self.reader.accepts(body[:HEAD], name)
        except Exception:  # noqa: BLE001  this is what is looked for
            return Outcome(fault=f"accepts raised: {where()}")
        whole = self._read(name, body, Everything())
        again = zlib.crc32(body) % 4
        if not whole.fault and again == 1:
            return replace(whole, known=score > 0, fault=self._beside(name, body, whole))
        if whole.fault or again:
            return replace(whole, known=score > 0)
        sieved = self._read(name, body, Literals((b"evil", b"nachsorge")))
        if not sieved.fault and sieved != whole:
            sieved = replace(whole, fault=f"the sieve changes the account: {sieved.records} for {whole.records}")
        return replace(sieved, known=score > 0)

    def _beside(self, name: str, body: bytes, whole: Outcome) -> str:
        """Read it as a file beside the only host, looking for addresses; the same has to be covered."""
        source = opened(body, name, 1_680_000_000_000_000, beside="PC-1", addresses=ADDRESSES)
        reading = read_source(source, self.reader, Everything(), _type, Ledger())
        same = (reading.records, _covered(reading)) == (whole.records, whole.covered)
        return "" if same else "beside a host something else is covered"

    def _read(self, name: str, body: bytes, sieve: Sieve) -> Outcome:
        source, ledger = opened(body, name, 1_680_000_000_000_000), Ledger()
        reading = read_source(source, self.reader, sieve, _type, ledger)
        fault = ""
        if reading.reason is Reason.FAILED or any("failed:" in gap.note for gap in reading.gaps):
            fault = f"failed: {self._place(name, body, sieve)}"
        told = (*(f"{gap.reason}: {gap.note}" for gap in reading.gaps), *ledger.notes)
        if ledger.unreadable:
            told = (*told, f"{ledger.unreadable} unreadable")
        whole, covered = reading.status is Status.READ, _covered(reading)
        return Outcome(reading.records, whole=whole, told=told, fault=fault, covered=covered)

    def _place(self, name: str, body: bytes, sieve: Sieve) -> str:
        """Read once more without the net, for the place where it broke."""
        try:
            for record in self.reader.read(opened(body, name, 1_680_000_000_000_000), sieve, Ledger()):
                len(record.values)
        except Exception:  # noqa: BLE001  this is what is looked for
            return where()
        return "named by the reader itself"


def _covered(reading: Reading) -> str:
    return ", ".join(f"{seen.telemetry} {seen.host} {seen.spans} {seen.records}" for seen in reading.seen)


@dataclass(slots=True)
class ContainerTarget(_Files):
    """A container; every member is read to its end."""

    container: Container

    def run(self, name: str, body: bytes) -> Outcome:
        """Count members and bytes."""
        ledger, count, told, known = Ledger(), 0, set[str](), False
        try:
            known = self.container.accepts(body[:HEAD], name)
            for member in self.container.members(opened(body, name), LIMITS.fresh(), ledger):
                count += 1
                try:
                    with member.open() as stream:
                        while data := stream.read(256 * 1024):
                            count += len(data)
                except _TOLD as error:
                    told.add(str(error))
        except _TOLD as error:
            told.add(str(error))
        except Exception:  # noqa: BLE001  this is what is looked for
            return Outcome(fault=f"raised: {where()}")
        told |= {f"{gap.reason}: {gap.note}" for gap in ledger.gaps} | set(ledger.notes)
        return Outcome(count, known=known, told=tuple(sorted(told)))


@dataclass(slots=True)
class ImageTarget(_Files):
    """A disk image, in this process: what kills it would kill the process that reads images."""

    def run(self, name: str, body: bytes) -> Outcome:
        """List it and read the first part of every file."""
        out = io.BytesIO()
        if not image_kind(body[:HEAD], name):
            return Outcome(known=False)
        with tempfile.TemporaryFile() as file:
            file.write(body)
            file.flush()
            try:
                server = Server(name, [os.dup(file.fileno())], out)
                server.listing()
                keys = [line for line in out.getvalue().splitlines() if line.startswith(b'{"node"')]
                self._read(server, keys[:300])
            except Exception:  # noqa: BLE001  this is what is looked for
                return Outcome(fault=f"raised: {where()}")
        told = [line.decode() for line in out.getvalue().splitlines() if line.startswith((b'{"gap"', b'{"note"'))]
        return Outcome(len(keys), told=tuple(told))

    def _read(self, server: Server, rows: Sequence[bytes]) -> None:
        for row in rows:
            key, size = json.loads(row)["node"][1:3]
            if key is not None:
                server.read(key, 0, max(0, min(size, 65536)))


@dataclass(slots=True)
class CollectionTarget:
    """A collector's layout: one member is broken, or called otherwise."""

    name: str
    seeds: list[Seed]
    members: list[tuple[str, bytes, int | None]] = field(default_factory=list)

    def case(self, chance: random.Random) -> Case:
        """Break one member, a name now and then; the case is the list of them, written as Python."""
        members = list(self.members)
        at = chance.randrange(len(members))
        path, body, time = members[at]
        if chance.random() < 0.15:
            path = damaged([path.encode()], chance)[0][:5000].decode("utf-8", "replace").replace("\0", "")
            how = "name"
        else:
            body, _, how = damaged([body], chance)
        members[at] = (path or "x", body, time)
        return Case(self.name, repr(members).encode(), 0, how)

    def run(self, name: str, body: bytes) -> Outcome:
        """Recognise the collection and put it in order."""
        listed = entries(eval(body))
        ledger, count = Ledger(), 0
        try:
            for root in filter(lambda root: root.collector, find_roots(listed, ledger)):
                found = arranged([each for each in listed if root.holds(each.path)], root, ledger)
                count += len(found.files) + len(found.results)
        except Exception:  # noqa: BLE001  this is what is looked for
            return Outcome(fault=f"raised: {where()}")
        told = {f"{gap.reason}: {gap.note}" for gap in ledger.gaps} | set(ledger.notes)
        return Outcome(count, told=tuple(sorted(told)))


@dataclass(slots=True)
class ImporterTarget(_Files):
    """An importer, and the pack that is made of its list."""

    importer: Importer

    def run(self, name: str, body: bytes) -> Outcome:
        """Count what was understood; the rest must be named."""
        try:
            known = self.importer.accepts(body[:4096], name) > 0
            listing = listing_of(self.importer, body)
            pack_of(listing.found(), name, "0" * 64)
        except RowProblem as error:
            return Outcome(whole=False, told=(str(error),))
        except Exception:  # noqa: BLE001  this is what is looked for
            return Outcome(fault=f"raised: {where()}")
        return Outcome(len(listing.items), known=known, told=listing.not_understood)


def _type(record: Record) -> None:
    """Have the values made: some readers make them late."""
    len(record.values)


def where() -> str:
    """Name the exception at hand and the last two places of our own code."""
    lines = traceback.format_exc(limit=-12).splitlines()
    places = [line.strip() for line in lines if line.lstrip().startswith("File ")]
    own = [place for place in places if "nachsorge" in place][-2:] or places[-1:]
    short = [place.rpartition("nachsorge/")[2].replace('", line ', ":") for place in own]
    return f"{lines[-1][:160]} at {' < '.join(reversed(short))}"


def targets(folder: Path | None) -> list[Target]:
    """Give everything that reads and has a sample."""
    found: list[Target] = [ReaderTarget(each.name, of_reader(each, folder), each) for each in readers()]
    for container in CONTAINERS:
        seeds = harvested(folder, container.name) or [Seed(container.name, body) for body in WRAPPED[container.name]()]
        if container.name == "disk_image":
            found.append(ImageTarget("images", seeds))
        else:
            found.append(ContainerTarget(f"container:{container.name}", seeds, container))
    for tool, members in MADE.items():
        seed = Seed(tool, repr(list(members)).encode())
        found.append(CollectionTarget(f"collection:{tool}", [seed], list(members)))
    for importer in IMPORTERS:
        lists = constants("tests.fuzz.made")
        found.append(ImporterTarget(f"importer:{importer.name}", lists, importer))
    return found
