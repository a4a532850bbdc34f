"""The command as people run it: streams, exit codes, files, errors."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import jsonschema
import pytest

from nachsorge.exports.schema import published

DNS = (
    "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tquery\n"
    "1680000000.000000\tC1\t10.0.0.5\t4711\t10.0.0.1\t53\twww.evil.example\n"
    "1680000600.000000\tC2\t10.0.0.6\t4711\t10.0.0.1\t53\tgood.example\n"
)


def run(*words: object, **more: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nachsorge", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)  # type: ignore[call-overload,no-any-return]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dns.log").write_text(DNS)
    (tmp_path / "evil.csv").write_text("type,value\ndomain,evil.example\n")
    (tmp_path / "quiet.csv").write_text("type,value\ndomain,absent.example\n")
    return tmp_path


def test_a_hit_ends_with_1_and_names_the_place(folder: Path) -> None:
    done = run("check", folder / "evil.csv", folder / "dns.log", env={**os.environ, "COLUMNS": "200"})
    assert done.returncode == 1
    assert "evil.example" in done.stdout and "dns.log, line 4" in done.stdout
    assert "exit 1" in done.stderr and "Traceback" not in done.stderr


def test_no_hit_in_a_log_that_covers_its_own_span_ends_with_0(folder: Path) -> None:
    assert run("check", folder / "quiet.csv", folder / "dns.log").returncode == 0


def test_asked_for_a_longer_span_the_same_log_ends_with_3(folder: Path) -> None:
    done = run("check", folder / "quiet.csv", folder / "dns.log", "--from", "2023-03-01", "--to", "2023-03-31")
    assert done.returncode == 3


def test_evidence_that_does_not_exist_ends_with_3_and_the_rest_is_done(folder: Path) -> None:
    out = folder / "out.json"
    done = run("check", folder / "quiet.csv", folder / "dns.log", folder / "absent.log", "--json", out)
    assert done.returncode == 3
    sources = {Path(s["path"]).name: s for s in json.loads(out.read_text())["sources"]}
    assert sources["absent.log"]["status"] == "unread" and sources["absent.log"]["reason"] == "missing"
    assert sources["dns.log"]["status"] == "read" and sources["dns.log"]["records"] == 2


def test_json_to_stdout_is_json_alone_and_valid(folder: Path) -> None:
    done = run("check", folder / "evil.csv", folder / "dns.log", "--json", "-")
    jsonschema.validate(json.loads(done.stdout), json.loads(published()))


def test_quiet_prints_one_line_to_stderr(folder: Path) -> None:
    done = run("check", folder / "evil.csv", folder / "dns.log", "-q")
    assert done.stdout == "" and len(done.stderr.strip().splitlines()) == 1


def test_sightings_are_one_object_a_line(folder: Path) -> None:
    done = run("check", folder / "evil.csv", folder / "dns.log", "--sightings", "-")
    (line,) = done.stdout.splitlines()
    assert json.loads(line)["indicator"] == "evil.example"


def test_a_pipe_that_closes_early_is_no_error(folder: Path) -> None:
    command = f"{sys.executable} -m nachsorge check {folder}/evil.csv {folder}/dns.log | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("check", "3cx-203", "x"), "did you mean"),
        (("check", "3cx-2023"), "give either evidence or --index DIR"),
        (("check", "3cx-2023", "x", "--from", "yesterday"), "--from"),
        (("check", "3cx-2023", "x", "--asset", "nonsense"), "NAME=PATH"),
        (("check", "3cx-2023", "x", "--inventory", "absent.csv"), "absent.csv"),
        (("pack", "lint", "absent"), "absent"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_to_do(words: tuple[str, ...], said: str) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert said in done.stderr + done.stdout and "Traceback" not in done.stderr


def test_a_pack_with_ten_errors_names_all_ten(tmp_path: Path) -> None:
    rows = "".join(f"md5,{n},nothing\n" for n in range(10))
    (tmp_path / "pack.yaml").write_text(
        "id: broken\nversion: '1'\ntitle: x\ntlp: CLEAR\nstages:\n"
        "  - {id: a, rung: exposed, title: t, never: because, traces: [{id: t, weight: proof}]}\n"
    )
    (tmp_path / "indicators.csv").write_text("type,value,trace\n" + rows)
    done = run("pack", "lint", tmp_path)
    assert done.returncode == 2
    assert sum(f"indicators.csv:{line}" in done.stdout for line in range(2, 12)) == 10


def test_a_new_pack_passes_lint(tmp_path: Path) -> None:
    assert run("pack", "new", tmp_path / "my-incident").returncode == 0
    assert run("pack", "lint", tmp_path / "my-incident").returncode == 0


def test_shipped_packs_are_listed_and_shown() -> None:
    assert "3cx-2023" in run("pack", "list").stdout
    assert "18.12.416" in run("pack", "show", "3cx-2023").stdout


def test_an_inventory_with_several_faults_names_each(folder: Path) -> None:
    (folder / "inventory.csv").write_text("asset,addresses,platform\na,10.0.0.999,windows\nb,,amiga\na,,\n")
    done = run("check", folder / "evil.csv", folder / "dns.log", "--inventory", folder / "inventory.csv")
    assert done.returncode == 2
    assert all(f"inventory.csv:{line}" in done.stderr for line in (2, 3, 4))


def test_an_unwritable_target_is_said_before_a_traceback(folder: Path) -> None:
    done = run("check", folder / "evil.csv", folder / "dns.log", "--json", folder / "dns.log" / "x.json")
    assert done.returncode == 2 and "cannot be written" in done.stderr


@pytest.mark.slow
def _until_it_reads(process: subprocess.Popen[str]) -> None:
    """Wait until the command has had the same log open for a while: the first look at each is short."""
    before, looks = set[str](), 0
    while looks < 4 and process.poll() is None:
        time.sleep(0.02)
        held = set()
        for link in Path(f"/proc/{process.pid}/fd").iterdir():
            with suppress(OSError):
                held.add(str(link.readlink()))
        held = {name for name in held if name.endswith(".log")}
        looks = looks + 1 if held & before else 0
        before = held


def test_an_interrupt_leaves_a_valid_partial_assessment(folder: Path) -> None:
    """A slow source is read while the signal comes: what was not read says so, and the JSON is whole."""
    for number in range(40):
        (folder / f"{number:02}.log").write_text(
            DNS + "1680000700.0\tC3\t10.0.0.7\t1\t10.0.0.1\t53\tx.evil.example\n" * 20_000
        )
    out = folder / "out.json"
    command = [
        sys.executable,
        "-m",
        "nachsorge",
        "check",
        str(folder / "evil.csv"),
        str(folder),
        "--json",
        str(out),
        "--jobs",
        "1",
    ]
    # A test run in a shell's background has the signal ignored, and its children would inherit that.
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    _until_it_reads(process)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=120)
    assert "Traceback" not in stderr
    assessment = json.loads(out.read_text())
    jsonschema.validate(assessment, json.loads(published()))
    assert assessment["summary"]["interrupted"] is True
    assert any(source["reason"] == "interrupted" for source in assessment["sources"])
    assert process.returncode in (1, 3)


@pytest.mark.parametrize(
    ("tlp", "whom", "allowed"),
    [
        ("CLEAR", "me", True),
        ("CLEAR", "own", True),
        ("CLEAR", "clients", False),
        ("CLEAR", "public", False),
        ("RED", "me", True),
        ("RED", "own", False),
    ],
)
def test_what_is_written_passes_the_door(folder: Path, tlp: str, whom: str, allowed: bool) -> None:
    """Own evidence is AMBER+STRICT whatever the list is labelled; a RED list makes the report RED."""
    listed = folder / "labelled.csv"
    listed.write_text(f"type,value,tlp\ndomain,evil.example,{tlp}\n")
    out = folder / "report.html"
    done = run("check", listed, folder / "dns.log", "--html", out, "--for", whom)
    assert (done.returncode != 2, out.exists()) == (allowed, allowed)
    if not allowed:
        assert "TLP:" in done.stderr and "nachsorge notify draft" in done.stderr
        assert "evil.example" not in done.stderr
