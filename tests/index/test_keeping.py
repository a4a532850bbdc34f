"""An index over time: what is new is added, what is known is skipped, what is old is forgotten and then not covered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from tests.builders import MARCH, asset, t
from tests.index.kit import Event, incident, sighted, standings, write, zeek

from nachsorge.assets.inventory import Inventory
from nachsorge.errors import InputError, UsageError
from nachsorge.index import build as building
from nachsorge.index import engine, rows
from nachsorge.index.manifest import NAME
from nachsorge.model.pack import Exposure, Rule, StoredTime, Trace
from nachsorge.model.times import DAY, HOUR
from nachsorge.model.words import Platform, Polarity, Reason, Standing, Telemetry, Weight
from nachsorge.sweep import Options, sweep
from nachsorge.sweep.indexing import IndexOptions, index
from nachsorge.sweep.recall import recall

NOW = t("2023-05-01")
ONE = Inventory((asset("pc1", names=("pc1",), addresses=("10.0.0.5",), declared=True),))
PACK = incident(("domain", "evil.example"))
ALL = [Event(at, "10.0.0.5", "good.example") for at in range(MARCH.start, MARCH.end, HOUR)]
ALL.append(Event(MARCH.end, "10.0.0.5", "good.example"))


def evil(day):
    return Event(MARCH.start + day * DAY + 5, "10.0.0.5", "www.evil.example")


def indexed(folder, *paths, **more):
    return index([str(path) for path in paths], folder / "index", IndexOptions(jobs=1, now=NOW, **more))


def recalled(folder, pack=PACK, inventory=ONE, **more):
    return recall([pack], folder / "index", inventory, Options(now=NOW, **more))


def swept(*paths, pack=PACK, inventory=ONE, **more):
    return sweep([pack], [str(path) for path in paths], inventory, Options(jobs=1, now=NOW, **more))


def test_only_new_and_changed_evidence_is_read(tmp_path):
    first = write(tmp_path, "dns.log", ALL, 1)
    assert len(indexed(tmp_path, first).readings) == 1
    second = write(tmp_path, "dns.log", [evil(3)], 2)
    again = indexed(tmp_path, first, second)
    assert (again.known, [r.path for r in again.readings]) == ((str(first),), [str(second)])
    assert sighted(recalled(tmp_path)) == sighted(swept(first, second))
    first.write_text(zeek([*ALL, Event(MARCH.end + 5, "10.0.0.5", "evil.example")]))
    changed = indexed(tmp_path, first, second)
    assert (changed.replaced, changed.known) == ((str(first),), (str(second),))
    found = recalled(tmp_path)
    assert sighted(found) == sighted(swept(first, second))
    assert len(found.sources) == 2


def test_what_was_indexed_stays_when_the_evidence_is_gone(tmp_path):
    log = write(tmp_path, "dns.log", [*ALL, evil(3)])
    indexed(tmp_path, log)
    before = recalled(tmp_path)
    log.unlink()
    assert indexed(tmp_path, log).kept == (str(log),)
    assert recalled(tmp_path) == before


def test_what_is_forgotten_is_not_covered_any_more(tmp_path):
    log = write(tmp_path, "dns.log", sorted([*ALL, evil(3), evil(20)], key=lambda e: e.time))
    indexed(tmp_path, log)
    assert len(recalled(tmp_path).sightings) == 2
    cut = MARCH.start + 10 * DAY
    indexed(tmp_path, forget_before=cut)
    found = recalled(tmp_path)
    assert [s.time for s in found.sightings] == [evil(20).time]
    (dns,) = [c for c in found.coverage if c.asset == "pc1" and c.telemetry is Telemetry.DNS_QUERY]
    assert dns.intervals[0].start == cut
    assert [(hole.span.start, hole.span.end, hole.reason) for hole in dns.gaps] == [
        (MARCH.start, cut - 1, Reason.FORGOTTEN)
    ]


def test_forgetting_turns_ruled_out_into_open_and_leaves_no_name_behind(tmp_path):
    quiet = [e if e.time > MARCH.start + DAY else Event(e.time, e.client, "secret-project.example") for e in ALL]
    log = write(tmp_path, "dns.log", quiet)
    indexed(tmp_path, log)
    assert standings(recalled(tmp_path))["pc1", "contacted"] == Standing.RULED_OUT
    indexed(tmp_path, forget_before=MARCH.start + 2 * DAY)
    found = recalled(tmp_path)
    assert standings(found)["pc1", "contacted"] == Standing.OPEN
    with engine.connect() as connection:
        files = str(tmp_path / "index" / "*.values.parquet").replace("'", "''")
        found = connection.execute(f"SELECT texts FROM read_parquet('{files}')").fetchall()
        texts = {text for (lines,) in found for text in lines.split("\n")}
    assert "good.example" in texts
    assert "secret-project.example" not in texts


def test_a_state_stays_as_long_as_its_source_is_covered(tmp_path):
    """A file may be older than the moment it was seen: its age is no reason to forget it."""
    log = write(tmp_path, "dns.log", ALL)
    os.utime(log, (0, 1_000_000_000))
    pack = incident(("file_name", log.name))
    indexed(tmp_path, log, forget_before=MARCH.start + DAY)
    assert [s.indicator for s in recalled(tmp_path, pack).sightings] == [log.name]


def test_a_crash_leaves_the_old_index(tmp_path, monkeypatch):
    first, second = write(tmp_path, "dns.log", ALL, 1), write(tmp_path, "dns.log", [evil(3)], 2)
    indexed(tmp_path, first)
    before = recalled(tmp_path)

    def crash(*_):
        raise RuntimeError("power is gone")

    with monkeypatch.context() as patch:
        patch.setattr(building, "measured", crash)
        with pytest.raises(RuntimeError):
            indexed(tmp_path, first, second)
    assert recalled(tmp_path) == before
    indexed(tmp_path, first, second)
    assert sighted(recalled(tmp_path)) == sighted(swept(first, second))


def test_a_damaged_or_foreign_index_is_refused(tmp_path):
    indexed(tmp_path, write(tmp_path, "dns.log", ALL))
    table = next((tmp_path / "index").glob("*.rows.parquet"))
    body = table.read_bytes()
    table.write_bytes(body[:-1] + b"x")
    with pytest.raises(InputError, match=r"rows\.parquet: is not what the manifest names"):
        recalled(tmp_path)
    table.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        recalled(tmp_path)
    manifest = tmp_path / "index" / NAME
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "schema": "nachsorge.index/9"}))
    with pytest.raises(InputError, match="this version reads"):
        recalled(tmp_path)
    with pytest.raises(UsageError, match="holds no index"):
        recall([PACK], tmp_path, ONE, Options())
    with pytest.raises(UsageError, match="other things than an index"):
        index([], tmp_path, IndexOptions(forget_before=0))


def test_without_duckdb_the_install_line_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(UsageError, match=r"pip install 'nachsorge\[index\]'"):
        indexed(tmp_path, tmp_path)
    with pytest.raises(UsageError, match=r"pip install 'nachsorge\[index\]'"):
        recalled(tmp_path)


def test_without_numpy_the_install_line_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(UsageError, match=r"NumPy: pip install 'nachsorge\[index\]'"):
        indexed(tmp_path, tmp_path)


SIGMA = "title: t\nlogsource: {category: dns_query}\ndetection:\n  sel: {QueryName|contains: evil}\n  condition: sel\n"


def test_a_rule_keeps_its_stage_and_all_before_it_open(tmp_path):
    log = write(tmp_path, "dns.log", ALL)
    indexed(tmp_path, log)
    rule = Rule(id="r", engine="sigma", text=SIGMA, trace="c2", title="a rule")
    pack = incident(("domain", "evil.example"), rules=(rule,))
    assert standings(swept(log, pack=pack))["pc1", "contacted"] == Standing.RULED_OUT
    found = recalled(tmp_path, pack)
    assert standings(found)["pc1", "contacted"] == Standing.OPEN
    (account,) = found.rules
    assert (account.id, account.matches) == ("r", 0)
    assert account.note.startswith("needs the raw evidence again")
    assert any("need the raw evidence again" in note for note in found.summary.notes)


def test_a_rule_without_records_of_its_log_source_needs_no_evidence(tmp_path):
    indexed(tmp_path, write(tmp_path, "dns.log", ALL))
    rule = Rule(id="r", engine="sigma", text=SIGMA.replace("dns_query", "process_creation"), trace="c2")
    found = recalled(tmp_path, incident(("domain", "evil.example"), rules=(rule,)))
    assert standings(found)["pc1", "contacted"] == Standing.RULED_OUT


def test_programs_and_stored_times_are_found(tmp_path):
    (tmp_path / "software.csv").write_text("host,name,version\npc1,3CX DesktopApp,18.12.416.0\npc2,Other,1.0\n")
    folder = tmp_path / "pc3" / "3CXDesktopApp" / "app"
    folder.mkdir(parents=True)
    (folder / "manifest").write_bytes(b"1681000000")
    due = Trace(
        id="due",
        stage="contacted",
        weight=Weight.PROOF,
        polarity=Polarity.REFUTES,
        stored_time=StoredTime(field="due", after=t("2023-03-30")),
    )
    exposure = Exposure(
        id="app", names=("3CX Desktop*",), affected=("18.12.416",), platform=Platform.WINDOWS, stage="ran"
    )
    plain = incident(("domain", "evil.example"), exposures=(exposure,))
    pack = replace(plain, traces=(*plain.traces, due))
    paths = [tmp_path / "software.csv", tmp_path / "pc3"]
    indexed(tmp_path, *paths)
    found, raw = recalled(tmp_path, pack), swept(*paths, pack=pack)
    assert sighted(found) == sighted(raw)
    assert {s.type for s in found.sightings} == {"product", "stored_time"}
    assert [s.title for s in found.sightings] == [s.title for s in raw.sightings]
    assert standings(found) == standings(raw)


def test_validity_that_ends_within_an_hour_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(rows, "FEW", 0)
    minutes = [Event(MARCH.start + m * 60_000_000, "10.0.0.5", "evil.example") for m in range(30)]
    log = write(tmp_path, "dns.log", minutes)
    indexed(tmp_path, log)
    plain = incident(("domain", "evil.example"))
    until = replace(plain.indicators[0], valid_until=MARCH.start + 10 * 60_000_000)
    found = recalled(tmp_path, replace(plain, indicators=(until,)))
    assert {s.weight for s in found.sightings} == {Weight.PROOF, Weight.HINT}
    assert "straddles" in found.rules[0].note


def test_the_command(tmp_path):
    log, csv = write(tmp_path, "dns.log", [*ALL, evil(3)]), tmp_path / "evil.csv"
    csv.write_text("type,value\ndomain,evil.example\n")

    def run(*words):
        command = [sys.executable, "-m", "nachsorge", *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = run("index", log, "--into", tmp_path / "index")
    assert (done.returncode, "1 sources of" in done.stderr) == (0, True)
    again = run("index", log, "--into", tmp_path / "index")
    assert f"indexed before, unchanged, skipped: {log}" in again.stdout
    assert run("check", csv, "--index", tmp_path / "index", "-q").returncode == 1
    assert run("check", csv, "-q").returncode == 2
    assert run("check", csv, log, "--index", tmp_path / "index").returncode == 2
    assert run("index", log).returncode == 2
    assert run("index", tmp_path / "absent", "--into", tmp_path / "index").returncode == 3


def test_the_result_says_that_it_is_an_index_and_for_how_many_records_a_sighting_stands(tmp_path, monkeypatch):
    monkeypatch.setattr(rows, "FEW", 0)
    log = write(
        tmp_path, "dns.log", [Event(MARCH.start + m * 60_000_000, "10.0.0.5", "evil.example") for m in range(30)]
    )
    indexed(tmp_path, log)
    found = recalled(tmp_path)
    answers = {s.note for s in found.sightings}
    assert len(found.sightings) == 2
    assert answers == {"the first or last of 30 records of this hour that are alike"}
    assert any(note.startswith("judged against the index") for note in found.summary.notes)
