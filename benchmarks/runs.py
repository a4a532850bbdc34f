"""One timed run each: ourselves and the opponents, as whole commands, warm, into a pipe."""

from __future__ import annotations

import json
import os
import resource
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
    """Seconds of wall clock and of processors, medians of some runs, and what the command answered.

    A machine that others use as well stretches the first; the second hardly.
    """

    seconds: float
    answer: int
    cpu: float


def timed(runs: int, call: Callable[[], int], before: Callable[[], None] = lambda: None) -> Timing:
    """Run so many times after one to warm up, each after `before`, which is not timed; give the median."""
    answer = call()
    seconds, cpu = [], []
    for _ in range(runs):
        before()
        begin, used = time.perf_counter(), _used()
        answer = call()
        seconds.append(time.perf_counter() - begin)
        cpu.append(_used() - used)
    return Timing(median(seconds), answer, median(cpu))


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def ripgrep() -> str:
    """Find the ripgrep that the development requirements install (14.1), beside this Python or on the PATH."""
    beside = Path(sys.executable).with_name("rg")
    found = str(beside) if beside.exists() else shutil.which("rg")
    if found is None:
        raise SystemExit("ripgrep is missing: make install installs it from requirements/dev.lock")
    return found


def grep(words: Path, files: tuple[Path, ...], *more: str) -> int:
    """Count lines that `rg -F -f` prints."""
    command = [ripgrep(), "-F", "-f", str(words), "-j2", "--no-filename", "-N", *more, *map(str, files)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    return done.stdout.count(b"\n")


def check(pack: Path | str, files: tuple[Path, ...], out: Path, *more: str, alone: bool = False) -> int:
    """Count sightings of `nachsorge check`, coverage and controls included; `alone` on one core with one worker."""
    command = [sys.executable, "-m", "nachsorge", "check", str(pack), *map(str, files), "--json", str(out), "-q", *more]
    command = ["taskset", "-c", "0", *command, "--jobs", "1"] if alone else command
    done = subprocess.run(command, stderr=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1, 3):
        raise SystemExit(done.stderr.decode())
    return len(json.loads(out.read_bytes())["sightings"])


def evict(files: tuple[Path, ...]) -> None:
    """Have the system forget what it keeps of these files, so that the disk is read again."""
    for path in files:
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def read_only(files: tuple[Path, ...]) -> int:
    """Read all bytes into one buffer, in as many processes as there are cores, and do nothing with them."""
    code = (
        "import sys, multiprocessing, os\n"
        "def read(path):\n"
        "    room, size = memoryview(bytearray(1 << 22)), 0\n"
        "    with open(path, 'rb', buffering=0) as stream:\n"
        "        while got := stream.readinto(room):\n"
        "            size += got\n"
        "    return size\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('fork').Pool(os.cpu_count()) as pool:\n"
        "        print(sum(pool.imap_unordered(read, sys.argv[1:])))"
    )
    done = subprocess.run([sys.executable, "-c", code, *map(str, files)], stdout=subprocess.PIPE, check=True)
    return int(done.stdout)


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


def inflated(files: tuple[Path, ...]) -> int:
    """Unpack gzip and zstd with the libraries that we use, in one process, and do nothing with what comes out."""
    code = (
        "import sys, zstandard\nfrom isal import igzip\nsize, room = 0, memoryview(bytearray(1 << 20))\n"
        "for path in sys.argv[1:]:\n"
        "    raw = open(path, 'rb')\n"
        "    stream = igzip.open(raw) if path.endswith('.gz') else zstandard.ZstdDecompressor().stream_reader(raw)\n"
        "    while got := stream.readinto(room):\n"
        "        size += got\n"
        "print(size)"
    )
    done = subprocess.run([sys.executable, "-c", code, *map(str, files)], stdout=subprocess.PIPE, check=True)
    return int(done.stdout)


def bare(words: Path, files: tuple[Path, ...]) -> int:
    """Read blocks into one buffer, scan them with hyperscan for the literals of our own sieve, and do nothing else."""
    code = (
        "import pathlib, sys, hyperscan\n"
        "from nachsorge.matching.literals import literals_of\n"
        "from nachsorge.matching.tests import tests_of\n"
        "from nachsorge.packs.adhoc import load_indicator_file\n"
        "tests = tests_of([load_indicator_file(pathlib.Path(sys.argv[1]))])\n"
        "words = sorted({word.encode() for test in tests for word in literals_of(test, None)})\n"
        "base = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)\n"
        "base.compile(expressions=words, ids=list(range(len(words))), literal=True,\n"
        "             flags=[hyperscan.HS_FLAG_CASELESS] * len(words))\n"
        "scratch, found, room = hyperscan.Scratch(base), [], bytearray(1 << 22)\n"
        "for path in sys.argv[2:]:\n"
        "    with open(path, 'rb', buffering=0) as stream:\n"
        "        while size := stream.readinto(room):\n"
        "            block = memoryview(room)[:size]\n"
        "            base.scan(block, match_event_handler=lambda *a: found.append(a[2]), scratch=scratch)\n"
        "print(len(found))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(words), *map(str, files)], stdout=subprocess.PIPE, check=True
    )
    return int(done.stdout)


def joined(words: Path, files: tuple[Path, ...]) -> int:
    """Ask DuckDB, with declared columns, which rows name a domain of the list or one below it."""
    code = (
        "import sys, duckdb\n"
        "base = duckdb.connect(config={'threads': 2})\n"
        'base.execute("CREATE TABLE wanted AS SELECT DISTINCT value FROM read_csv(?) "\n'
        "             \"WHERE type = 'domain'\", [sys.argv[1]])\n"
        "print(base.execute('''\n"
        "WITH rows AS (SELECT coalesce(query, tls.sni) AS name FROM read_json(?, format='newline_delimited',\n"
        "  columns={query: 'VARCHAR', tls: 'STRUCT(sni VARCHAR)'})),\n"
        "names AS (SELECT DISTINCT name, string_split(name, '.') AS parts FROM rows WHERE name IS NOT NULL),\n"
        "ends AS (SELECT name, array_to_string(parts[i:], '.') AS tail\n"
        "  FROM names, range(1, 8) t(i) WHERE i <= len(parts)),\n"
        "met AS (SELECT DISTINCT name FROM ends JOIN wanted ON tail = value)\n"
        "SELECT count(*) FROM rows JOIN met USING (name)''', [sys.argv[2:]]).fetchone()[0])"
    )
    csv = words.with_suffix(".csv")
    done = subprocess.run([sys.executable, "-c", code, str(csv), *map(str, files)], stdout=subprocess.PIPE, check=True)
    return int(done.stdout)
