"""Collections through the whole line: who is who, what belongs together in an archive, hundreds at a time."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.builders import domain_pack, need, pack, stage, t
from tests.collection_kit import archive, kape, tarball, uac, velociraptor
from tests.evidence.windows.hive_kit import entry, hive, log, number, pages, text

from nachsorge.assets.inventory import Inventory
from nachsorge.model.words import Reason, Status, Telemetry, Weight
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from pathlib import Path

WHEN = "2023-04-01T06:00:00Z"
NOTE = ("C:\\Users\\anna\\note.txt", b"a note", WHEN)
QUERIES = b"ts,query\n2023-03-29T08:00:00Z,evil.example\n"
HISTORY = "C:\\Users\\anna\\AppData\\Local\\Google\\Chrome\\User Data\\Default\\History"


def run(*paths: Path, assets: dict[str, str] | None = None, **more):
    options = Options(jobs=1, now=t("2023-06-01"), assets=assets or {}, **more)
    return sweep([domain_pack(window=None, weight=Weight.HINT)], [str(p) for p in paths], Inventory(), options)


def written(path: Path, body: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path


def system(name: str) -> tuple[str, bytes, str]:
    tree = {"Control": {"ComputerName": {"ComputerName": {"ComputerName": text(name)}}}}
    body = hive({"Select": {"Current": number(1)}, "ControlSet001": tree})
    return ("C:\\Windows\\System32\\config\\SYSTEM", body, WHEN)


def reading(found, end: str):
    (one,) = [source.reading for source in found.sources if source.reading.path.endswith(end)]
    return one


@pytest.fixture
def history(tmp_path) -> tuple[bytes, bytes]:
    """Give a database as it lies on disk while the browser runs, and its log, in which alone the visit stands."""
    place = tmp_path / "live"
    with closing(sqlite3.connect(place)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE urls (id INTEGER PRIMARY KEY, url TEXT, last_visit_time INTEGER)")
        database.execute("CREATE TABLE visits (id INTEGER PRIMARY KEY, url INTEGER, visit_time INTEGER)")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("INSERT INTO urls VALUES (1, 'https://evil.example/x', 13324473600000000)")
        database.execute("INSERT INTO visits VALUES (1, 1, 13324473600000000)")
        database.commit()
        return place.read_bytes(), (tmp_path / "live-wal").read_bytes()


def shapes(history: tuple[bytes, bytes]):
    files = [NOTE, (HISTORY, history[0], WHEN), (HISTORY + "-wal", history[1], WHEN)]
    bare = [("old/History", history[0], None), ("old/History-wal", history[1], None)]
    unix = [("/home/anna/.config/chromium/Default/" + n.partition("/")[2], body, WHEN) for n, body, _ in bare]
    return {
        "plain.zip": archive(bare),
        "plain.tar.gz": tarball(bare),
        "kape.zip": archive(kape(files)),
        "velociraptor.zip": archive(velociraptor(files)),
        "uac.tar.gz": tarball(uac(unix, hostname="srv")),
        "nested.zip": archive([("kape.zip", archive(kape(files)), None)]),
    }


@pytest.mark.parametrize(
    "name", ["plain.zip", "plain.tar.gz", "kape.zip", "velociraptor.zip", "uac.tar.gz", "nested.zip"]
)
def test_a_visit_in_the_write_ahead_log_is_found_in_every_wrapping(tmp_path, history, name):
    found = run(written(tmp_path / "in" / name, shapes(history)[name]))
    assert [(s.telemetry, s.time) for s in found.sightings] == [(Telemetry.BROWSER_HISTORY, t("2023-03-28T10:40:00Z"))]
    assert "read together with its -wal" in reading(found, "History").note


def test_without_its_log_an_archives_database_says_so(tmp_path, history):
    found = run(written(tmp_path / "in" / "a.zip", archive([("History", history[0], None)])))
    assert not found.sightings
    assert "was not beside it: newest changes may be missing" in reading(found, "History").note


def test_logs_of_another_folder_are_not_taken(tmp_path, history):
    members = [("a/History", history[0], None), ("b/History-wal", history[1], None)]
    assert not run(written(tmp_path / "in" / "a.zip", archive(members))).sightings


def software(value: str) -> dict:
    people = {"S-1-5-21-1-2-3-1001": {"ProfileImagePath": text("C:\\Users\\anna", 2)}}
    current = {"Run": {"x": text(value)}, "Uninstall": {"{1}": {"DisplayName": text("An App")}}}
    return {
        "Classes": {},
        "Microsoft": {
            "Windows": {"CurrentVersion": current},
            "Windows NT": {"CurrentVersion": {"ProfileList": people}},
        },
    }


@pytest.mark.parametrize("make", [kape, velociraptor])
def test_a_dirty_hive_in_a_collection_is_brought_up_to_date_and_its_users_are_found(tmp_path, make):
    old = hive(software("https://fine.example/x"), first=6, second=5)
    new = hive(software("https://evil.example/x"))
    config = "C:\\Windows\\System32\\config\\"
    files = [
        system("PC17"),
        (config + "SOFTWARE", old, WHEN),
        (config + "SOFTWARE.LOG1", log(old, [entry(5, len(new) - 4096, pages(old, new))], 5), WHEN),
        ("C:\\Users\\anna\\NTUSER.DAT", hive({"Software": {}}), WHEN),
    ]
    found = run(written(tmp_path / "x.zip", archive(make(files))))
    assert "1 entries of its transaction logs were applied" in reading(found, "SOFTWARE").note
    assert "read together with its hive" in reading(found, "SOFTWARE.LOG1").note
    assert {s.asset for s in found.sightings} == {"PC17"}
    installed = [c for c in found.coverage if c.telemetry is Telemetry.INSTALLED_SOFTWARE]
    assert [(c.asset, bool(c.intervals)) for c in installed] == [("PC17", True)]


def test_a_hunt_is_one_asset_a_client_and_its_orders_are_not_searched(tmp_path):
    members = [("hunt_info.json", b'{"artifact_parameters": "evil.example"}', None)]
    for client in ("pc1", "pc2"):
        info = json.dumps({"hostname": client}).encode()
        members.append((f"clients/C.{client}/client_info.json", info, None))
        results = [("results/Windows.Network.Netstat.json", b'{"Name":"x","Raddr":"evil.example"}\n')]
        base = f"clients/C.{client}/collections/F.1/"
        members += velociraptor([NOTE], base=base, more=results if client == "pc2" else ())  # type: ignore[arg-type]
    found = run(written(tmp_path / "hunt.zip", archive(members)))
    assert {row.asset.id for row in found.assets} == {"pc1", "pc2"}
    assert {s.asset for s in found.sightings} == {"pc2"}
    trees = [source for source in found.sources if source.reading.reader == "files"]
    assert [(s.reading.path.rpartition("!")[2], s.assets) for s in trees] == [
        ("clients/C.pc1", ("pc1",)),
        ("clients/C.pc2", ("pc2",)),
    ]


def test_the_call_goes_before_what_is_inside_and_the_contradiction_is_shown(tmp_path):
    path = written(tmp_path / "x.zip", archive(kape([system("PC17"), NOTE])))
    found = run(path, assets={str(path): "pc18"})
    assert {row.asset.id for row in found.assets} == {"pc18"}
    assert "named pc18 by the call, but what is in it says that it is PC17's" in reading(found, "x.zip").note


def test_an_unpacked_collection_is_read_as_the_packed_one(tmp_path):
    files = [system("PC17"), NOTE, ("C:\\Windows\\System32\\LogFiles\\x.csv", QUERIES, WHEN)]
    path = written(
        tmp_path / "x.zip", archive(velociraptor(files, more=[("results/A.json", b'{"a":"evil.example"}\n')]))
    )
    with zipfile.ZipFile(path) as packed:
        packed.extractall(tmp_path / "unpacked" / "pc")

    def seen(found):
        return {(s.asset, s.type, s.indicator, s.telemetry) for s in found.sightings}

    first, second = run(path), run(tmp_path / "unpacked")
    assert seen(first) == seen(second) == {("PC17", "domain", "evil.example", Telemetry.TEXT)}
    assert len(first.sightings) == len(second.sightings) == 2


def test_drives_as_folders_without_any_papers_are_a_host_too(tmp_path):
    members = [(name, body, time) for name, body, time in kape([system("PC17"), NOTE]) if name.startswith("C/")]
    assert reading(run(written(tmp_path / "cylr.zip", archive(members))), "cylr.zip").asset == "PC17"


def test_backslashes_in_an_archive_part_folders(tmp_path):
    members = [(name.replace("/", "\\"), body, time) for name, body, time in kape([system("PC17"), NOTE])]
    found = run(written(tmp_path / "x.zip", archive(members)))
    assert reading(found, "x.zip").asset == "PC17"


def test_an_open_cell_names_the_log_that_the_collector_could_not_copy(tmp_path):
    sysmon = "C:\\Windows\\System32\\winevt\\Logs\\Microsoft-Windows-Sysmon%4Operational.evtx"
    said = f"[x | FTL] Could not copy file {sysmon} to E:\\out. Error: it is being used by another process"
    path = written(tmp_path / "x.zip", archive(kape([system("PC17"), NOTE], console=[said])))
    asked = pack(stage("executed", needs=[need(Telemetry.PROCESS_CREATION)]))
    found = sweep([asked], [str(path)], Inventory(), Options(jobs=1, now=t("2023-06-01")))
    (row,) = found.assets
    assert [(unmet.reason, sysmon in unmet.note) for unmet in row.cells[0].unmet] == [(Reason.PERMISSION, True)]


@pytest.mark.parametrize("tool", ["kape", "velociraptor"])
def test_a_file_that_the_host_refused_is_met_by_its_path(tmp_path, tool):
    locked = "C:\\Users\\anna\\evil.dll"
    if tool == "kape":
        made = kape([system("PC17"), NOTE], skipped=[(locked, "", "File in use")])
    else:
        made = velociraptor([system("PC17"), NOTE], rows=[{"vfs_path": locked, "Error": "Access is denied."}])
    path = written(tmp_path / "x.zip", archive(made))
    listed = written(tmp_path / "iocs.csv", f"type,value\npath,{locked}\n".encode())
    found = sweep([resolve(str(listed))], [str(path)], Inventory(), Options(jobs=1, now=t("2023-06-01")))
    assert [(s.asset, s.telemetry) for s in found.sightings] == [("PC17", Telemetry.FILESYSTEM)]


def test_a_collection_cut_short_is_a_gap_and_covers_nothing(tmp_path):
    files = [system("PC17"), *((f"C:\\data\\{n}.bin", bytes(range(256)) * 40, WHEN) for n in range(50))]
    body = archive(kape(files))
    found = run(written(tmp_path / "x.zip", body[: len(body) // 2]))
    assert Reason.TRUNCATED in {source.reading.reason for source in found.sources}
    assert not [c for c in found.coverage if c.telemetry is Telemetry.FILESYSTEM and c.intervals]


MANY = 300


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """Three hundred collections in one folder, by three tools; every tenth host has met the name."""
    folder = tmp_path_factory.mktemp("fleet")
    for at in range(MANY):
        body = b"ts,query\n2023-03-29T08:00:00Z,%s\n" % (b"evil.example" if at % 10 == 0 else b"fine.example")
        log = ("C:\\Windows\\Temp\\dns.csv", body, WHEN)
        if at % 3 == 0:
            made = archive(kape([system(f"PC{at}"), log]))
        elif at % 3 == 1:
            made = archive(velociraptor([log], client={"hostname": f"PC{at}"}))
        else:
            made = tarball(uac([("/etc/hostname", b"PC%d\n" % at, WHEN), ("/var/log/dns.csv", body, WHEN)]))
        (folder / f"{at}.{'tar.gz' if at % 3 == 2 else 'zip'}").write_bytes(made)
    return folder


def test_hundreds_of_collections_are_each_an_asset_of_its_own(fleet):
    found = run(fleet)
    assert {row.asset.id for row in found.assets} == {f"PC{at}" for at in range(MANY)}
    assert {s.asset for s in found.sightings} == {f"PC{at}" for at in range(0, MANY, 10)}
    assert sum(source.reading.reader == "files" for source in found.sources) == MANY
    assert all(source.reading.status is Status.READ for source in found.sources)


def test_hundreds_of_collections_take_no_more_memory_than_a_few(fleet, tmp_path):
    few = tmp_path / "few"
    few.mkdir()
    for path in sorted(fleet.iterdir())[:30]:
        (few / path.name).write_bytes(path.read_bytes())
    small, large = peak(few), peak(fleet)
    assert large - small < 60 * 2**20


def peak(folder: Path) -> int:
    """Run the check in a process of its own; gives the most memory that it had, in bytes."""
    program = (
        "import resource,sys; from tests.sweep.test_collected import run; from pathlib import Path;"
        "run(Path(sys.argv[1])); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(folder)], check=True, capture_output=True, text=True)
    return int(done.stdout)


DUMP = b"\x7c\x01" + bytes(6000) + b"GET http://evil.example/a\0" + bytes(6000)


@pytest.mark.parametrize("above", ["", "Case7-PC99-2023-04-03/", "Case7-PC99/Saved Files/"])
def test_a_zip_of_drives_with_a_responders_own_reports_is_the_hosts_and_called_by_what_is_inside(tmp_path, above):
    """As Magnet RESPONSE, CyLR and others write them: drives as folders somewhere, reports and a dump beside them."""
    files = [system("PC17"), NOTE, ("C:\\Users\\anna\\evil.example.txt", b"x", WHEN)]
    members = [(above + name, body, time) for name, body, time in kape(files) if name.startswith("C/")]
    own = [("Volatile Data/netstat.txt", b"TCP 10.0.0.5:50000 evil.example ESTABLISHED\r\n"), ("RAM.bin", DUMP)]
    members += [(above + name, body, None) for name, body in own]
    found = run(written(tmp_path / "MagnetRESPONSE-PC99.zip", archive(members)))
    tree = next(one.reading for one in found.sources if one.reading.reader == "files")
    assert tree.asset == "PC17"
    met = {(s.telemetry, s.asset) for s in found.sightings}
    assert (Telemetry.TEXT, "PC17") not in met, "its reports name addresses of others as well"
    assert {telemetry for telemetry, _ in met} == {Telemetry.TEXT}
    dumps = [one.reading for one in found.sources if one.reading.reader == "memory_image"]
    assert [dump.reason for dump in dumps] == [Reason.NOT_SUPPORTED]
