"""What it costs to load long indicator files: `python -m benchmarks.imports [FOLDER]`.

Makes a STIX bundle of 200,000 indicators (100 MB), a CSV of a million rows and a MISP feed of 200 events (90 MB) in the
folder, unless they are there, and loads each in a process of its own; prints processor time and the peak of memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from uuid import UUID

STIX, CSV, FEED = "long.stix.json", "long.csv", "feed"
_TIMES = {"created": "2025-01-01T00:00:00.000Z", "modified": "2025-01-01T00:00:00.000Z"}
_MARK = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"


def make(folder: Path) -> None:
    """Write the files that are not there."""
    if not (folder / STIX).exists():
        with (folder / STIX).open("w", encoding="utf-8") as stream:
            stream.write(f'{{"type":"bundle","id":"bundle--{UUID(int=0)}","objects":[\n')
            stream.write(",\n".join(json.dumps(_indicator(number)) for number in range(200_000)) + "]}")
    if not (folder / CSV).exists():
        rows = "".join(f"domain,host-{number}.evil.example\n" for number in range(1_000_000))
        (folder / CSV).write_text(f"type,value\n{rows}", encoding="utf-8")
    if not (folder / FEED).exists():
        (folder / FEED).mkdir()
        names = [str(UUID(int=number)) for number in range(200)]
        for number, name in enumerate(names):
            (folder / FEED / f"{name}.json").write_text(json.dumps(_event(number)), encoding="utf-8")
        (folder / FEED / "manifest.json").write_text(json.dumps({name: {} for name in names}), encoding="utf-8")


def _indicator(number: int) -> dict[str, object]:
    host = f"host-{number}.evil.example"
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{UUID(int=number)}",
        **_TIMES,
        "name": host,
        "description": "command and control",
        "indicator_types": ["malicious-activity"],
        "pattern": f"[domain-name:value = '{host}']",
        "pattern_type": "stix",
        "valid_from": "2025-01-01T00:00:00Z",
        "object_marking_refs": [_MARK],
    }


def _event(number: int) -> dict[str, object]:
    attributes = [
        {
            "uuid": str(UUID(int=number * 1000 + each)),
            "type": "domain",
            "category": "Network activity",
            "value": f"host-{number}-{each}.evil.example",
            "to_ids": True,
            "comment": "command and control server of the campaign",
            "timestamp": "1700000000",
            "Tag": [{"name": "tlp:clear"}],
            **dict.fromkeys(("object_relation", "first_seen", "last_seen")),
            **dict.fromkeys(("deleted", "disable_correlation"), False),
            **dict.fromkeys(("distribution", "object_id", "sharing_group_id"), "0"),
        }
        for each in range(1000)
    ]
    info = {"uuid": str(UUID(int=number)), "info": f"event {number}", "date": "2025-01-01", "Orgc": {"name": "lab"}}
    return {"Event": {**info, "Attribute": attributes, "Tag": [{"name": "tlp:clear"}]}}


def load(path: Path) -> None:
    """Load one file and print what it cost this process."""
    from nachsorge.packs.library import resolve

    start, before = time.process_time(), _peak()
    pack = resolve(str(path))
    spent = time.process_time() - start
    print(f"{path.name}: {len(pack.indicators):,} rows, {spent:.1f} s, peak {_peak():.0f} MB ({before:.0f} at start)")


def _peak() -> float:
    # Not getrusage: its peak is inherited from whoever started this process, and that one has made the files.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main(words: list[str]) -> None:
    """Measure, or with `--load` be the process that is measured."""
    if words[:1] == ["--load"]:
        load(Path(words[1]))
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(words[0]) if words else Path(made)
        make(folder)
        for name in (STIX, CSV, FEED):
            subprocess.run([sys.executable, "-m", "benchmarks.imports", "--load", str(folder / name)], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
