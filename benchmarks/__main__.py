"""`python -m benchmarks [--megabytes N] [--runs N]`: print the table that docs/reference/performance.md shows."""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import zstandard

from benchmarks.data import Data, planted_names, write_lists, write_logs
from benchmarks.runs import Timing, bare, check, evict, grep, inflated, iterate, joined, read_only, timed

LISTS = (1_000, 100_000, 1_000_000)
EVTX_COPIES = 40
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--lists", type=int, nargs="+", default=LISTS)
    parser.add_argument("--into", type=Path, help="write the logs here, and use them again if they are there")
    parser.add_argument("--only", choices=("logs", "packed", "evtx"), help="one part of the table")
    parser.add_argument("--domains", action="store_true", help="lists of domains only, against ripgrep only")
    words = parser.parse_args()
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    print(f"{machine}, {words.megabytes} MB of logs, median of {words.runs}")
    print(
        "\n| work | opponent | opponent s, wall / CPU | ours s, wall / CPU | ratio | opponent's answer | our answer |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["NACHSORGE_CACHE"] = str(folder / "cache")  # ours starts cold, and leaves nothing behind
        data = logs_of(words.into or folder / "logs", words.megabytes)
        if words.only in (None, "logs"):
            log_rows(folder, data, words.runs, tuple(words.lists), domains=words.domains)
        if words.only in (None, "packed") and not words.domains:
            packed_rows(folder, data, words.runs)
        if words.only in (None, "evtx") and not words.domains:
            evtx_row(folder, words.runs)


def logs_of(folder: Path, megabytes: int) -> Data:
    """Write the logs, or find those of an earlier run: files of 8 MB, of 20 where there is much of it."""
    if not folder.exists():
        folder.mkdir(parents=True)
        return write_logs(folder, megabytes, each=20 if megabytes >= 1000 else 8)
    files = tuple(sorted(folder.iterdir()))
    return Data(files, sum(path.stat().st_size for path in files), planted_names())


def log_rows(folder: Path, data: Data, runs: int, sizes: tuple[int, ...], *, domains: bool) -> None:
    lists = write_lists(folder, sizes, data.planted, domains=domains)
    out = folder / "out.json"
    nothing = folder / "nothing.log"
    nothing.write_text(
        "1677628800.000 1 10.0.0.1 TCP_MISS/200 1 GET http://a.example/ - HIER_DIRECT/10.0.0.2 text/html\n"
    )
    objects = tuple(path for path in data.files if "dns-json" in path.name or "eve" in path.name)
    for size, path in lists.items():
        work, csv = f"{size:,} indicators", path.with_suffix(".csv")
        theirs = timed(runs, lambda path=path: grep(path, data.files))
        their_start = timed(runs, lambda path=path: grep(path, (nothing,)))
        ours = timed(runs, lambda csv=csv: check(csv, data.files, out))
        our_start = timed(runs, lambda csv=csv: check(csv, (nothing,), out))
        row(work, "ripgrep 14.1 `-F -f -j2`, whole command", theirs, ours, "lines", "sightings")
        row(work, "the same, net of start", net(theirs, their_start), net(ours, our_start), "", "")
        row(f"{work}, start alone, ours from cache", "ripgrep's start", their_start, our_start, "", "")
        if domains:
            continue
        row(
            f"{work}, the JSON logs",
            "DuckDB, declared columns, suffix join of the domains, whole command",
            timed(runs, lambda path=path: joined(path, objects)),
            timed(runs, lambda csv=csv: check(csv, objects, out)),
            "rows",
            "sightings",
        )
        if size <= 10_000:
            cold = timed(runs, lambda: read_only(data.files), lambda: evict(data.files))
            ours_cold = timed(runs, lambda csv=csv: check(csv, data.files, out), lambda: evict(data.files))
            row(f"{work}, cold, net of start", "`readinto` alone", cold, net(ours_cold, our_start), "bytes", "")
        if size == min(lists):
            one = timed(runs, lambda csv=csv: check(csv, data.files, out, alone=True))
            alone = timed(runs, lambda path=path: bare(path, data.files))
            started = timed(runs, lambda path=path: bare(path, (nothing,)))
            begun = timed(runs, lambda csv=csv: check(csv, (nothing,), out, alone=True))
            row(
                f"{work}, one core, net of start", "bare `hyperscan.scan`", net(alone, started), net(one, begun), "", ""
            )
            row(f"{work}, net of start", "ours on one core", net(one, begun), net(ours, our_start), "", "")


def packed_rows(folder: Path, data: Data, runs: int) -> None:
    words = write_lists(folder, (1_000,), data.planted)[1_000]
    csv, out = words.with_suffix(".csv"), folder / "out.json"
    data = replace(data, files=data.files[:32])
    packers = [
        ("gz", lambda content: gzip.compress(content, 6)),
        ("zst", lambda content: zstandard.compress(content, 3)),
    ]
    nothing = folder / "nothing.log"
    nothing.write_text("nothing\n")
    starts = [timed(runs, lambda alone=alone: check(csv, (nothing,), out, alone=alone)) for alone in (False, True)]
    scanned = net(timed(runs, lambda: bare(words, data.files)), timed(runs, lambda: bare(words, (nothing,))))
    for ending, pack in packers:
        files = tuple(folder / f"{path.name}.{ending}" for path in data.files)
        for path, packed in zip(data.files, files, strict=True):
            packed.write_bytes(pack(path.read_bytes()))
        work = f"1,000 indicators, .{ending}"
        theirs = timed(runs, lambda files=files: grep(words, files, "-z"))
        ours = timed(runs, lambda files=files: check(csv, files, out))
        row(work, "`rg -z`, whole command", theirs, ours, "lines", "sightings")
        row(f"{work}, net of start", "`rg -z`", theirs, net(ours, starts[0]), "", "")
        one = timed(runs, lambda files=files: check(csv, files, out, alone=True))
        unpacked = net(
            timed(runs, lambda files=files: inflated(files)), timed(runs, lambda files=files: inflated(files[:0]))
        )
        theory = Timing(unpacked.seconds + scanned.seconds, 0, unpacked.cpu + scanned.cpu)
        row(f"{work}, one core, net of start", "unpacking and bare search", theory, net(one, starts[1]), "", "")


def net(whole: Timing, start: Timing) -> Timing:
    return Timing(max(whole.seconds - start.seconds, 1e-3), whole.answer, max(whole.cpu - start.cpu, 1e-3))


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
    out, nothing = folder / "out.json", folder / "nothing.log"
    nothing.write_text("nothing\n")
    start = timed(runs, lambda: check("3cx-2023", (nothing,), out, alone=True))
    alone = timed(runs, lambda: check("3cx-2023", files, out, alone=True))
    ours = timed(runs, lambda: check("3cx-2023", files, out))
    opponent = "bare `evtx` + orjson, one core"
    row("EVTX, 3CX pack, one core, whole command", opponent, theirs, alone, "records", "sightings")
    row("EVTX, 3CX pack, one core, net of start", opponent, theirs, net(alone, start), "", "")
    row("EVTX, 3CX pack, all cores, whole command", opponent, theirs, ours, "", "")


def row(work: str, opponent: str, theirs: Timing, ours: Timing, their_unit: str, our_unit: str) -> None:
    ratios = (f"{theirs.seconds / ours.seconds:.2f}", f"{theirs.cpu / ours.cpu:.2f}")
    their_answer = f"{theirs.answer:,} {their_unit}" if their_unit else ""
    our_answer = f"{ours.answer:,} {our_unit}" if our_unit else ""
    times = (f"{theirs.seconds:.2f} / {theirs.cpu:.2f}", f"{ours.seconds:.2f} / {ours.cpu:.2f}")
    cells = (work, opponent, *times, " / ".join(ratios), their_answer, our_answer)
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
