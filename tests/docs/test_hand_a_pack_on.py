"""The guide's commands give what the guide shows, but for digests and times of signing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nachsorge.packs.library import shipped

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "hand-a-pack-on.md"
CHANGES = re.compile(r"[0-9a-f]{64}|timestamp:\d+")


def run(command: str, folder: Path) -> str:
    environment = {**os.environ, "COLUMNS": "150", "NACHSORGE_CACHE": "off"}
    program = command.replace("nachsorge ", f"{sys.executable} -m nachsorge ", 1)
    done = subprocess.run(
        program, shell=True, cwd=folder, env=environment, stdout=-1, stderr=-2, text=True, check=False, timeout=120
    )
    return done.stdout.strip()


def test_every_command_of_the_guide_prints_what_stands_below_it(tmp_path: Path) -> None:
    if shutil.which("minisign") is None:
        pytest.skip("minisign IS NOT INSTALLED: the guide on handing on a pack has NOT been run here")
    text = GUIDE.read_text(encoding="utf-8")
    made = dict(re.findall(r"`([\w./]+)`:\n\n```csv\n(.*?)```", text, re.DOTALL))
    assert sorted(made) == ["friday.csv", "monday.csv"]
    for name, content in made.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    folder = next(each.folder for each in shipped() if each.id == "axios-2026")
    shutil.copytree(folder, tmp_path / "packs" / "axios-2026")
    run("minisign -G -W -p cert.pub -s cert.key", tmp_path)
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 5
    for block in blocks:
        for part in block.split("\n$ "):
            command, _, expected = part.removeprefix("$ ").partition("\n")
            printed = run(command, tmp_path)
            if "minisign" not in command.split()[0]:
                assert CHANGES.sub("...", printed) == CHANGES.sub("...", expected.strip()), command
