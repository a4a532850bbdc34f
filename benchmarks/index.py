"""`python -m benchmarks.index [--megabytes N ...] [--runs N]`: what an index costs and what it saves.

Two kinds of logs. `random` are those of `benchmarks.data`, in which nothing repeats, a worst case for an index: random
addresses, every URL unique. `habits` are the same formats as 500 machines of habit write them: names by popularity, an
address a name, pages that are fetched again, forty records a second.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.data import _ZEEK_HEADER as ZEEK_HEADER
from benchmarks.data import SEED, START, Data, write_lists, write_logs
from benchmarks.data import name as name_of
from benchmarks.runs import Timing, check, timed
from benchmarks.runs import _used as used

if TYPE_CHECKING:
    from collections.abc import Callable

INDICATORS = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, nargs="+", default=(64, 256, 1024))
    parser.add_argument("--runs", type=int, default=3)
    words = parser.parse_args()
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {INDICATORS:,} indicators, median of {words.runs}"
    )
    print(
        "\n| logs | build s, wall / CPU | MB/s of CPU | index, share of raw | gzip -6 of raw | query s, wall / CPU |"
        " sweep s, wall / CPU | ratio, wall / CPU | sightings, index / sweep |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    kinds: tuple[tuple[str, Callable[[Path, int], Data]], ...] = (("random", write_logs), ("habits", write_habits))
    for megabytes in words.megabytes:
        for name, write in kinds:
            row(f"{megabytes} MB, {name}", write, megabytes, words.runs)


def row(name: str, write: Callable[[Path, int], Data], megabytes: int, runs: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ["NACHSORGE_CACHE"] = str(folder / "cache")
        logs, into, out = folder / "logs", folder / "index", folder / "out.json"
        logs.mkdir()
        made = write(logs, megabytes)
        listed = write_lists(folder, (INDICATORS,), made.planted)[INDICATORS].with_suffix(".csv")
        build = _built(logs, into)
        size = sum(path.stat().st_size for path in into.iterdir())
        asked = timed(runs, lambda: check(listed, (), out, "--index", str(into)))
        swept = timed(runs, lambda: check(listed, made.files, out))
        cells = (
            name,
            f"{build.seconds:.1f} / {build.cpu:.1f}",
            f"{made.size / build.cpu / 1e6:.1f}",
            f"{size / 1e6:.1f} MB, 1/{made.size / size:.1f}",
            f"1/{made.size / _zipped(made):.1f}",
            f"{asked.seconds:.2f} / {asked.cpu:.2f}",
            f"{swept.seconds:.2f} / {swept.cpu:.2f}",
            f"{swept.seconds / asked.seconds:.1f} / {swept.cpu / asked.cpu:.1f}",
            f"{asked.answer:,} / {swept.answer:,}",
        )
        print(f"| {' | '.join(cells)} |", flush=True)


def _built(logs: Path, into: Path) -> Timing:
    begin, before = time.perf_counter(), used()
    command = [sys.executable, "-m", "nachsorge", "index", str(logs), "--into", str(into), "-q"]
    subprocess.run(command, stderr=subprocess.PIPE, check=True)
    return Timing(time.perf_counter() - begin, 0, used() - before)


def _zipped(made: Data) -> float:
    """Say how large the logs would be with gzip, from one file of each kind."""
    import gzip

    some = [path.read_bytes() for path in made.files[:4]]
    return made.size * sum(len(gzip.compress(each, 6)) for each in some) / sum(map(len, some))


def write_habits(folder: Path, megabytes: int) -> Data:
    """Write logs of the same formats by machines that have habits, in files of eight megabytes."""
    rng = random.Random(SEED)
    planted = tuple(f"planted{n}-{name_of(rng)}" for n in range(10))
    names = [name_of(rng) for _ in range(20_000)]
    popular = [1 / rank for rank in range(1, len(names) + 1)]
    clients = [f"10.1.{n // 250}.{n % 250 + 1}" for n in range(500)]
    homes = {each: f"198.18.{rng.randint(0, 255)}.{rng.randint(1, 254)}" for each in (*names, *planted)}
    files = []
    for number in range(max(megabytes * 1_000_000 // EACH, 4)):
        kind, line, header = KINDS[number % len(KINDS)]
        path, written, count, at = folder / f"{number:03}-{kind}", 0, 0, float(START)
        with path.open("w") as stream:
            stream.write(header)
            while written < EACH:
                for name in rng.choices(names, popular, k=5_000):
                    at, count = at + rng.random() / 20, count + 1
                    host = planted[count // 9973 % 10] if count % 9973 == 0 else name
                    text = line(rng, at, rng.choice(clients), host, homes[host])
                    written += len(text)
                    stream.write(text)
        files.append(path)
    return Data(tuple(files), sum(path.stat().st_size for path in files), planted)


def _zeek(rng: random.Random, at: float, client: str, host: str, home: str) -> str:
    uid, port, number = f"C{rng.getrandbits(80):020x}", rng.randint(1024, 65535), rng.randint(0, 65535)
    return f"{at:.6f}\t{uid}\t{client}\t{port}\t10.0.0.53\t53\tudp\t{number}\t{host}\tA\tNOERROR\t{home}\n"


def _zeek_json(rng: random.Random, at: float, client: str, host: str, home: str) -> str:
    return (
        f'{{"_path":"dns","ts":{at:.6f},"uid":"C{rng.getrandbits(80):020x}","id.orig_h":"{client}",'
        f'"id.orig_p":{rng.randint(1024, 65535)},"id.resp_h":"10.0.0.53","id.resp_p":53,"proto":"udp",'
        f'"query":"{host}","qtype_name":"A","answers":["{home}"]}}\n'
    )


def _eve(rng: random.Random, at: float, client: str, host: str, home: str) -> str:
    stamp = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+0000")
    return (
        f'{{"timestamp":"{stamp}","flow_id":{rng.getrandbits(50)},"event_type":"tls","src_ip":"{client}",'
        f'"src_port":{rng.randint(1024, 65535)},"dest_ip":"{home}","dest_port":443,"proto":"TCP",'
        f'"tls":{{"sni":"{host}","version":"TLS 1.3","subject":"CN={host}"}}}}\n'
    )


def _squid(rng: random.Random, at: float, client: str, host: str, home: str) -> str:
    page = f"{host[:3]}-{min(int(rng.expovariate(0.2)), 50)}"
    return (
        f"{at:.3f} {rng.randint(1, 900):6d} {client} TCP_MISS/200 {rng.randint(200, 90000)} GET "
        f"http://{host}/{page}/index.html - HIER_DIRECT/{home} text/html\n"
    )


EACH = 8_000_000
KINDS: tuple[tuple[str, Callable[[random.Random, float, str, str, str], str], str], ...] = (
    ("dns.log", _zeek, ZEEK_HEADER),
    ("dns-json.log", _zeek_json, ""),
    ("eve.json", _eve, ""),
    ("access.log", _squid, ""),
)

if __name__ == "__main__":
    main()
