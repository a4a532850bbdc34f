"""What an assessment owes of every byte, and nothing else, timed: the floors that `benchmarks.limits` compares."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Protocol

import zstandard
from evtx import PyEvtxParser
from isal import igzip

from benchmarks.runs import timed
from nachsorge.evidence import fast
from nachsorge.evidence.blocks import Place, blocks
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import HEAD
from nachsorge.matching.match import Matcher
from nachsorge.matching.tests import tests_of
from nachsorge.packs.adhoc import load_indicator_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NEEDED = ("numpy", "hyperscan", "msgspec")
"""What no check of a list can do without, from other hands."""
CORES = os.cpu_count() or 1
_ROOM = 1 << 20


class Search(Protocol):
    """The search of a sieve: where the lines end that may hold a value."""

    def ends(self, block: bytes) -> object:
        """Search a block."""


def begun_with(runs: int, modules: Sequence[str] = NEEDED) -> float:
    """Time the start of a Python process that has these modules, and does nothing."""
    code = f"import {', '.join(modules)}" if modules else "pass"
    return timed(runs, lambda: subprocess.run([sys.executable, "-c", code], check=True).returncode).seconds


def both_floors(
    runs: int, files: Sequence[Path], search: Search, before: Callable[[], None] = lambda: None
) -> tuple[float, float]:
    """Give the seconds of the floor, and of that with every line walked."""
    plain = seconds(runs, lambda: apart(files, lambda one: searched(one, search)), before)
    return plain, seconds(runs, lambda: apart(files, lambda one: walked(one, search)), before)


def search_of(words: Path) -> Search:
    """Compile a list as the program does."""
    fast.prepare(None, 1 << 30)
    return Matcher(tests_of([load_indicator_file(words.with_suffix(".csv"))])).sieve()


def searched(path: Path, search: Search, *, digest: bool = True) -> None:
    """Read, hash and search a file, block by block in one buffer; packed ones are unpacked."""
    found, room = hashlib.sha256(), memoryview(bytearray(_ROOM))
    with path.open("rb", buffering=0) as raw:
        stream = unpacked(path, raw, found)
        while size := stream.readinto(room):
            if digest and stream is raw:
                found.update(room[:size])
            search.ends(room[:size])


def walked(path: Path, search: Search) -> None:
    """Do the same in blocks of whole lines, and find every line's end and first bytes."""
    found, ready = hashlib.sha256(), fast.kernel()
    assert ready is not None  # `search_of` prepared it
    with path.open("rb", buffering=0) as raw:
        stream = unpacked(path, raw, found)
        for block in blocks(stream, Ledger(), Place()):
            if stream is raw:
                found.update(block.view())
            search.ends(block.view())
            if block.ready(ready):
                ready.walk(block.raw, block.base, block.lo, block.hi, -1, (-1, -1))


def unpacked(path: Path, raw: Any, found: Any) -> Any:
    """Give the bytes below a packing, of which the digest is taken before; else the stream itself."""
    if path.suffix not in (".gz", ".zst"):
        return raw
    found.update(raw.read())
    raw.seek(0)
    return igzip.open(raw) if path.suffix == ".gz" else zstandard.ZstdDecompressor().stream_reader(raw)


def rendered(path: Path) -> None:
    """Hash an event log, and have every record of it rendered."""
    hashlib.sha256(path.read_bytes()).digest()
    for _ in PyEvtxParser(str(path)).records_json():
        pass


def listed(root: Path) -> list[Path]:
    """List a tree with sizes, as `os.scandir` does it."""
    found, waiting = [], [str(root)]
    while waiting:
        for entry in os.scandir(waiting.pop()):
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            else:
                entry.stat()
                found.append(Path(entry.path))
    return found


def begun(path: Path, *, whole: bool = False) -> None:
    """Read a file's first bytes; or all, for its hash."""
    descriptor = os.open(path, os.O_RDONLY)
    head = os.read(descriptor, HEAD)
    if whole:
        found = hashlib.sha256(head)
        while len(head) == HEAD:
            head = os.read(descriptor, HEAD)
            found.update(head)
    os.close(descriptor)


def apart(files: Sequence[Path], work: Callable[[Path], None], cores: int = CORES) -> None:
    """Work files in forked processes, each its share."""
    children = []
    for core in range(cores):
        child = os.fork()
        if not child:
            for path in files[core::cores]:
                work(path)
            os._exit(0)
        children.append(child)
    for child in children:
        if os.waitpid(child, 0)[1]:
            raise SystemExit("a process of the benchmark failed")


def seconds(runs: int, call: Callable[[], None], before: Callable[[], None] = lambda: None) -> float:
    """Give the median by the clock, after one to warm up, each after `before`, which is not timed."""
    call()
    found = []
    for _ in range(runs):
        before()
        begin = time.perf_counter()
        call()
        found.append(time.perf_counter() - begin)
    return median(found)
