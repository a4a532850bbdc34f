"""`python -m benchmarks.limits [--megabytes N]`: the floor of every bar, by the parts that cannot be left out.

What an assessment owes is done here and nothing else: every byte is read, every source has its SHA-256, every block is
searched for the list by our own compiled search. No times, shapes, kinds, accounts, control, or start of the program.
A second floor walks every line once as well, to its end and over its first bytes, by the cheapest compiled loop that we
have: an account that says how many lines could not be read owes that. Rows that compare whole commands have in their
floor the start of a Python process that has what the sweep needs, and nothing of ours. Where even that takes longer
than the bar allows, the bar cannot be met with them; where it does not, the difference to what the program takes is
ours to mend. Everything is done in forked processes, one a core, files dealt in turn; opponents are measured in the
same run.
"""

from __future__ import annotations

import argparse
import gzip
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import zstandard

from benchmarks.__main__ import EVTX_COPIES, SHARED, logs_of
from benchmarks.data import write_lists
from benchmarks.floors import (
    CORES,
    NEEDED,
    apart,
    begun,
    begun_with,
    both_floors,
    listed,
    rendered,
    search_of,
    searched,
    seconds,
)
from benchmarks.runs import evict, grep, iterate, joined, read_only, timed
from benchmarks.tree import sums, write_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PARTS = "reading, SHA-256, search"
_STARTED = f"the start of Python with {', '.join(NEEDED)}; "


@dataclass(frozen=True, slots=True)
class Bar:
    """A goal: so many times as fast as the opponent, and the seconds of its floor, without and with lines walked."""

    work: str
    opponent: str
    goal: float
    theirs: float
    floor: float
    parts: str
    walked: float | None = None

    def row(self) -> str:
        """Give the table's row; beyond reach is a bar whose floor alone takes longer than the goal allows."""
        allowed = self.theirs / self.goal
        whole = self.floor if self.walked is None else max(self.walked, self.floor)
        said = f"{allowed - whole:.2f} s left for the rest"
        if whole > allowed:
            said = "beyond reach" if self.floor > allowed else "beyond reach once lines are walked"
        walked = "" if self.walked is None else f"{self.walked:.2f}"
        figures = f"{self.theirs:.2f} | {self.goal:g} | {allowed:.2f} | {self.floor:.2f} | {walked}"
        return f"| {self.work} | {self.opponent} | {figures} | {self.theirs / whole:.2f} | {said} | {self.parts} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--lists", type=int, nargs="+", default=(1_000, 100_000))
    parser.add_argument("--into", type=Path, help="write the logs here, and use them again if they are there")
    words = parser.parse_args()
    print(f"{words.megabytes} MB of logs, {CORES} cores, median of {words.runs}\n")
    print(
        "| work | opponent | its s | goal | allows s | floor s | with lines walked s | at most | verdict |"
        " what the floor holds |"
    )
    print(f"|{' --- |' * 10}")
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
    start = begun_with(runs)
    for size, path in lists.items():
        search, work = search_of(path), f"{size:,} indicators"
        ripgrep, duckdb = goals.get(size, goals[1_000])
        plain, walking = both_floors(runs, files, search)
        theirs = timed(runs, lambda path=path: grep(path, tuple(files))).seconds
        theirs -= timed(runs, lambda path=path: grep(path, (nothing,))).seconds
        yield Bar(work, "ripgrep, net of start", ripgrep, theirs, plain, _PARTS, walking)
        table = timed(runs, lambda path=path: joined(path, objects)).seconds
        some, walked = both_floors(runs, objects, search)
        told = _STARTED + _PARTS
        yield Bar(f"{work}, JSON logs", "DuckDB, whole command", duckdb, table, start + some, told, start + walked)
        if size == min(lists):
            bare = seconds(runs, lambda search=search: apart(files, lambda one: searched(one, search, digest=False)))
            yield Bar(work, "the same search, no SHA-256", 0.85, bare, plain, _PARTS, walking)
            reading = timed(runs, lambda: read_only(tuple(files))).seconds
            yield Bar(f"{work}, warm", "`readinto` alone", 0.9, reading, plain, _PARTS, walking)
            reading = timed(runs, lambda: read_only(tuple(files)), lambda: evict(tuple(files))).seconds
            cold = both_floors(runs, files, search, before=lambda: evict(tuple(files)))
            yield Bar(f"{work}, cold", "`readinto` alone, net of start", 0.9, reading, cold[0], _PARTS, cold[1])


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
        plain, walking = both_floors(runs, packed, search)
        parts = "reading, SHA-256 of what is packed, unpacking, search"
        yield Bar(f"1,000 indicators, .{ending}", "`rg -z`", goal, theirs, plain, parts, walking)


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
    bare, start = begun_with(runs, ()), begun_with(runs)
    said = f"of Python {bare:.2f} s, with {', '.join(NEEDED)} {start:.2f} s"
    print(f"(the start of the program alone: {started:.2f} s, {said})", file=sys.stderr)
    parts = _STARTED + "listing, first 64 KiB of every file"
    yield Bar("tree, sizes known", "`sha256sum`", 30, theirs, start + heads, parts)
    yield Bar("tree, every file hashed", "`sha256sum`", 1 / 1.3, theirs, start + hashed, "the same, SHA-256")


if __name__ == "__main__":
    main()
