"""Evidence into a case: read once, judged as a sweep judges it, and never forgotten."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.builders import DNS, PROXY, need, pack, span, stage
from tests.test_demo import EVIDENCE, ORGANISATION, TRIAGE, run

from nachsorge.assets.inventory import Inventory, load_inventory
from nachsorge.cases.state import state_of
from nachsorge.cases.store import Case, new_case
from nachsorge.exports.assessment_json import dumps
from nachsorge.model.pack import Claim, Indicator, Trace, Window
from nachsorge.model.times import SECOND, parse_instant
from nachsorge.model.words import IndicatorType, Reason, Rung, Standing, Status, Verdict, Weight
from nachsorge.packs.library import resolve
from nachsorge.reports.one_line import one_line
from nachsorge.sweep import Options, casework, sweep
from nachsorge.sweep.casebook import assess, verify
from nachsorge.sweep.caselaw import judged
from nachsorge.sweep.casesettings import Settings, settle
from nachsorge.sweep.casework import Reading, add

if TYPE_CHECKING:
    from pathlib import Path

NOW = parse_instant("2023-06-01")
BEGIN = parse_instant("2023-03-28")
PC1 = "asset,addresses,watched\npc1,10.0.0.1,dns_query\n"


def incident(*domains: str, version: str = "1"):
    """Make a pack about a day and a half of DNS."""
    window = Window(absolute=span("2023-03-28", "2023-03-28T20:00:00Z"))
    trace = Trace(id="c2", stage="contacted", weight=Weight.PROOF, telemetry=(DNS, PROXY))
    made = pack(
        stage("contacted", Rung.CONTACTED, needs=[need(DNS)], windows=(window,)),
        traces=(trace,),
        indicators=tuple(Indicator(type=IndicatorType.DOMAIN, value=one, trace="c2") for one in domains),
    )
    return replace(made, version=version, digest=f"{version} {domains}")


def zeek(hours=range(24), bad=()) -> str:
    head = "#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tquery\n"
    rows = (
        f"{BEGIN // SECOND + hour * 3600}.0\t10.0.0.1\t{'evil.example' if hour in bad else 'good.example'}\n"
        for hour in hours
    )
    return head + "".join(rows)


class Desk:
    """A case and the folder that its evidence comes from."""

    def __init__(self, home: Path) -> None:
        self.home, self.folder = home, home / "case"
        self.evidence = home / "evidence"
        self.evidence.mkdir()
        new_case(self.folder, "a case", NOW, "ada")

    def lay(self, name: str, body: str) -> Path:
        path = self.evidence / name
        path.write_text(body)
        return path

    def say(self, *packs, inventory: str = PC1, **more) -> None:
        (self.home / "hosts.csv").write_text(inventory)
        listed = load_inventory(self.home / "hosts.csv") if inventory else Inventory()
        with closing(Case(self.folder)) as case:
            settle(case, Settings(packs=packs, inventory=listed, inventory_paths=["hosts.csv"], **more), NOW, "ada")

    def add(self, *paths, **more):
        with closing(Case(self.folder)) as case:
            given = [str(path) for path in paths or (self.evidence,)]
            return add(case, given, Reading(by="ada", now=NOW, jobs=1, **more))

    def assess(self):
        with closing(Case(self.folder)) as case:
            return assess(case, NOW, "ada")

    def look(self):
        self.add()
        return self.assess().judgement.assessment

    def entries(self, kind: str = ""):
        with closing(Case(self.folder)) as case:
            return [entry for entry in case.entries() if kind in ("", entry.kind)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_case_says_of_the_example_what_check_says_byte_for_byte_and_proves_it(desk):
    with closing(Case(desk.folder)) as case:
        settings = Settings(
            packs=[resolve("3cx-2023")],
            inventory=load_inventory(ORGANISATION / "inventory.csv"),
            assets={str(TRIAGE): "gm-ws-12"},
        )
        settle(case, settings, NOW, "ada")
        add(case, [str(EVIDENCE), str(TRIAGE)], Reading(by="ada", now=NOW, jobs=1))
        found = assess(case, NOW, "ada")
        assert found.document == dumps(run())
        assert verify(case) == []


def test_what_is_known_is_not_read_again_and_writes_nothing(desk):
    desk.lay("dns.log", zeek())
    desk.say(incident("evil.example"))
    assert len(desk.add().read) == 1
    first = desk.assess()
    before = len(desk.entries())
    again = desk.add()
    assert (again.read, len(again.known)) == ((), 1)
    assert desk.assess().document == first.document
    assert len(desk.entries()) == before


def test_a_log_that_grew_takes_the_place_of_what_was_read_of_it(desk):
    desk.say(incident("evil.example"))
    desk.lay("dns.log", zeek(range(12), bad=[3]))
    desk.look()
    desk.lay("dns.log", zeek(range(24), bad=[3, 20]))
    found = desk.look()
    assert [s.time for s in found.sightings] == [BEGIN + hour * 3600 * SECOND for hour in (3, 20)]
    assert len(found.sources) == 1


def test_a_log_that_was_rotated_away_stays_beside_the_one_in_its_place(desk):
    desk.say(incident("evil.example"))
    desk.lay("dns.log", zeek(range(12), bad=[3]))
    desk.look()
    desk.lay("dns.log", zeek(range(12, 24)))
    found = desk.look()
    assert len(found.sightings) == 1
    assert [s.reading.path.rpartition("/")[2] for s in found.sources] == [
        "dns.log",
        "dns.log (as it was when read at 2023-06-01T00:00:00Z)",
    ]
    assert found.summary.verdict is Verdict.COMPROMISED
    third = desk.add()
    assert (third.read, len(third.known)) == ((), 1)


def test_evidence_that_is_gone_is_still_judged(desk):
    desk.say(incident("evil.example"))
    log = desk.lay("dns.log", zeek())
    before = desk.look()
    assert before.summary.verdict is Verdict.RULED_OUT
    log.unlink()
    added = desk.add(log)
    assert (added.read, added.gone) == ((), (str(log),))
    assert desk.assess().judgement.assessment == before


def test_a_new_version_of_the_pack_is_applied_to_everything_that_is_still_there(desk):
    desk.say(incident("other.example"))
    desk.lay("dns.log", zeek(bad=[3]))
    assert desk.look().summary.verdict is Verdict.RULED_OUT
    desk.say(incident("other.example", "evil.example", version="2"))
    with closing(Case(desk.folder)) as case:
        assert len(add(case, [], Reading(by="ada", now=NOW, jobs=1)).read) == 1
    found = desk.assess()
    assert found.judgement.assessment.summary.verdict is Verdict.COMPROMISED
    assert [change.what for change in found.changed] == ["pc1 contacted: ruled-out -> shown", "incident 1 is 2 now"]


def test_what_an_old_pack_was_looked_for_in_clears_nothing_for_a_new_one_but_keeps_what_it_found(desk):
    desk.say(incident("evil.example"))
    log = desk.lay("dns.log", zeek(bad=[3]))
    desk.look()
    log.unlink()
    desk.say(incident("new.example", "evil.example", version="2"))
    found = desk.look()
    [cell] = found.assets[0].cells
    assert (cell.standing, len(found.sightings)) == (Standing.SHOWN, 1)
    desk.say(incident("new.example", version="3"))
    found = desk.look()
    [cell] = found.assets[0].cells
    assert (cell.standing, cell.unmet[0].reason, found.sightings) == (Standing.OPEN, Reason.NEEDS_EVIDENCE, ())
    assert found.sources[-1].reading.status is Status.PARTLY
    desk.say(incident("evil.example"))
    assert desk.look().assets[0].cells[0].standing is Standing.SHOWN


def test_what_was_not_read_whole_is_read_again_by_other_readers_only(desk, monkeypatch):
    desk.say(incident("evil.example"))
    desk.lay("dns.log", zeek())
    desk.lay("odd.bin", "\x00\x01 nobody knows this format")
    desk.add()
    assert desk.add().read == ()
    monkeypatch.setattr(casework, "engine", lambda: "the next version")
    assert [path.rpartition("/")[2] for path in desk.add().read] == ["odd.bin"]
    assert desk.add().read == ()
    assert len(desk.add(again=True).read) == 2


def test_evidence_that_was_announced_and_not_reached_is_a_gap_until_it_is_read(desk, monkeypatch):
    desk.say(incident("evil.example"))
    desk.lay("dns.1.log", zeek(range(12)))
    desk.lay("dns.2.log", zeek(range(12, 24)))
    keep = casework._keep

    def stop_at_the_second(case, task, *more):
        if "dns.2" in task.unit.shown:
            raise KeyboardInterrupt
        keep(case, task, *more)

    monkeypatch.setattr(casework, "_keep", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        desk.add()
    monkeypatch.undo()
    found = desk.assess().judgement.assessment
    assert [(s.reading.status, s.reading.reason) for s in found.sources] == [
        (Status.READ, None),
        (Status.UNREAD, Reason.INTERRUPTED),
    ]
    assert (found.summary.interrupted, found.assets[0].cells[0].standing) == (True, Standing.OPEN)
    assert len(desk.add().read) == 1
    whole = desk.assess().judgement.assessment
    assert (whole.summary.interrupted, whole.summary.verdict) == (False, Verdict.RULED_OUT)


def test_what_another_process_is_reading_at_the_moment_is_said_to_be_no_more_than_that(desk, monkeypatch):
    """Two `case add` at once: whoever ends first does not say that the other was interrupted."""
    desk.say(incident("evil.example"))
    desk.lay("dns.1.log", zeek(range(12)))
    keep, judged_meanwhile = casework._keep, []

    def meanwhile(case, task, *more):
        judged_meanwhile.append(desk.assess().judgement.assessment)
        keep(case, task, *more)

    monkeypatch.setattr(casework, "_keep", meanwhile)
    desk.add()
    [source] = judged_meanwhile[0].sources
    assert (source.reading.status, source.reading.reason) == (Status.UNREAD, Reason.INTERRUPTED)
    assert "another nachsorge case add may be reading it" in source.reading.note
    assert "another one into the same case is still reading" in one_line(judged_meanwhile[0])
    assert judged_meanwhile[0].assets[0].cells[0].standing is Standing.OPEN


def test_a_path_that_was_not_there_is_settled_when_it_is(desk):
    desk.say(incident("evil.example"))
    missing = desk.evidence / "dns.log"
    desk.add(missing)
    assert desk.assess().judgement.assessment.sources[0].reading.reason is Reason.MISSING
    desk.lay("dns.log", zeek())
    desk.add(missing)
    assert desk.assess().judgement.assessment.summary.verdict is Verdict.RULED_OUT


def test_a_case_equals_a_sweep_of_the_same_evidence_whatever_the_order_it_came_in(desk):
    desk.say(incident("evil.example"), inventory="asset,addresses\npc1,10.0.0.1\n")
    logs = [desk.lay(f"dns.{n}.log", zeek(range(n * 6, n * 6 + 6), bad=[n * 7])) for n in range(4)]
    for log in random.Random(1).sample(logs, 4):
        desk.add(log)
    found = desk.assess()
    inventory = load_inventory(desk.home / "hosts.csv")
    assert found.document == dumps(
        sweep([incident("evil.example")], [str(one) for one in logs], inventory, Options(jobs=1, now=NOW))
    )


CHILD = """
import sys
from pathlib import Path
from nachsorge.cases.store import Case
from nachsorge.sweep.casework import Reading, add
print("ready", flush=True)
add(Case(Path(sys.argv[1])), [sys.argv[2]], Reading(by="child", now=0, jobs=1))
"""


def child(desk):
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(desk.folder), str(desk.evidence)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    return process


@pytest.mark.slow
def test_killed_at_random_moments_nothing_is_lost_and_nothing_counted_twice(desk):
    desk.say(incident("evil.example"))
    for number in range(24):
        desk.lay(f"dns.{number:02}.log", zeek([number], bad=[number] if number % 5 == 0 else []))
    chance = random.Random(7)
    for _ in range(4):
        process = child(desk)
        time.sleep(chance.uniform(0, 0.3))
        process.kill()
        process.wait()
        with closing(Case(desk.folder)) as case:
            assert (case.broken(), case.damaged()) == ([], [])
    desk.add()
    found = desk.assess().judgement.assessment
    assert (len(found.sources), len(found.sightings)) == (24, 5)
    assert len(desk.entries("read")) == 24


@pytest.mark.slow
def test_two_processes_that_add_the_same_store_it_once(desk):
    desk.say(incident("evil.example"))
    for number in range(24):
        desk.lay(f"dns.{number:02}.log", zeek([number], bad=[number] if number % 5 == 0 else []))
    both = [child(desk), child(desk)]
    assert [process.wait() for process in both] == [0, 0]
    found = desk.assess().judgement.assessment
    assert (len(found.sources), len(found.sightings), len(desk.entries("read"))) == (24, 5, 24)


def test_what_another_reads_between_the_look_and_the_announcement_is_not_announced(desk, monkeypatch):
    """Else it would stay announced, and be a gap of the case for ever: nobody would read it again."""
    desk.say(incident("evil.example"))
    desk.lay("dns.log", zeek(bad=[3]))
    real = casework._sorted
    before: list[object] = []

    def late(*words):
        found = real(*words)
        if not before:
            before.append(found)
            desk.add()
        return found

    monkeypatch.setattr(casework, "_sorted", late)
    added = desk.add()
    assert (len(added.read), len(added.known), len(desk.entries("read"))) == (0, 1, 1)
    with closing(Case(desk.folder)) as case:
        assert state_of(case.entries()).pending == {}
    found = desk.assess().judgement.assessment
    assert (len(found.sources), len(found.sightings)) == (1, 1)


def test_what_is_read_again_with_the_same_outcome_is_no_gap(desk):
    desk.say(incident("evil.example"))
    desk.lay("dns.log", zeek(bad=[3]))
    desk.add()
    for reads in (2, 3):
        assert len(desk.add(again=True).read) == 1
        with closing(Case(desk.folder)) as case:
            state = state_of(case.entries())
        assert (state.pending, len(state.current()), len(desk.entries("read"))) == ({}, 1, reads)


def test_no_decision_of_people_changes_the_assessment(desk):
    """They lie over it: a waiver changes no standing, a false positive no verdict."""
    desk.say(incident("evil.example"))
    desk.lay("dns.log", zeek(bad=[3]))
    desk.add()
    before = desk.assess()
    [row] = before.judgement.assessment.assets
    with closing(Case(desk.folder)) as case:
        for cell in row.cells:
            body = {"name": row.asset.id, "subject": cell.stage, "pack": cell.pack, "reason": "r"}
            case.append("waived", body, NOW, "ada")
        case.append("waived", {"name": row.asset.id, "subject": "clean-time", "pack": "", "reason": "r"}, NOW, "ada")
        body = {"asset": row.asset.id, "at": "2023-04-01T00:00:00Z", "reason": "r", "measures": ["rebuilt"]}
        case.append("remediated", body, NOW, "ada")
        for sighting in before.judgement.assessment.sightings:
            seen = {
                **{key: getattr(sighting, key) for key in ("pack", "type", "indicator", "asset", "locator")},
                "path": str(desk.evidence / "dns.log"),
                "reason": "r",
            }
            case.append("false-positive", seen, NOW, "ada")
    after = desk.assess()
    assert after.document == before.document
    assert after.judgement.assessment.summary.verdict is Verdict.COMPROMISED


def closed(desk) -> None:
    with closing(Case(desk.folder)) as case:
        case.append("not-notified", {"reason": "an exercise"}, NOW, "ada")
        found = assess(case, NOW, "ada")
        assert found.missing == ()
        case.append("closed", {"reason": "done"}, NOW, "ada")


def test_a_closed_case_stays_closed_as_long_as_nothing_contradicts_it(desk):
    desk.say(incident("evil.example"))
    desk.lay("dns.log", zeek())
    desk.look()
    closed(desk)
    assert desk.assess().reopened is False
    desk.lay("dns.2.log", zeek(range(24, 30)))
    desk.add()
    assert desk.assess().reopened is False


@pytest.mark.parametrize("what", ["evidence", "pack"])
def test_a_closed_case_opens_again_by_itself(desk, what):
    desk.say(incident("other.example"))
    log = desk.lay("dns.log", zeek(bad=[3]))
    desk.look()
    closed(desk)
    if what == "pack":
        desk.say(incident("evil.example", version="2"))
    else:
        desk.lay("more.log", zeek(range(10, 11)).replace("good.example", "other.example"))
    desk.add()
    found = desk.assess()
    assert found.reopened
    [entry] = desk.entries("reopened")
    assert "compromised" in entry.body["because"][0]
    with closing(Case(desk.folder)) as case:
        assert state_of(case.entries()).closed is None
    assert log.exists()


def test_the_proof_notices_an_assessment_that_does_not_come_out_again(desk):
    desk.say(incident("evil.example"))
    desk.lay("dns.log", zeek())
    desk.look()
    with closing(Case(desk.folder)) as case:
        with case.writing() as writer:
            name = writer.put(b"another result")
            told = {"document": name, "upto": len(case.entries()), "tool": "0.0", "told": "", "changes": []}
            writer.append("assessed", told, NOW, "eve")
        [problem] = verify(case)
    assert "does not come out again (it was made by version 0.0" in problem


def test_a_case_that_is_moved_is_the_same_case(desk, tmp_path):
    desk.say(incident("evil.example"))
    desk.lay("dns.log", zeek(bad=[2]))
    found = desk.assess() if desk.add() else None
    shutil.rmtree(desk.evidence)
    shutil.move(desk.folder, tmp_path / "elsewhere")
    with closing(Case(tmp_path / "elsewhere")) as case:
        assert dumps(judged(case, state_of(case.entries())).assessment) == found.document
        assert verify(case) == []


def test_claims_of_ones_own_are_tested_with_the_packs(desk):
    own = Claim(id="never", says="never", by="us", test="never", stage="contacted")
    lost = Claim(id="lost", says="lost", by="us", test="never", stage="a stage that is gone")
    desk.lay("dns.log", zeek())
    desk.say(incident("evil.example"), claims={"incident": [own, lost]}, claims_path="own.yaml")
    assert [(c.id, c.answer) for c in desk.look().claims] == [("never", "holds"), ("lost", "untestable")]
    desk.lay("dns.log", zeek(range(24), bad=[5]))
    found = desk.assess() if desk.add() else None
    assert ("claim", "never: holds -> refuted") in [(c.kind, c.what.partition(": pc1")[0]) for c in found.changed]
    assert [entry.body["count"] for entry in desk.entries("claims")] == [2]


def test_the_case_itself_is_no_evidence(desk):
    desk.say(incident("evil.example"))
    desk.lay("dns.log", zeek())
    read = desk.add(desk.home).read
    assert sorted(path.rpartition("/")[2] for path in read) == ["dns.log", "hosts.csv"]
