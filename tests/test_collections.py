"""The example organisation, its hosts collected by triage tools, is judged as it is from plain evidence.

Every host's evidence is made into a collection: Windows hosts by KAPE and by Velociraptor, the Mac and the server by
UAC. What stays as it is are the sensors' logs, the forwarded events and the alert.

What a collector's choice of files changes are the gaps in `GAPS`, and nothing else: every host has a tree now, and
every tree is a selection of its files, which covers no file system. In the plain evidence three of the hosts have trees
(a triage archive, two archives of chosen files), which cover none either. So no cell differs.
"""

from __future__ import annotations

import gzip
import io
import os
import shutil
import tarfile
import zipfile
from pathlib import Path

import py7zr
import pytest
from tests.collection_kit import archive, kape, tarball, uac, velociraptor

from nachsorge.assets.inventory import load_inventory
from nachsorge.evidence.containers.zip_directory import _modified
from nachsorge.model.times import parse_instant, render
from nachsorge.model.words import Reason, Standing, Telemetry
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

ORGANISATION = Path(__file__).parents[1] / "examples" / "organisation"
WINDOWS = ("gm-ws-07", "gm-ws-12", "gm-ws-20", "we-ws-03")
SYSTEM = "C:\\Windows\\System32\\"
COLLECTED = "2023-05-01T12:00:00Z"
GAPS = {host: {(Reason.NOT_PROVIDED, Telemetry.FILESYSTEM)} for host in (*WINDOWS, "gm-mac-01", "gm-pbx-01")}
"""What the choice of files leaves open: whether a file that is not in it was on the host. Nothing was refused here."""


def windows_files(host: str) -> list[tuple[str, bytes, str]]:
    """Give a Windows host's evidence by the paths that it has on the host."""
    folder = ORGANISATION / "evidence" / "hosts" / host
    files = []
    for export in sorted(folder.glob("*.xml.gz")):
        body = gzip.decompress(export.read_bytes())
        files.append((f"{SYSTEM}winevt\\Logs\\{export.name.removesuffix('.gz')}", body, COLLECTED))
    if (folder / "triage.zip").exists():
        with zipfile.ZipFile(folder / "triage.zip") as triage:
            for member in triage.infolist():
                time = _modified({0x5455: member.extra[4:]})
                path = "C:\\" + member.filename.removeprefix("C/").replace("/", "\\")
                files.append((path, triage.read(member), render(time)))
    else:
        files.append((f"{SYSTEM}config\\README.txt", b"a stand-in\n", COLLECTED))
    return files


def unix_files(host: str) -> list[tuple[str, bytes, str]]:
    with tarfile.open(ORGANISATION / "evidence" / "hosts" / host / "collection.tar.gz") as old:
        return [("/" + m.name, old.extractfile(m).read(), render(int(m.mtime) * 1_000_000)) for m in old.getmembers()]


def collected(target: Path, tool: str) -> Path:
    """Copy the organisation's evidence, with every host's folder as a collection in its place."""
    shutil.copytree(ORGANISATION / "evidence", target)
    for host in WINDOWS:
        shutil.rmtree(target / "hosts" / host)
        (target / "hosts" / host).mkdir()
        files = windows_files(host)
        client = {"os_info": {"system": "windows", "hostname": host.upper(), "fqdn": host}}
        members = velociraptor(files, client=client) if tool == "velociraptor" else kape(files)
        if tool != "velociraptor":
            members = [(n, b.replace(b"KAPE-BOX", host.upper().encode()), t) for n, b, t in members]
        if tool == "kape as 7z":
            (target / "hosts" / host / "evidence.7z").write_bytes(seven_zip(members, target.parent))
        else:
            (target / "hosts" / host / "evidence.zip").write_bytes(archive(members))
    for host, system in (("gm-mac-01", "macos"), ("gm-pbx-01", "linux")):
        shutil.rmtree(target / "hosts" / host)
        (target / "hosts" / host).mkdir()
        body = tarball(uac(unix_files(host), system=system))
        (target / "hosts" / host / "evidence.tar.gz").write_bytes(body)
    return target


def seven_zip(members: list[tuple[str, bytes, int | None]], into: Path) -> bytes:
    """Make a 7z; its writer takes times from files alone."""
    packed, place = io.BytesIO(), into / "member"
    with py7zr.SevenZipFile(packed, "w") as writer:
        for name, body, time in members:
            place.write_bytes(body)
            stamp = (time or 0) * 1000
            os.utime(place, ns=(stamp, stamp))
            writer.write(place, name)
    place.unlink()
    return packed.getvalue()


def run(evidence: Path, assets: dict[str, str]):
    options = Options(assets=assets, jobs=1, now=parse_instant("2023-06-01"))
    inventory = load_inventory(ORGANISATION / "inventory.csv")
    return sweep([resolve("3cx-2023")], [str(evidence), *assets], inventory, options)


@pytest.fixture(scope="module")
def plain():
    triage = ORGANISATION / "evidence" / "hosts" / "gm-ws-12" / "triage.zip"
    return run(ORGANISATION / "evidence", {str(triage): "gm-ws-12"})


@pytest.fixture(scope="module", params=["kape", "kape as 7z", "velociraptor"])
def gathered(request, tmp_path_factory):
    return run(collected(tmp_path_factory.mktemp("collected") / "evidence", request.param), {})


def cells(assessment):
    return {
        (row.asset.id, cell.stage): (row.verdict, cell.standing, len(cell.because))
        for row in assessment.assets
        for cell in row.cells
    }


def seen(assessment):
    """What was met: on whom, by what, when; not in which file, since the file is another."""
    return {(s.asset, s.stage, s.type, s.indicator, s.weight, s.time) for s in assessment.sightings}


def test_verdicts_and_cells_are_those_of_the_plain_evidence(plain, gathered):
    assert cells(gathered) == cells(plain)


def test_the_same_is_met_on_the_same_hosts_at_the_same_times(plain, gathered):
    assert seen(gathered) == seen(plain)


def test_coverage_is_the_same(plain, gathered):
    def covered(assessment):
        return {(c.asset, c.telemetry): c.intervals for c in assessment.coverage}

    assert covered(gathered) == covered(plain)


def test_an_open_cell_lacks_the_same(plain, gathered):
    def lacking(assessment):
        return {
            (row.asset.id, cell.stage, unmet.telemetry, unmet.span)
            for row in assessment.assets
            for cell in row.cells
            if cell.standing is Standing.OPEN
            for unmet in cell.unmet
        }

    assert lacking(gathered) == lacking(plain)


def test_every_collection_is_a_selection_and_says_so(gathered):
    trees = [source.reading for source in gathered.sources if source.reading.reader == "files"]
    assert {t.asset.lower(): {(g.reason, g.telemetry) for g in t.gaps} for t in trees} == GAPS
    assert all("a selection of files by" in tree.note for tree in trees)
    assert not any(seen.spans for tree in trees for seen in tree.seen)


def test_its_own_papers_are_no_evidence(gathered):
    named = [source.reading.path.rpartition("/")[2] for source in gathered.sources]
    assert not [name for name in named if name.endswith(("uac.log", "CopyLog.csv", "uploads.json", "requests.json"))]
