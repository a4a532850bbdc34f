"""`python -m benchmarks [--megabytes N] [--runs N]`: print the table that docs/reference/performance.md shows."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import tempfile
from pathlib import Path

from benchmarks.data import Data, write_lists, write_logs
from benchmarks.runs import Timing, check, grep, iterate, timed

LISTS = (10, 1_000, 100_000)
EVTX_COPIES = 40
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--runs", type=int, default=3)
    words = parser.parse_args()
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    print(f"{machine}, {words.megabytes} MB of logs, median of {words.runs}")
    print("\n| work | opponent | opponent s | ours s | ratio | opponent's answer | our answer |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        logs = folder / "logs"
        logs.mkdir()
        data = write_logs(logs, words.megabytes)
        log_rows(folder, data, words.runs)
        evtx_row(folder, words.runs)


def log_rows(folder: Path, data: Data, runs: int) -> None:
    lists = write_lists(folder, LISTS, data.planted)
    nothing = folder / "nothing.log"
    nothing.write_text(
        "1677628800.000 1 10.0.0.1 TCP_MISS/200 1 GET http://a.example/ - HIER_DIRECT/10.0.0.2 text/html\n"
    )
    for size, path in lists.items():
        theirs = timed(runs, lambda path=path: grep(path, data.files))
        their_start = timed(runs, lambda path=path: grep(path, (nothing,)))
        ours = timed(runs, lambda path=path: check(path.with_suffix(".csv"), data.files, folder / "out.json"))
        our_start = timed(runs, lambda path=path: check(path.with_suffix(".csv"), (nothing,), folder / "out.json"))
        row(f"{size:,} domains", "ripgrep 14.1 `-F -f -j2`, whole command", theirs, ours, "lines", "sightings")
        row(f"{size:,} domains", "the same, net of start", net(theirs, their_start), net(ours, our_start), "", "")


def net(whole: Timing, start: Timing) -> Timing:
    return Timing(max(whole.seconds - start.seconds, 1e-3), whole.answer)


def evtx_row(folder: Path, runs: int) -> None:
    if not SHARED.is_dir():
        print("\nNo EVTX row: the real event logs are not beside the project.")
        return
    # One large log many times: the small sample files would measure the opening of files.
    source = SHARED / "evtx-plaso-benign" / "System.evtx"
    files = tuple(folder / f"{number}.evtx" for number in range(EVTX_COPIES))
    for path in files:
        shutil.copyfile(source, path)
    theirs = timed(runs, lambda: iterate(files))
    ours = timed(runs, lambda: check("3cx-2023", files, folder / "out.json", "--jobs", "1"))
    row("EVTX, 3CX pack, one core", "bare `evtx` + orjson, one core", theirs, ours, "records", "sightings")


def row(work: str, opponent: str, theirs: Timing, ours: Timing, their_unit: str, our_unit: str) -> None:
    ratio = theirs.seconds / ours.seconds
    their_answer = f"{theirs.answer:,} {their_unit}" if their_unit else ""
    our_answer = f"{ours.answer:,} {our_unit}" if our_unit else ""
    cells = (work, opponent, f"{theirs.seconds:.2f}", f"{ours.seconds:.2f}", f"{ratio:.2f}", their_answer, our_answer)
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
