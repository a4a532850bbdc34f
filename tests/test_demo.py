"""The example organisation tells its story, however it is read.

The golden text is tests/golden/demo.txt. To accept a wanted change: NACHSORGE_GOLDEN=1 pytest tests/test_demo.py, and
hold the difference against examples/organisation/README.md before it is committed.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest
from tests.demo_text import text

from nachsorge.assets.inventory import load_inventory
from nachsorge.exports.assessment_json import dumps
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Status
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, executors, sweep

ORGANISATION = Path(__file__).parents[1] / "examples" / "organisation"
EVIDENCE = ORGANISATION / "evidence"
TRIAGE = EVIDENCE / "hosts" / "gm-ws-12" / "triage.zip"
GOLDEN = Path(__file__).parent / "golden" / "demo.txt"

NAMED = {"gm-ws-07", "gm-ws-12", "gm-ws-15", "gm-mac-01", "we-ws-03", "gm-pbx-01"}
"""Whom the story gives sightings. gm-ws-20 is ruled out; of we-ws-05 there is no evidence."""

DECOYS = ("www.3cx.com", "notazureonlinestorage.com", "22612azureonlinestorage.com", "almtal-keramik/shop/main")


def run(*, sieve=True, jobs=1):
    options = Options(assets={str(TRIAGE): "gm-ws-12"}, jobs=jobs, sieve=sieve, now=parse_instant("2023-06-01"))
    inventory = load_inventory(ORGANISATION / "inventory.csv")
    return sweep([resolve("3cx-2023")], [str(EVIDENCE), str(TRIAGE)], inventory, options)


@pytest.fixture(scope="module")
def demo():
    return run()


def test_the_verdicts_are_the_story(demo):
    titles = {rule.id: rule.title for rule in resolve("3cx-2023").rules}
    told = text(demo, str(EVIDENCE), titles)
    if os.environ.get("NACHSORGE_GOLDEN"):
        GOLDEN.write_text(told, encoding="utf-8")
    assert told == GOLDEN.read_text(encoding="utf-8")


def test_without_the_sieve_it_is_the_same(demo):
    assert dumps(run(sieve=False)) == dumps(demo)


def test_over_two_processes_it_is_the_same(demo, monkeypatch):
    monkeypatch.setattr(executors, "SMALL", 0)  # else so little evidence is read in this process
    assert dumps(run(jobs=2)) == dumps(demo)


def test_nobody_else_has_a_sighting_or_a_row(demo):
    assert {sighting.asset for sighting in demo.sightings} == NAMED
    assert {row.asset.id for row in demo.assets} == NAMED | {"gm-ws-20", "we-ws-05"}


def test_decoys_are_there_and_make_no_sighting(demo):
    logs = b"".join(unwrapped(path) for path in sorted(EVIDENCE.rglob("*.gz")))
    shown = " ".join(value for sighting in demo.sightings for value in (sighting.indicator, *sighting.fields.values()))
    for decoy in DECOYS:
        assert decoy.encode() in logs
        assert decoy not in shown
    # The shared service is in the story only where the app itself asks for it, or for the folder of the icons.
    shared = [s for s in demo.sightings if "raw.githubusercontent.com" in str(s.fields)]
    assert {(s.asset, s.trace) for s in shared} == {("gm-ws-07", "icon-request"), ("gm-ws-07", "icon-lookup")}


def test_the_clean_version_is_there_and_makes_no_sighting(demo):
    clean = [path for path in EVIDENCE.rglob("*.gz") if b"18.12.425" in unwrapped(path)]
    assert len(clean) == 5  # three exports, Winlogbeat's April, the telephone server's folder
    assert not [s for s in demo.sightings if "18.12.425" in f"{s.locator} {s.fields}"]


def test_one_source_was_not_read_to_its_end_and_says_so(demo):
    broken = [source.reading for source in demo.sources if source.reading.status is not Status.READ]
    assert [(r.path.rpartition("/")[2], r.status, r.reason.value) for r in broken] == [
        ("access.log-20221201.gz", Status.PARTLY, "truncated")
    ]


def test_no_file_of_the_evidence_is_a_known_sample(demo):
    hashes = {i.value for i in resolve("3cx-2023").indicators if i.type.value == "sha256"}
    assert hashes
    assert not hashes & {source.reading.sha256 for source in demo.sources}
    assert not [s for s in demo.sightings if s.type == "sha256" and s.telemetry.value == "filesystem"]


def test_the_evidence_is_what_the_script_makes(tmp_path):
    first, second = made(tmp_path / "first"), made(tmp_path / "second")
    assert first == second
    committed = {name: (ORGANISATION / name).read_bytes() for name in first}
    on_disk = {str(path.relative_to(ORGANISATION)) for path in EVIDENCE.rglob("*") if path.is_file()}
    assert on_disk == set(first) - {"inventory.csv"}
    # Another zlib compresses to other bytes; what is inside must be the same.
    for name, body in first.items():
        if name.endswith("access.log-20221201.gz"):
            mine, other = inflated(body), inflated(committed[name])
            assert mine.startswith(other[:10_000]) and other.startswith(mine[:10_000])
        else:
            assert contents(name, body) == contents(name, committed[name]), name


def made(target):
    target.mkdir()
    subprocess.run([sys.executable, "-B", str(ORGANISATION / "make.py"), str(target)], check=True)
    return {str(path.relative_to(target)): path.read_bytes() for path in sorted(target.rglob("*")) if path.is_file()}


def inflated(body):
    return zlib.decompressobj(31).decompress(body)


def unwrapped(path):
    return inflated(path.read_bytes())


def contents(name, body):
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return [(m.filename, m.date_time, m.extra, archive.read(m)) for m in archive.infolist()]
    if name.endswith(".tar.gz"):
        with tarfile.open(fileobj=io.BytesIO(inflated(body))) as archive:
            files = [(m, archive.extractfile(m)) for m in archive.getmembers()]
            return [(m.name, m.mtime, stream.read() if stream else b"") for m, stream in files]
    return inflated(body) if name.endswith(".gz") else body
