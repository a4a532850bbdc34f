"""`python -m benchmarks.rules`: rules over real event logs and YARA rules over a tree; for docs/reference/rules.md.

The event logs are those beside the project, their chunks laid one behind the other in files of some ten megabytes: the
samples are tiny, and opening files is not what is measured. `attack` are the attack samples alone (mostly Sysmon and
Security), where nearly every record concerns some rule; `all` has the plain System log as well.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.runs import timed
from benchmarks.sigma_rules import SEED, write_rules
from benchmarks.tree import write_tree

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
HEADER, CHUNK = 4096, 64 * 1024
SETS = {
    "attack": ("evtx-attack-samples", "sigma-regression"),
    "all": ("evtx-attack-samples", "sigma-regression", "evtx-plaso-benign"),
}
LARGE = 8 * 1024 * 1024
PROGRAMS = (Path("/usr/bin"),)
"""Folders of programs as systems have them, some hundred kilobytes each."""

PARTS = 8
"""Files of a set: enough to keep two cores busy to the end."""

SCAN = """
import sys, pathlib, yara_x
compiler = yara_x.Compiler(relaxed_re_syntax=True)
for name in ('filename', 'filepath', 'extension', 'filetype', 'owner'):
    compiler.define_global(name, '')
for path in sorted(pathlib.Path(sys.argv[1]).glob('*.yar')):
    compiler.new_namespace(path.name)
    compiler.add_source(path.read_text())
scanner = yara_x.Scanner(compiler.build())
files = (path for path in pathlib.Path(sys.argv[2]).rglob('*') if path.is_file() and not path.is_symlink())
print(sum(bool(scanner.scan(path.read_bytes()).matching_rules) for path in files))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rules", type=int, nargs="+", default=[1_000, 2_000])
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--yara-only", action="store_true")
    parser.add_argument("--sigma-only", action="store_true")
    parser.add_argument("--folder", type=Path, help="a folder of rules in place of made ones")
    words = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}, median of {words.runs}\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["NACHSORGE_CACHE"] = str(folder / "cache")
        (folder / "nothing.csv").write_text("type,value\ndomain,c2.invalid.example\n")
        if not words.yara_only:
            sigma_rows(folder, words)
        if not words.sigma_only:
            yara_rows(folder, words.runs)


def sigma_rows(folder: Path, words: argparse.Namespace) -> None:
    if not SHARED.is_dir():
        print("No Sigma rows: the real event logs are not beside the project.")
        return
    folders = {count: write_rules(folder / f"rules{count}", count) for count in words.rules}
    if words.folder:
        folders = {len(list(words.folder.rglob("*.yml"))): words.folder}
    heads = ("events", "rules", "cores", "s, wall / CPU", "start alone", "events/s", "net of start")
    heads = (*heads, "a CPU second, net", "events/s on two free cores, computed", "matches")
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    for kind in words.sets:
        sources = [path for name in SETS[kind] for path in sorted((SHARED / name).rglob("*.evtx"))]
        files = merged(sources, folder / kind, words.events)
        for count, rules in folders.items():
            for jobs in (1, 2):
                row(kind, Work(folder, files, rules, jobs), count, words.runs)


@dataclass(slots=True)
class Work:
    """One way of running; `records` is what the last run has read."""

    folder: Path
    files: list[Path]
    rules: Path
    jobs: int
    records: int = 0

    def start(self) -> int:
        return check(self.folder, [small(self.folder)], self.rules, self.jobs)[1]

    def whole(self) -> int:
        self.records, matches = check(self.folder, self.files, self.rules, self.jobs)
        return matches


def row(kind: str, work: Work, count: int, runs: int) -> None:
    start, whole = timed(runs, work.start), timed(runs, work.whole)
    wall, cpu = max(whole.seconds - start.seconds, 1e-3), max(whole.cpu - start.cpu, 1e-3)
    cells = (
        f"{work.records:,} ({kind})",
        f"{count:,}",
        work.jobs,
        f"{whole.seconds:.2f} / {whole.cpu:.2f}",
        f"{start.seconds:.2f} / {start.cpu:.2f}",
        f"{work.records / whole.seconds:,.0f}",
        f"{work.records / wall:,.0f}",
        f"{work.records / cpu:,.0f}",
        # The start is done by one process; all else is shared out. On a machine that others use, the clock cannot say.
        f"{work.records / (start.cpu + cpu / 2):,.0f}",
        f"{whole.answer:,}",
    )
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def small(folder: Path) -> Path:
    path = folder / "small.evtx"
    if not path.exists():
        source = min((SHARED / "sigma-regression").rglob("*.evtx"))
        path.write_bytes(source.read_bytes())
    return path


def merged(sources: list[Path], folder: Path, events: int) -> list[Path]:
    """Lay the chunks of all files behind one another, again and again, until there are about so many events."""
    folder.mkdir()
    chunks = [
        body[at : at + CHUNK] for p in sources for body in [p.read_bytes()] for at in range(HEADER, len(body), CHUNK)
    ]
    chunks = [chunk for chunk in chunks if chunk.startswith(b"ElfChnk\0") and len(chunk) == CHUNK]
    held = sum(int.from_bytes(c[16:24], "little") - int.from_bytes(c[8:16], "little") + 1 for c in chunks)
    header = sources[0].read_bytes()[:HEADER]
    each = max(1, round(events / held / PARTS))
    files = []
    for number in range(PARTS):
        path = folder / f"{number}.evtx"
        path.write_bytes(header + b"".join(chunks) * each)
        files.append(path)
    return files


def check(folder: Path, files: list[Path], rules: Path, jobs: int) -> tuple[int, int]:
    """Give how many records were read, and how many sightings there were."""
    out = folder / "out.json"
    command = [sys.executable, "-m", "nachsorge", "check", str(folder / "nothing.csv"), *map(str, files)]
    command += ["--rules", str(rules), "--json", str(out), "-q", "--jobs", str(jobs)]
    done = subprocess.run(command, stderr=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1, 3):
        raise SystemExit(done.stderr.decode())
    result = json.loads(out.read_bytes())
    return sum(source["records"] for source in result["sources"]), len(result["sightings"])


def yara_rows(folder: Path, runs: int) -> None:
    """Made rules and real ones over programs of the standard library, the same in large files, and a system's own."""
    made = folder / "yara"
    made.mkdir()
    chance = random.Random(SEED)
    for number in range(20):
        endings = (chance.choice(["", " payload", "/gate.php"]) for _ in range(6))
        words = [f'$s{n} = "{chance.getrandbits(64):016x}{ending}"' for n, ending in enumerate(endings)]
        meta, strings = 'meta: author = "nachsorge benchmarks"', " ".join(words)
        body = f"rule made_{number} {{ {meta} strings: {strings} condition: 2 of them }}"
        (made / f"{number}.yar").write_text(body)
    sources = [p for p in Path(os.__file__).parent.rglob("*") if p.is_file() and p.suffix in (".so", ".pyc", ".exe")]
    bodies = [path.read_bytes() for path in sorted(sources)[:4000]]
    joined = b"".join(bodies) * 3
    trees = [
        written(folder / "small", bodies),
        written(folder / "large", [joined[at : at + LARGE] for at in range(0, len(joined), LARGE)]),
        *(path for path in PROGRAMS if path.is_dir()),
        folder / "tree",
    ]
    write_tree(trees[-1], 25_000, 2_000)
    heads = (
        "YARA, one core",
        "files",
        "yara-x alone, s wall / CPU",
        "ours",
        "ours, start alone",
        "CPU, net, to yara-x",
        "ours on all cores, whole, by the clock",
        "to yara-x",
    )
    print(f"\n| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    for name, rules in (("20 made rules", made), ("25 real rules", real(folder / "real"))):
        for tree in trees if rules is not None else ():
            yara_row(name, tree, rules, folder, runs)


def real(into: Path) -> Path | None:
    """Gather the public rules of the 3CX incident; None where they are not beside the project."""
    sources = [SHARED / "ti-signature-base" / "yara", SHARED / "ti-3cx-volexity" / "indicators"]
    found = [path for source in sources for path in sorted(source.glob("*.yar"))]
    into.mkdir()
    for path in found:
        (into / path.name).write_bytes(path.read_bytes())
    return into if found else None


def written(tree: Path, bodies: list[bytes]) -> Path:
    tree.mkdir()
    for number, body in enumerate(bodies):
        (tree / f"{number}.bin").write_bytes(body)
    return tree


def yara_row(name: str, tree: Path, rules: Path, folder: Path, runs: int) -> None:
    files = [path for path in tree.rglob("*") if path.is_file() and not path.is_symlink()]
    size = sum(path.stat().st_size for path in files)
    start = timed(runs, lambda: check(folder, [folder / "small" / "0.bin"], rules, 1)[1])
    theirs, ours = timed(runs, lambda: scan(rules, tree)), timed(runs, lambda: check(folder, [tree], rules, 1)[1])
    spread = timed(runs, lambda: check(folder, [tree], rules, os.cpu_count() or 1)[1]).seconds
    cells = [name, f"{tree.name}: {len(files):,}, {size / 1e6:.0f} MB"]
    cells += [f"{one.seconds:.2f} / {one.cpu:.2f}" for one in (theirs, ours, start)]
    cells += [f"{(ours.cpu - start.cpu) / theirs.cpu:.1f}", f"{spread:.2f}", f"{spread / theirs.seconds:.1f}"]
    print(f"| {' | '.join(cells)} |", flush=True)


def scan(rules: Path, tree: Path) -> int:
    """Count the files that match, with yara-x and nothing else."""
    done = subprocess.run([sys.executable, "-c", SCAN, rules, tree], capture_output=True, check=True)
    return int(done.stdout)


if __name__ == "__main__":
    main()
