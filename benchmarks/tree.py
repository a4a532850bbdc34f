"""`python -m benchmarks.tree [--files N] [--megabytes N]`: hashes in a tree of files against `sha256sum`.

Two lists of 300 hashes: with the sizes of their files, so that only files of such a size need be hashed, and without.
Both hold the hashes of ten files of the tree. What ours does beside hashing: every file's path is compared, every file
that is a log is read as one, and what was not hashed is accounted for.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import subprocess
import tempfile
from pathlib import Path

from benchmarks.data import SEED
from benchmarks.runs import Timing, check, timed

_STARTS = (b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff", b"\x7fELF\x02\x01\x01\x00", b"\x89PNG\r\n\x1a\n", b"")
"""Programs, libraries, pictures and texts, as a disk has them."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=25_000)
    parser.add_argument("--megabytes", type=int, default=2_000)
    parser.add_argument("--runs", type=int, default=3)
    words = parser.parse_args()
    print(f"{words.files:,} files, {words.megabytes:,} MB, {os.cpu_count()} cores, median of {words.runs}\n")
    print("| work | opponent | opponent s, wall / CPU | ours s, wall / CPU | ratio | sightings |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        os.environ["NACHSORGE_CACHE"] = str(Path(name) / "cache")
        root = Path(name) / "tree"
        files = write_tree(root, words.files, words.megabytes)
        theirs = timed(words.runs, lambda: sums(root))
        for sized in (True, False):
            pack = write_hashes(Path(name) / f"hashes-{sized}.csv", files, sized=sized)
            ours = timed(words.runs, lambda pack=pack: check(pack, (root,), Path(name) / "out.json"))
            what = "300 hashes with their sizes" if sized else "300 hashes, every file hashed"
            row(what, theirs, ours)


def write_tree(root: Path, count: int, megabytes: int) -> list[Path]:
    """Write files of log-normal sizes in folders of a hundred; the same bytes from the same seed."""
    rng = random.Random(SEED)
    sizes = [rng.lognormvariate(0, 1.6) for _ in range(count)]
    scale = megabytes * 1_000_000 / sum(sizes)
    pool = rng.randbytes(1 << 20)
    files = []
    for number, size in enumerate(sizes):
        path = root / f"{number // 2500:02}" / f"{number // 100:03}" / f"file-{number:05}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        start = _STARTS[number % len(_STARTS)] or b"a note of %d\n" % number * 40
        want = max(int(size * scale), len(start) + 8)
        at = rng.randrange(1 << 19)
        body = pool[at : at + (1 << 19)]
        with path.open("wb") as stream:
            stream.write(start + number.to_bytes(8, "little"))
            left = want - stream.tell()
            while left > 0:
                left -= stream.write(body[:left])
        files.append(path)
    return files


def write_hashes(path: Path, files: list[Path], *, sized: bool) -> Path:
    """Write a list of 300 hashes, ten of them of files of the tree."""
    rng = random.Random(SEED + 2)
    present = [files[number * len(files) // 10] for number in range(10)]
    rows = [(hashlib.sha256(each.read_bytes()).hexdigest(), each.stat().st_size) for each in present]
    rows += [(f"{rng.getrandbits(256):064x}", rng.randrange(50_000, 5_000_000)) for _ in range(290)]
    lines = ("type,value,size\n" if sized else "type,value\n",)
    path.write_text("".join(lines) + "".join(f"sha256,{h},{s}\n" if sized else f"sha256,{h}\n" for h, s in rows))
    return path


def sums(root: Path) -> int:
    """Hash every file with `sha256sum` on all cores; gives how many."""
    command = f"find {root} -type f -print0 | xargs -0 -n 200 -P {os.cpu_count()} sha256sum"
    return subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, check=True).stdout.count(b"\n")


def row(work: str, theirs: Timing, ours: Timing) -> None:
    ratios = f"{theirs.seconds / ours.seconds:.2f} / {theirs.cpu / ours.cpu:.2f}"
    times = f"{theirs.seconds:.2f} / {theirs.cpu:.2f} | {ours.seconds:.2f} / {ours.cpu:.2f}"
    print(f"| {work} | `sha256sum`, all files, all cores | {times} | {ratios} | {ours.answer} |", flush=True)


if __name__ == "__main__":
    main()
