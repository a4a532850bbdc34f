"""`python -m benchmarks.limits [--megabytes N]`: the floor of every bar, by the parts that cannot be left out.

What an assessment owes is done here and nothing else: every byte is read, every source has its SHA-256, every block is
searched for the list by our own compiled search. No lines, times, shapes, kinds, accounts, control, or start of the
program. Where even that takes longer than the bar allows, the bar cannot be met with them; where it does not, the
difference to what the program takes is ours to mend. Everything is done in forked processes, one a core, files dealt in
turn; opponents are measured in the same run.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Protocol

import zstandard
from evtx import PyEvtxParser
from isal import igzip

from benchmarks.__main__ import EVTX_COPIES, SHARED, logs_of
from benchmarks.data import write_lists
from benchmarks.runs import grep, iterate, joined, read_only, timed
from benchmarks.tree import sums, write_tree
from nachsorge.evidence import fast
from nachsorge.evidence.seams import HEAD
from nachsorge.matching.match import Matcher
from nachsorge.matching.tests import tests_of
from nachsorge.packs.adhoc import load_indicator_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_ROOM = 1 << 20
_CORES = os.cpu_count() or 1


class Search(Protocol):
    """The search of a sieve: where the lines end that may hold a value."""

    def ends(self, block: bytes) -> object:
        """Search a block."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A goal: so many times as fast as the opponent, and the seconds that its floor takes."""

    work: str
    opponent: str
    goal: float
    theirs: float
    floor: float
    parts: str

    def row(self) -> str:
        """Give the table's row; beyond reach is a bar whose floor alone takes longer than the goal allows."""
        allowed, most = self.theirs / self.goal, self.theirs / self.floor
        said = "beyond reach" if self.floor > allowed else f"{allowed - self.floor:.2f} s left for the rest"
        figures = f"{self.theirs:.2f} | {self.goal:g} | {allowed:.2f} | {self.floor:.2f} | {most:.2f}"
        return f"| {self.work} | {self.opponent} | {figures} | {said} | {self.parts} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--lists", type=int, nargs="+", default=(1_000, 100_000))
    parser.add_argument("--into", type=Path, help="write the logs here, and use them again if they are there")
    words = parser.parse_args()
    print(f"{words.megabytes} MB of logs, {_CORES} cores, median of {words.runs}\n")
    print("| work | opponent | its s | goal | allows s | floor s | at most | verdict | what the floor holds |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["NACHSORGE_CACHE"] = str(folder / "cache")
        data = logs_of(words.into or folder / "logs", words.megabytes)
        for bars in (
            log_bars(folder, data.files, write_lists(folder, tuple(words.lists), data.planted), words.runs),
            packed_bars(folder, data.files[:32], data.planted, words.runs),
            evtx_bars(folder, words.runs),
            tree_bars(folder, words.runs),
        ):
            for bar in bars:
                print(bar.row(), flush=True)


def log_bars(folder: Path, files: Sequence[Path], lists: dict[int, Path], runs: int) -> Iterator[Bar]:
    """Compare logs: ripgrep, DuckDB, bare search, and reading."""
    goals = {1_000: (5.0, 5.0), 100_000: (8.0, 3.0), 1_000_000: (15.0, 2.0)}
    objects = tuple(path for path in files if "dns-json" in path.name or "eve" in path.name)
    nothing = folder / "nothing.log"
    nothing.write_text("nothing\n")
    for size, path in lists.items():
        search, work = search_of(path), f"{size:,} indicators"
        ripgrep, duckdb = goals.get(size, goals[1_000])
        parts = "reading, SHA-256, search"
        found = seconds(runs, lambda search=search: apart(files, lambda one: searched(one, search)))
        theirs = timed(runs, lambda path=path: grep(path, tuple(files))).seconds
        theirs -= timed(runs, lambda path=path: grep(path, (nothing,))).seconds
        yield Bar(work, "ripgrep, net of start", ripgrep, theirs, found, parts)
        table = timed(runs, lambda path=path: joined(path, objects)).seconds
        found_in_objects = seconds(runs, lambda search=search: apart(objects, lambda one: searched(one, search)))
        yield Bar(f"{work}, JSON logs", "DuckDB, whole command", duckdb, table, found_in_objects, parts)
        if size == min(lists):
            bare = seconds(runs, lambda search=search: apart(files, lambda one: searched(one, search, digest=False)))
            yield Bar(work, "the same search, no SHA-256", 0.85, bare, found, parts)
            reading = timed(runs, lambda: read_only(tuple(files))).seconds
            yield Bar(f"{work}, warm", "`readinto` alone", 0.9, reading, found, parts)


def packed_bars(folder: Path, files: Sequence[Path], planted: tuple[str, ...], runs: int) -> Iterator[Bar]:
    """Compare packed logs with `rg -z`."""
    words = write_lists(folder, (1_000,), planted)[1_000]
    search = search_of(words)
    for ending, goal in (("gz", 5.0), ("zst", 3.5)):
        packed = []
        for path in files:
            packed.append(folder / f"{path.name}.{ending}")
            content = path.read_bytes()
            packed[-1].write_bytes(gzip.compress(content, 6) if ending == "gz" else zstandard.compress(content, 3))
        theirs = timed(runs, lambda packed=packed: grep(words, tuple(packed), "-z")).seconds
        found = seconds(runs, lambda packed=packed: apart(packed, lambda one: searched(one, search)))
        parts = "reading, SHA-256 of what is packed, unpacking, search"
        yield Bar(f"1,000 indicators, .{ending}", "`rg -z`", goal, theirs, found, parts)


def evtx_bars(folder: Path, runs: int) -> Iterator[Bar]:
    """Compare event logs: rendering every record, which the library does, without looking at any."""
    if not SHARED.is_dir():
        print("No EVTX row: the real event logs are not beside the project.", file=sys.stderr)
        return
    files = tuple(folder / f"{number}.evtx" for number in range(EVTX_COPIES))
    for path in files:
        path.write_bytes((SHARED / "evtx-plaso-benign" / "System.evtx").read_bytes())
    theirs = timed(runs, lambda: iterate(files)).seconds
    found = seconds(runs, lambda: apart(files, rendered, cores=1))
    yield Bar("EVTX, one core", "`evtx` and orjson", 1 / 1.5, theirs, found, "SHA-256, rendering by the library")


def tree_bars(folder: Path, runs: int) -> Iterator[Bar]:
    """Compare a tree: listing it, its files' first bytes, which tell whether they are logs, and their hashes."""
    root = folder / "tree"
    write_tree(root, 25_000, 2_000)
    theirs = timed(runs, lambda: sums(root)).seconds
    heads = seconds(runs, lambda: apart(listed(root), begun))
    hashed = seconds(runs, lambda: apart(listed(root), lambda path: begun(path, whole=True)))
    command = [sys.executable, "-m", "nachsorge", "--help"]
    started = timed(runs, lambda: subprocess.run(command, stdout=subprocess.PIPE, check=True).returncode).seconds
    print(f"(the start of the program alone: {started:.2f} s, of Python {python(runs):.2f} s)", file=sys.stderr)
    yield Bar("tree, sizes known", "`sha256sum`", 30, theirs, heads, "listing, first 64 KiB of every file")
    yield Bar("tree, every file hashed", "`sha256sum`", 1 / 1.3, theirs, hashed, "the same, SHA-256")


def python(runs: int) -> float:
    """Time Python's own start."""
    return timed(runs, lambda: subprocess.run([sys.executable, "-c", "pass"], check=True).returncode).seconds


def search_of(words: Path) -> Search:
    """Compile a list as the program does."""
    fast.prepare(None, 1 << 30)
    return Matcher(tests_of([load_indicator_file(words.with_suffix(".csv"))])).sieve()


def searched(path: Path, search: Search, *, digest: bool = True) -> None:
    """Read, hash and search a file, block by block in one buffer; packed ones are unpacked."""
    found, room = hashlib.sha256(), memoryview(bytearray(_ROOM))
    with path.open("rb", buffering=0) as raw:
        if path.suffix in (".gz", ".zst"):
            found.update(raw.read())
            raw.seek(0)
            stream = igzip.open(raw) if path.suffix == ".gz" else zstandard.ZstdDecompressor().stream_reader(raw)
        else:
            stream = raw
        while size := stream.readinto(room):
            if digest and stream is raw:
                found.update(room[:size])
            search.ends(room[:size])


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


def apart(files: Sequence[Path], work: Callable[[Path], None], cores: int = _CORES) -> None:
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


def seconds(runs: int, call: Callable[[], None]) -> float:
    """Give the median by the clock, after one to warm up."""
    call()
    found = []
    for _ in range(runs):
        begin = time.perf_counter()
        call()
        found.append(time.perf_counter() - begin)
    return median(found)


if __name__ == "__main__":
    main()
