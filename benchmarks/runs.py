"""One timed run each: ourselves and the opponents, as whole commands, warm, into a pipe."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of wall clock, median of some runs, and what the command answered."""

    seconds: float
    answer: int


def timed(runs: int, call: Callable[[], int]) -> Timing:
    """Run so many times after one to warm up; give the median."""
    answer = call()
    seconds = []
    for _ in range(runs):
        begin = time.perf_counter()
        answer = call()
        seconds.append(time.perf_counter() - begin)
    return Timing(median(seconds), answer)


def ripgrep() -> str:
    """Find the ripgrep that the development requirements install (14.1), beside this Python or on the PATH."""
    beside = Path(sys.executable).with_name("rg")
    found = str(beside) if beside.exists() else shutil.which("rg")
    if found is None:
        raise SystemExit("ripgrep is missing: make install installs it from requirements/dev.lock")
    return found


def grep(words: Path, files: tuple[Path, ...]) -> int:
    """Count lines that `rg -F -f` prints."""
    command = [ripgrep(), "-F", "-f", str(words), "-j2", "--no-filename", "-N", *map(str, files)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    return done.stdout.count(b"\n")


def check(pack: Path | str, files: tuple[Path, ...], out: Path, *more: str) -> int:
    """Count sightings of `nachsorge check`, coverage and controls included."""
    command = [sys.executable, "-m", "nachsorge", "check", str(pack), *map(str, files), "--json", str(out), "-q", *more]
    done = subprocess.run(command, stderr=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1, 3):
        raise SystemExit(done.stderr.decode())
    return len(json.loads(out.read_bytes())["sightings"])


def iterate(files: tuple[Path, ...]) -> int:
    """Iterate EVTX files with the bare library, JSON rendered and decoded, in one process of its own."""
    code = (
        "import sys, evtx, orjson\nn = 0\n"
        "for path in sys.argv[1:]:\n"
        "    for record in evtx.PyEvtxParser(path).records_json():\n"
        "        orjson.loads(record['data']); n += 1\n"
        "print(n)"
    )
    done = subprocess.run([sys.executable, "-c", code, *map(str, files)], stdout=subprocess.PIPE, check=True)
    return int(done.stdout)
