"""The guide's commands give what the guide shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "pack-from-a-report.md"


def test_every_command_of_the_guide_prints_what_stands_below_it(tmp_path: Path) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    made = re.findall(r"`([\w./]+)`:\n\n```(?:markdown|csv)\n(.*?)```", text, re.DOTALL)
    assert [name for name, _ in made] == ["report.md", "iocs.csv", "logs/dns.csv"]
    for name, content in made:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    environment = {**os.environ, "COLUMNS": "118", "NACHSORGE_CACHE": "off"}
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 5
    for block in blocks:
        for part in block.split("\n$ "):
            command, _, expected = re.sub(r"\\\n\s*", "", part.removeprefix("$ ")).partition("\n")
            program = command.replace("nachsorge ", f"{sys.executable} -m nachsorge ", 1)
            done = subprocess.run(
                program, shell=True, cwd=tmp_path, env=environment, stdout=-1, stderr=-2, text=True, check=False
            )
            assert done.stdout.strip() == expected.strip(), command
