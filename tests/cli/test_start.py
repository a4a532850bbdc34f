"""What a start does not wait for: libraries that nothing of the run asks for are not imported.

Held by names, not by a clock: what is imported is the same on every machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import json, sys
from nachsorge.cli import main
try:
    main()
except SystemExit as end:
    code = end.code
with open("modules", "w") as stream:
    json.dump([code or 0, sorted(sys.modules)], stream)
"""

HEAVY = {
    *("dask", "django", "dpkt", "duckdb", "fsspec", "ioc_finder", "jinja2", "jsonschema", "llvmlite", "numba", "numpy"),
    *("pypdf", "rich", "ruamel", "scipy", "sqlite3", "ssl", "stix2patterns", "univers", "weasyprint", "yaml", "yara_x"),
    *("antlr4", "defusedxml", "http.client", "urllib.request", "xml.sax", "sigma.rule", "sigma.collection"),
    *("nachsorge.reports.console", "nachsorge.reports.html", "nachsorge.cases.store", "nachsorge.packs.load"),
}
"""What only some runs need, by the name of the module or of its package."""

IMPORTERS = ("chirp", "misp", "openioc", "osv", "report", "spreadsheet", "stix", "suricata", "text", "zeek_intel")
EVIDENCE = ("nachsorge.evidence.units", "nachsorge.evidence.readers", "hyperscan", "multiprocessing")

LOG = (
    "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tquery\n"
    "#types\ttime\tstring\taddr\taddr\tstring\n1679270400.0\tC1\t10.0.0.1\t10.0.0.2\twww.example.org\n"
)


def imported(folder: Path, *words: str) -> tuple[int, set[str]]:
    """Run the program with these words in a process of its own; give its exit code and what it had imported."""
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    command = [sys.executable, "-c", PROGRAM, *words]
    done = subprocess.run(command, cwd=folder, env=quiet, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    code, modules = json.loads((folder / "modules").read_text())
    return code, set(modules)


def waited_for(modules: set[str], names: set[str]) -> set[str]:
    """Give those names that are imported, themselves or a module below them."""
    return {name for name in names if any(one == name or one.startswith(f"{name}.") for one in modules)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("start")
    (made / "list.csv").write_text("type,value\ndomain,www.example.org\n")
    (made / "dns.log").write_text(LOG)
    return made


def test_help_waits_for_nothing_that_reads(folder: Path) -> None:
    code, modules = imported(folder, "check", "--help")
    assert code == 0
    assert waited_for(modules, HEAVY | set(EVIDENCE)) == set()


def test_a_check_of_a_log_waits_for_what_it_needs_only(folder: Path) -> None:
    code, modules = imported(folder, "check", "list.csv", "dns.log", "--json", "o.json", "-q", "--jobs", "1")
    assert code == 1, "the log holds what the list names"
    assert waited_for(modules, HEAVY) == set()
    assert waited_for(modules, {f"nachsorge.packs.importers.{name}" for name in IMPORTERS}) == set()
    assert "nachsorge.packs.importers.csv" in modules
    assert "nachsorge.evidence.readers.zeek_tsv" in modules
    assert "nachsorge.evidence.readers.evtx" not in modules


def test_what_is_asked_for_is_imported(folder: Path) -> None:
    """The names above are right: a run that needs them has them."""
    (folder / "one.yar").write_text('rule one { strings: $a = "www.example.org" condition: $a }\n')
    _, modules = imported(folder, "check", "one.yar", "dns.log", "--jobs", "1")
    assert {"yara_x", "yaml", "rich", "nachsorge.reports.console"} <= modules
