"""The options of `check` for reports, and what a case writes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

DNS = (
    "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tquery\n"
    "1680000000.000000\tC1\t10.0.0.5\t4711\t10.0.0.1\t53\twww.evil.example\n"
)


def run(*words: object, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nachsorge", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **env})


@pytest.fixture
def given(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "dns.log").write_text(DNS)
    (tmp_path / "evil.csv").write_text("type,value\ndomain,evil.example\n")
    return tmp_path / "evil.csv", tmp_path / "dns.log"


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        ((), "What is open, and what would settle it"),
        (("--lang", "de"), "Was offen ist und was es klären würde"),
        (("--length", "short"), "Was it us?"),
        (("--length", "short", "--lang", "de"), "Hat es uns getroffen?"),
    ],
)
def test_length_and_language(given, tmp_path, words, heading):
    page = tmp_path / "out.html"
    assert run("check", *given, "--html", page, "-q", *words).returncode == 1
    assert f"{heading}</h2>" in page.read_text(encoding="utf-8")


def test_the_full_report_draws_what_happened_when(given, tmp_path):
    page = tmp_path / "out.html"
    run("check", *given, "--html", page, "-q")
    text = page.read_text(encoding="utf-8")
    assert '<path class="sign contact"' in text or '<path class="sign installed"' in text


def test_one_language_for_every_verb(given):
    assert "kompromittiert" in run("--lang", "de", "check", *given, "-q").stderr
    assert "kompromittiert" in run("check", *given, "-q", NACHSORGE_LANG="de").stderr
    assert "compromised" in run("--lang", "de", "check", *given, "-q", "--lang", "en").stderr
    done = run("--lang", "fr", "check", *given)
    assert (done.returncode, "there is" in done.stderr) == (2, True)


def test_pdf(given, tmp_path):
    pytest.importorskip("weasyprint")
    page = tmp_path / "out.pdf"
    assert run("check", *given, "--pdf", page, "--length", "short", "-q").returncode == 1
    assert page.read_bytes().startswith(b"%PDF-")


def test_without_the_extra_check_says_so_before_it_reads(given, tmp_path):
    (tmp_path / "weasyprint.py").write_text("raise ImportError('absent')\n")
    done = run("check", *given, "--pdf", tmp_path / "out.pdf", PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert "pip install 'nachsorge[pdf]'" in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "out.pdf").exists()


def test_a_case_keeps_both_lengths(given, tmp_path):
    pack, log = given
    case = tmp_path / "case"
    done = run("--lang", "de", "check", pack, log, "--case", case, "-q")
    assert done.returncode == 1, done.stderr
    written = {path.name for path in (case / "reports").iterdir()}
    assert {"report.html", "summary.html", "assessment.json"} <= written
    assert "Hat es uns getroffen?" in (case / "reports" / "summary.html").read_text(encoding="utf-8")
