"""A case as people run it: from the first look to closing, and open again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.cli.test_check import run

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tquery\n"
BEGIN = 1_680_000_000
"""2023-03-28T10:40:00Z"""
WINDOW = ("--from", "2023-03-28T11:00:00Z", "--to", "2023-03-29T09:00:00Z")


def zeek(bad: str = "", client: str = "10.0.0.1", hours: int = 24) -> str:
    rows = (f"{BEGIN + hour * 3600}.0\t{client}\t{bad or 'good.example'}\n" for hour in range(hours))
    return HEAD + "".join(rows)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("LOGNAME", "ada")
    (tmp_path / "evil.csv").write_text("type,value\ndomain,evil.example\n")
    (tmp_path / "hosts.csv").write_text("asset,addresses\npc1,10.0.0.1\npc2,10.0.0.2\n")
    (tmp_path / "dns.log").write_text(zeek() + zeek(client="10.0.0.2", hours=3).removeprefix(HEAD))
    return tmp_path


def check(*more: object):
    return run("check", "evil.csv", "dns.log", "--case", "c", "--inventory", "hosts.csv", *WINDOW, "-q", *more)


def test_check_takes_evidence_into_a_case_and_answers_as_without_one(desk: Path) -> None:
    with_case, without = (
        check("--json", "a.json"),
        run("check", "evil.csv", "dns.log", "--inventory", "hosts.csv", *WINDOW, "-q", "--json", "b.json"),
    )
    assert (with_case.returncode, without.returncode) == (3, 3)
    assert (desk / "a.json").read_bytes() == (desk / "b.json").read_bytes()
    assert (desk / "c" / "reports" / "assessment.json").read_bytes() == (desk / "a.json").read_bytes()
    assert "<html" in (desk / "c" / "reports" / "report.html").read_text()
    (desk / "dns.log").unlink()
    again = run("check", "evil.csv", "--case", "c", "-q", "--json", "c.json")
    assert again.returncode == 3
    assert (desk / "c.json").read_bytes() == (desk / "a.json").read_bytes()
    assert "entries hang together" in run("case", "verify", "c").stdout


def test_a_case_from_its_opening_to_its_closing_and_open_again(desk: Path) -> None:
    assert run("case", "new", "c", "--title", "an exercise").returncode == 0
    assert run("case", "close", "c").returncode == 1
    assert check().returncode == 3
    listed = run("next", "c", "--json", "-")
    [line] = json.loads(listed.stdout)["lines"]
    assert (line["place"], [one["stage"] for one in line["settles"]]) == ("pc2", [line["settles"][0]["stage"]])
    stage = line["settles"][0]["stage"]

    refused = run("case", "close", "c")
    assert refused.returncode == 1
    assert f"pc2: {stage} is open" in refused.stdout and "notified" in refused.stdout
    assert run("case", "waive", "c", "pc2", stage, "--reason", "scrapped in April").returncode == 0
    assert run("case", "notified", "c", "--declined", "--reason", "nothing found").returncode == 0
    closed = run("case", "close", "c", "--by", "eve", "--reason", "looked at")
    assert (closed.returncode, closed.stdout) == (
        0,
        "NOT KNOWN  what was taken (evil.csv): the pack says nothing of it\nclosed\n",
    )
    shown = run("case", "show", "c")
    assert "closed 20" in shown.stdout and "by eve" in shown.stdout
    assert "decided" in shown.stdout and "scrapped in April" in shown.stdout
    assert "pc2  open" in shown.stdout, "a waiver changes no standing"
    assert "closed already" in run("case", "close", "c").stdout

    (desk / "late.log").write_text(zeek("evil.example", hours=2))
    added = run("case", "add", "c", "late.log")
    assert added.returncode == 1
    assert "THE CASE IS OPEN AGAIN" in added.stdout
    assert "got worse: pc1" in added.stdout and "ruled-out -> shown" in added.stdout
    told = run("case", "diff", "c").stdout
    assert "got worse: pc1" in told and "1 change from" in told
    assert "opened again: pc1 is compromised" in run("case", "log", "c").stdout
    verified = run("case", "verify", "c")
    assert (verified.returncode, "byte for byte" in verified.stdout) == (0, True)


def test_decisions_are_recorded_with_name_reason_and_time(desk: Path) -> None:
    (desk / "dns.log").write_text(zeek("evil.example"))
    assert check().returncode == 1
    for words in (
        ("remediated", "c", "pc1", "--reason", "rebuilt", "--at", "2023-04-01"),
        ("false-positive", "c", "s1", "--reason", "our own test"),
        ("owner", "c", "bob", "--asset", "pc1"),
        ("owner", "c", "eve"),
        ("waive", "c", "pc1", "clean-time", "--reason", "logs are gone"),
        ("effort", "c", "25", "--reason", "reading"),
    ):
        done = run("case", *words, "--by", "ada")
        assert done.returncode == 0, done.stderr
    shown = run("case", "show", "c").stdout
    assert "owner bob; remediated 2023-04-01" in shown and "25 minutes of work" in shown
    assert "pc1  compromised" in shown
    times = run("case", "timeline", "c", "--format", "timesketch").stdout.splitlines()
    assert {"message", "datetime", "timestamp_desc"} <= set(json.loads(times[0]))
    assert "Recorded: remediated" in run("case", "timeline", "c", "--asset", "pc1").stdout
    assert run("case", "timeline", "c", "--format", "csv", "-o", "t.csv").returncode == 0
    assert (desk / "t.csv").read_text().startswith("datetime,")
    assert "at least 25 min so far" in run("next", "c").stdout


WRONG = (
    (("case", "show", "nowhere"), "holds no case"),
    (("case", "add", "c"), "give something to add"),
    (("case", "waive", "c", "pc9", "x", "--reason", "r"), "no such asset and stage"),
    (("case", "waive", "c", "pc1", "source", "--reason", "r"), "no such asset and stage"),
    (("case", "waive", "c", "none", "claim", "--reason", "r"), "no such asset and stage"),
    (("case", "notified", "c", "--reason", " "), "say why"),
    (("case", "false-positive", "c", "s99", "--reason", "r"), "no sighting s99"),
    (("case", "remediated", "c", "pc9", "--reason", "r"), "not an asset of this case"),
    (("case", "remediated", "c", "pc1", "--reason", "r", "--at", "2999-01-01"), "lies in the future"),
    (("case", "diff", "c"), "not two assessments"),
    (("case", "new", "c"), "not empty"),
    (("next", "dns.log"), "no assessment"),
    (("next", "absent.json"), "neither a case nor an assessment"),
    (("next", "c", "--retention", "dns_query"), "write dns_query=90d"),
    (("next", "c", "--retention", "dns=90d"), "write dns_query=90d"),
    (("check", "evil.csv", "--case", "c", "--index", "i"), "--case keeps"),
)


def test_what_cannot_be_done_is_said_and_ends_with_2(desk: Path) -> None:
    assert check().returncode == 3
    for words, told in WRONG:
        done = run(*words)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False), words
        assert told in done.stderr


def test_a_changed_file_is_found_out(desk: Path) -> None:
    import sqlite3

    assert check().returncode == 3
    with sqlite3.connect(desk / "c" / "case.sqlite") as raw:
        raw.execute("DROP TRIGGER entries_same")
        raw.execute("UPDATE entries SET by = 'eve' WHERE kind = 'inventory'")
    done = run("case", "verify", "c")
    assert done.returncode == 1
    assert "(inventory) was changed" in done.stdout


def test_next_reads_an_assessment_and_says_what_it_cannot_know_without_the_pack(desk: Path) -> None:
    check("--json", "a.json")
    known = run("next", "a.json", "--pack", "evil.csv")
    assert (known.returncode, "is not at hand" in known.stderr) == (0, False)
    assert "pc2 | DNS queries" in known.stdout and "1 can be settled by 1 errands" in known.stderr
    (desk / "evil.csv").rename(desk / "moved.csv")
    unknown = run("next", "a.json")
    assert "is not at hand" in unknown.stderr
    (desk / "evil.csv").write_text("type,value\ndomain,other.example\n")
    assert "another version" in run("next", "a.json", "--pack", "evil.csv").stderr
    late = run("next", "a.json", "--retention", "dns_query=30d")
    assert "TOO LATE" in late.stdout
