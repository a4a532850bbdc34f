"""The case of the example organisation, told to its end: ranked, refused, settled, closed. Everything as it is printed.

The golden text is tests/golden/closing.txt, and docs/guides/case.md quotes it. To accept a wanted change:
NACHSORGE_GOLDEN=1 pytest tests/test_demo_closing.py, and read the difference before it is committed.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from tests.test_demo import ORGANISATION, contents
from typer.testing import CliRunner

from nachsorge.cli import app
from nachsorge.locale import speaking

GOLDEN = Path(__file__).parent / "golden" / "closing.txt"
GUIDE = Path(__file__).parents[1] / "docs" / "guides" / "case.md"

STORY = """
case new cases/3cx --title '3CX, spring 2023'
case add cases/3cx evidence --pack 3cx-2023 --inventory inventory.csv --inventory functions.csv
    --asset gm-ws-12=evidence/hosts/gm-ws-12/triage.zip
rank cases/3cx
next cases/3cx
case close cases/3cx
case add cases/3cx later --pack 3cx-2023 --claims claims.yaml --asset gm-pbx-01=later/gm-pbx-01/access.log.gz
    --asset gm-ws-07=later/gm-ws-07/triage.zip
rank cases/3cx -n 2
next cases/3cx
case effort cases/3cx 190 --reason 'fetched seven logs and two collections'
case close cases/3cx
case remediated cases/3cx gm-ws-07 --at 2023-04-12 --measure rebuilt --measure credentials-changed
    --measure sessions-revoked --reason 'rebuilt; passwords and sessions of its user renewed'
case remediated cases/3cx gm-ws-15 --at 2023-04-12 --measure rebuilt --measure credentials-changed
    --measure sessions-revoked --reason 'rebuilt; passwords and sessions of its user renewed'
case remediated cases/3cx gm-ws-12 --at 2023-04-12 --measure rebuilt --reason rebuilt
case remediated cases/3cx gm-mac-01 --at 2023-04-12 --measure rebuilt --reason rebuilt
case remediated cases/3cx we-ws-03 --at 2023-04-12 --measure rebuilt --reason rebuilt
case remediated cases/3cx gm-pbx-01 --at 2023-06-05 --measure cleaned --reason 'installer removed'
case waive cases/3cx we-ws-03 loaded --reason 'rebuilt; its contact is ruled out'
case waive cases/3cx we-ws-03 dead-drop --reason 'rebuilt; its contact is ruled out'
case waive cases/3cx gm-ws-15 stealer --reason 'no memory image; passwords of its user changed instead'
case waive cases/3cx evidence/gmunden/proxy/access.log-20221201.gz source --reason 'December: before the window'
next cases/3cx
case close cases/3cx
case waive cases/3cx clean-since-13-april claim --reason 'all five were rebuilt'
case notified cases/3cx --reason 'the CERT, by mail, 12 June'
case close cases/3cx --reason 'settled, or accepted by name'
case show cases/3cx
"""


def commands() -> list[list[str]]:
    return [shlex.split(line) for line in STORY.replace("\n    ", " ").strip().splitlines()]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Run the story once, in a copy of the organisation's folder; what was printed, and the exit codes."""
    place = tmp_path_factory.mktemp("organisation")
    for name in ("evidence", "later"):
        shutil.copytree(ORGANISATION / name, place / name)
    for name in ("inventory.csv", "functions.csv", "claims.yaml"):
        shutil.copy(ORGANISATION / name, place / name)
    lines, codes = [], []
    before, user = Path.cwd(), os.environ.get("LOGNAME")
    os.chdir(place)
    os.environ["LOGNAME"] = "anna"
    try:
        with speaking("en"):
            for words in commands():
                found = CliRunner().invoke(app, words)
                assert found.exception is None or isinstance(found.exception, SystemExit), (words, found.exception)
                lines += [f"$ nachsorge {shlex.join(words)}", *found.stdout.splitlines()]
                codes.append(found.exit_code)
    finally:
        os.chdir(before)
        if user is None:
            del os.environ["LOGNAME"]
        else:
            os.environ["LOGNAME"] = user
    # When the decisions were made is told too; the rest is the same at any time.
    text = "\n".join("  decided AT" + line[26:] if line.startswith("  decided ") else line for line in lines)
    return text.replace(f"closed {closed_at(lines)}", "closed AT") + "\n", codes


def closed_at(lines):
    return next((line.split("closed ")[1].split(" by ")[0] for line in lines if ": closed " in line), "never")


def test_the_story_is_told_to_its_end(told):
    text, codes = told
    if os.environ.get("NACHSORGE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")
    refused = [code for words, code in zip(commands(), codes, strict=True) if words[:2] == ["case", "close"]]
    assert refused == [1, 1, 1, 0]


def test_the_guide_quotes_what_is_printed(told):
    """Every line of output in the guide is one of the story's, whole or cut with dots at its end."""
    printed = {line.strip() for line in told[0].splitlines()}
    quoted = [line for block in GUIDE.read_text(encoding="utf-8").split("```")[1::2] for line in outputs(block)]
    assert len(quoted) > 60
    for line in quoted:
        begin = line.removesuffix("...").strip()
        assert line in printed or (line.endswith("...") and any(one.startswith(begin) for one in printed)), line


def outputs(block):
    """Give the lines of output of a block: what stands below a `$ nachsorge`, where the story tells that command."""
    if not block.lstrip("\n").startswith("$ "):
        return
    story = {shlex.join(words) for words in commands()}
    quoting = False
    lines = block.strip().replace("\\\n", "").splitlines()
    for line in lines:
        if line.startswith("$ "):
            quoting = shlex.join(shlex.split(line)[2:]) in story
        elif quoting and line.strip() not in ("", "..."):
            yield line.strip()


def test_what_was_found_later_is_what_the_script_makes(tmp_path):
    subprocess.run([sys.executable, "-B", str(ORGANISATION / "later.py"), str(tmp_path)], check=True)
    made = {str(p.relative_to(tmp_path)): p for p in sorted(tmp_path.rglob("*")) if p.is_file()}
    names = {str(p.relative_to(ORGANISATION)) for p in (ORGANISATION / "later").rglob("*") if p.is_file()}
    assert set(made) == names | {"functions.csv", "claims.yaml"}
    for name, path in made.items():
        here = ORGANISATION / name
        if name.endswith("triage.zip"):
            assert history(path) == history(here)
        else:
            assert contents(name, path.read_bytes()) == contents(name, here.read_bytes()), name


def history(path):
    """Give what a browser's database holds; SQLite writes its own version into the file."""
    with zipfile.ZipFile(path) as archive, closing(sqlite3.connect(":memory:")) as database:
        (name,) = (one for one in archive.namelist() if one.endswith("History"))
        database.deserialize(archive.read(name))
        return sorted(archive.namelist()), list(database.iterdump())
