"""`nachsorge rank` as people run it, with a case and without one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.cli.test_check import run

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tquery\n"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("LOGNAME", "ada")
    (tmp_path / "evil.csv").write_text("type,value\ndomain,evil.example\n")
    (tmp_path / "hosts.csv").write_text("asset,addresses,role\npc1,10.0.0.1,dc\npc2,10.0.0.2,finance\n")
    (tmp_path / "dns.log").write_text(HEAD + "1680000000.0\t10.0.0.1\tgood.example\n")
    return tmp_path


def test_with_a_pack_and_evidence(desk: Path) -> None:
    found = run("rank", "evil.csv", "dns.log", "--inventory", "hosts.csv", "--json", "r.json")
    assert found.returncode == 0, found.stderr
    assert found.stdout.splitlines()[0] == "TLP:AMBER+STRICT PAP:GREEN"
    assert found.stdout.splitlines()[2].startswith("pc1 *") and "directory" in found.stdout
    assert "1 of 2 assets rank high" in found.stderr
    document = json.loads((desk / "r.json").read_text())
    assert document["schema_version"] == "nachsorge.ranking/1" and document["evidence"] is True
    assert [(one["asset"], one["score"], one["high"]) for one in document["assets"]] == [
        ("pc1", 40, True),
        ("pc2", 25, False),
    ]
    assert document["assets"][0]["columns"] == {"espionage": 40, "theft": 0, "onward-access": 40, "destruction": 40}
    assert all(point["why"] and point["where"] for one in document["assets"] for point in one["points"])


def test_in_german(desk: Path) -> None:
    found = run("--lang", "de", "rank", "evil.csv", "dns.log", "--inventory", "hosts.csv", "--no-read")
    assert found.returncode == 0, found.stderr


def test_a_case_keeps_its_ranking_and_next_follows_it(desk: Path) -> None:
    window = ("--from", "2023-03-28T11:00:00Z", "--to", "2023-03-29T09:00:00Z")
    run("check", "evil.csv", "dns.log", "--case", "c", "--inventory", "hosts.csv", *window, "-q")
    first = json.loads(run("next", "c", "--json", "-").stdout)
    assert first["first"] == ["pc1"] and first["lines"][0]["assets"] == ["pc1"]
    assert json.loads(run("next", "c", "--json", "-", "--unranked").stdout)["first"] == []
    assert run("rank", "c", "-q").returncode == 0
    assert "ranked: pc1 40, pc2 25" in run("case", "log", "c").stdout
    (desk / "more.log").write_text(HEAD + "1680003600.0\t10.0.0.2\tgood.example\n")
    run("case", "add", "c", "more.log", "-q")
    assert "was made before the newest evidence was added" in run("next", "c").stderr
    assert "entries hang together" in run("case", "verify", "c").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rank", "evil.csv"), "a pack and evidence"),
        (("rank", "evil.csv", "dns.log", "--systems", "absent.csv"), "--systems absent.csv"),
        (("rank", "evil.csv", "dns.log", "--systems", "wrong.csv"), "line 2: 'boat' is none of"),
        (("rank", "evil.csv", "dns.log", "--systems", "wrong.csv"), "line 3: no host"),
        (("rank", "evil.csv", "dns.log", "--systems", "empty.csv"), "no rows"),
    ],
)
def test_what_cannot_be_done_is_said_and_ends_with_2(desk: Path, words, said) -> None:
    (desk / "wrong.csv").write_text("host,kind\na.example,boat\n,gave-vpn\n")
    (desk / "empty.csv").write_text("host,kind\n")
    found = run(*words)
    assert found.returncode == 2 and said in found.stderr.replace("\n", " ")


def test_a_case_has_its_own_evidence(desk: Path) -> None:
    run("case", "new", "c")
    found = run("rank", "c", "dns.log")
    assert found.returncode == 2 and "a case has its own evidence" in found.stderr
