"""Machine code is kept, checked and loaded again; whatever is wrong with what was kept, it is compiled anew."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("numba", reason="machine code needs the extra big-lists")

LOOPS = """
def total(numbers, size):
    found = 0
    for at in range(size):
        found += numbers[at]
    return found
"""
CALL = """
import array, sys
from nachsorge.native import loops
total = loops("made_loops", {"total": "bn"}, sys.argv[1] or None)["total"]
data = array.array("B", range(200))
print(total(data.buffer_info()[0], 200), "numba" in sys.modules)
"""


def called(folder: Path | str, module: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", CALL, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(module.parent), "PATH": ""},
    )
    return done.stdout.strip()


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "made_loops.py"
    path.write_text(LOOPS)
    return path


def test_the_second_process_does_without_the_compiler(tmp_path: Path, module: Path) -> None:
    folder = tmp_path / "kept"
    assert called(folder, module) == "19900 True"
    assert called(folder, module) == "19900 False"
    assert len(list(folder.iterdir())) == 1


def test_nothing_is_kept_without_a_folder_or_where_it_cannot_be_written(tmp_path: Path, module: Path) -> None:
    (tmp_path / "file").write_text("")
    assert called("", module) == "19900 True"
    assert called(tmp_path / "file" / "folder", module) == "19900 True"


@pytest.mark.parametrize("damage", ["flip", "cut", "empty"])
def test_damaged_code_is_never_run(tmp_path: Path, module: Path, damage: str) -> None:
    folder = tmp_path / "kept"
    called(folder, module)
    (kept,) = folder.iterdir()
    data = bytearray(kept.read_bytes())
    data[len(data) // 2] ^= 1
    kept.write_bytes({"flip": bytes(data), "cut": bytes(data[:-9]), "empty": b""}[damage])
    assert called(folder, module) == "19900 True"
    assert called(folder, module) == "19900 False"


def test_another_text_of_the_module_is_other_code(tmp_path: Path, module: Path) -> None:
    folder = tmp_path / "kept"
    called(folder, module)
    module.write_text(LOOPS.replace("found = 0", "found = 100"))
    assert called(folder, module) == "20000 True"
