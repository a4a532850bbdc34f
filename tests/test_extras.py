"""Without any of the extras the program starts and works, and says which one is lacking where it is needed."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

EXTRAS = (
    "duckdb",
    "numba",
    "numpy",
    "distributed",
    "dask",
    "fsspec",
    "s3fs",
    "dpkt",
    "pyscca",
    "pyewf",
    "pyfsntfs",
    "py7zr",
)
EXTRAS += ("ioc_finder", "pypdf", "pymispwarninglists")  # type: ignore[assignment]
BARE = (
    "import sys\n"
    f"for name in {EXTRAS!r}: sys.modules[name] = None\n"
    "from nachsorge.cli import main\n"
    "sys.argv[0] = 'nachsorge'\n"
    "main()\n"
)


def bare(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", BARE, *map(str, words)], capture_output=True, text=True, check=False)


def test_the_program_starts_and_checks(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("type,value\ndomain,evil.example\n")
    (tmp_path / "a.log").write_text("GET http://evil.example/\n")
    done = bare("check", tmp_path / "list.csv", tmp_path / "a.log", "-q")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr


def test_an_index_without_its_extra_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("GET http://evil.example/\n")
    done = bare("index", tmp_path / "a.log", "--into", tmp_path / "index")
    assert done.returncode == 2 and "nachsorge[index]" in done.stderr and "Traceback" not in done.stderr


def test_a_cluster_without_its_extra_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("x\n")
    done = bare("check", "3cx-2023", tmp_path / "a.log", "--cluster", "tcp://127.0.0.1:1")
    assert done.returncode == 2 and "nachsorge[cluster]" in done.stderr and "Traceback" not in done.stderr


def test_a_capture_without_its_extra_is_a_gap(tmp_path: Path) -> None:
    magic = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")
    (tmp_path / "a.pcap").write_bytes(magic + bytes(32))
    bare("check", "3cx-2023", tmp_path / "a.pcap", "--json", tmp_path / "out.json", "-q")
    (source,) = json.loads((tmp_path / "out.json").read_text())["sources"]
    assert (source["status"], source["reason"]) == ("unread", "missing-extra")
    assert "nachsorge[network]" in source["note"]


def test_a_disk_image_without_its_extra_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / "disk.qcow2").write_bytes(b"QFI\xfb" + bytes(508))
    bare("check", "3cx-2023", tmp_path / "disk.qcow2", "--json", tmp_path / "out.json", "-q")
    (source,) = json.loads((tmp_path / "out.json").read_text())["sources"]
    assert (source["status"], source["reason"]) == ("unread", "missing-extra")
    assert "nachsorge[images]" in source["note"]


def test_a_url_without_its_extra_is_a_gap(tmp_path: Path) -> None:
    bare("check", "3cx-2023", "s3://bucket/logs", "--json", tmp_path / "out.json", "-q")
    (source,) = json.loads((tmp_path / "out.json").read_text())["sources"]
    assert source["status"] == "unread" and source["reason"] == "missing-extra"


def test_a_report_in_prose_without_its_extra_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "report.md").write_text("# x\nIt asks c2[.]evil.example for orders.\n")
    (tmp_path / "a.log").write_text("x\n")
    done = bare("check", tmp_path / "report.md", tmp_path / "a.log")
    assert done.returncode == 2 and "nachsorge[reports]" in done.stderr and "Traceback" not in done.stderr


def test_a_7z_without_its_extra_is_a_gap_with_the_line_to_install(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("type,value\ndomain,evil.example\n")
    (tmp_path / "a.7z").write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(40))
    done = bare("check", tmp_path / "list.csv", tmp_path / "a.7z", "--json", "-")
    assert done.returncode == 3 and "Traceback" not in done.stderr, done.stderr
    (source,) = json.loads(done.stdout)["sources"]
    assert (source["status"], source["reason"]) == ("unread", "missing-extra")
    assert "nachsorge[archives]" in done.stdout
