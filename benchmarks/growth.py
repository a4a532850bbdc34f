"""`python -m benchmarks.growth`: how the cost of a check grows with bytes, indicators, assets and sightings.

One thing grows at a time, the rest stays: 64 MB of the ten kinds of logs, 1,000 indicators, no inventory, a few hundred
sightings. Processor seconds of the whole command are what a busy machine can tell as well.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.data import SEED, START, write_lists, write_logs

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one command: wall clock and processor seconds, its largest process in MB, and how many sightings."""

    seconds: float
    cpu: float
    megabytes: int
    sightings: int


_MEASURED = """
import os, subprocess, sys, time
begin = time.perf_counter()
with subprocess.Popen(sys.argv[1:], stderr=subprocess.DEVNULL) as child:
    used = os.wait4(child.pid, 0)[2]
print([time.perf_counter() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss])
"""
"""Runs a command from a small process: what Linux tells of a command's memory begins with that of who started it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[16, 64, 256, 1024])
    parser.add_argument("--lists", type=int, nargs="+", default=[10, 1_000, 100_000, 1_000_000])
    parser.add_argument("--assets", type=int, nargs="+", default=[1, 1_000, 10_000])
    parser.add_argument("--sightings", type=int, nargs="+", default=[10, 1_000, 100_000, 1_000_000])
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["NACHSORGE_CACHE"] = str(folder / "cache")
        data = write_logs(_made(folder / "logs"), 64)
        lists = write_lists(folder, (1_000, *words.lists), data.planted)
        small = lists[1_000].with_suffix(".csv")
        print("| what grows | to | s, wall / CPU | largest process | sightings |\n| --- | --- | --- | --- | --- |")
        for size in words.megabytes:
            logs = write_logs(_made(folder / f"logs-{size}"), size)
            row("bytes", f"{logs.size / 1e6:.0f} MB", check(small, logs.files))
        for size in words.lists:
            row("indicators", f"{size:,}", check(lists[size].with_suffix(".csv"), data.files))
        for count in words.assets:
            hosts = write_inventory(folder / f"hosts-{count}.csv", count)
            row("assets", f"{count:,}", check(small, data.files, "--inventory", str(hosts)))
        for count in words.sightings:
            log = write_hits(folder / f"hits-{count}.log", count, data.planted[0])
            row("sightings", f"{count:,}", check(small, (log,)))


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def write_inventory(path: Path, count: int) -> Path:
    """Write a list of assets with the addresses that the logs have."""
    lines = (f"pc{n},10.{n >> 16 & 3}.{n >> 8 & 255}.{n & 255}\n" for n in range(1, count + 1))
    path.write_text("asset,addresses\n" + "".join(lines))
    return path


def write_hits(path: Path, count: int, host: str) -> Path:
    """Write a squid log of 200 clients in which every line names a planted host."""
    rng = random.Random(SEED)
    with path.open("w") as stream:
        stream.writelines(
            f"{START + number}.000 12 10.0.0.{rng.randint(1, 200)} TCP_MISS/200 {rng.randint(200, 90000)} GET "
            f"http://www.{host}/{number:x}/index.html - HIER_DIRECT/192.0.2.1 text/html\n"
            for number in range(count)
        )
    return path


def check(pack: Path, files: Iterable[Path], *more: str) -> Cost:
    """Run the whole command once cold and once warm; give the second."""
    out = pack.with_suffix(".json")
    command = [sys.executable, "-m", "nachsorge", "check", str(pack), *map(str, files), "--json", str(out), "-q", *more]
    subprocess.run(command, stderr=subprocess.DEVNULL, check=False)
    measured = subprocess.run([sys.executable, "-SEc", _MEASURED, *command], stdout=subprocess.PIPE, check=True)
    seconds, cpu, largest = json.loads(measured.stdout)
    return Cost(seconds, cpu, largest // 1024, len(json.loads(out.read_bytes())["sightings"]))


def row(what: str, size: str, cost: Cost) -> None:
    print(
        f"| {what} | {size} | {cost.seconds:.2f} / {cost.cpu:.2f} | {cost.megabytes:,} MB | {cost.sightings:,} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
