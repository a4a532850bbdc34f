"""What the documentation says is generated is what the program says today."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nachsorge.evidence.readers import READERS
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _pages() -> dict[str, str]:
    pages: dict[str, str] = generator().pages()
    return pages


@pytest.mark.parametrize(
    "name",
    [
        "pack.schema.json",
        "pack-format.md",
        "assessment.schema.json",
        "notification.schema.json",
        "answer.schema.json",
        "readers.md",
        "command-line.md",
        "channels.md",
        "artefacts.md",
        "growth.svg",
    ],
)
def test_generated_pages_are_fresh(name: str) -> None:
    assert (ROOT / "docs" / "reference" / name).read_text("utf-8") == _pages()[name], "run make docs"


def test_every_reader_has_a_row() -> None:
    page = (ROOT / "docs" / "reference" / "readers.md").read_text("utf-8")
    assert all(f"| `{reader.name}` |" in page for reader in READERS)


def test_every_reader_stands_in_one_family() -> None:
    page = (ROOT / "docs" / "reference" / "readers.md").read_text("utf-8").partition("## By telemetry")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == sorted(reader.name for reader in READERS)
    named = " ".join(generator().FAMILIES.values()).split()
    assert sorted(named) == sorted(set(named))
    assert set(named) <= {reader.name for reader in READERS}


def test_every_telemetry_says_who_can_cover_it() -> None:
    page = (ROOT / "docs" / "reference" / "readers.md").read_text("utf-8").partition("## By telemetry")[2]
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]*) \|", page, re.MULTILINE))
    assert set(rows) == set(Telemetry) - {Telemetry.TEXT}
    for telemetry, covering in rows.items():
        told = [reader.name for reader in READERS if telemetry in reader.tells.covers]
        assert re.findall(r"`(\w+)`", covering) == told


class FromElsewhere:
    """A reader of another package, written before readers had to tell anything."""

    name = "elsewhere"
    telemetry = (Telemetry.SYSLOG,)


def test_a_reader_that_does_not_tell_gets_a_row_that_says_so() -> None:
    assert generator()._row(FromElsewhere()).endswith("| `syslog` | Not said | Not said | Not said |")


def test_the_front_page_counts_the_readers() -> None:
    assert f"[{len(READERS)} readers](docs/reference/readers.md)" in (ROOT / "README.md").read_text("utf-8")


def test_links_between_pages_lead_somewhere() -> None:
    pages = [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("packs/*/README.md"),
        *ROOT.glob("examples/*/README.md"),
    ]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not broken


def test_nothing_names_a_machine_or_a_registry() -> None:
    tracked = [
        p for p in ROOT.rglob("*") if p.is_file() and not {".git", ".venv", "demo"} & set(p.relative_to(ROOT).parts)
    ]
    words = re.compile(
        rb"/" + rb"work/main|/opt/" + rb"pypi|registry\.npmjs" + rb"\.org|pypi" + rb"\.org|files\.python" + rb"hosted"
    )
    named = [
        str(p.relative_to(ROOT))
        for p in tracked
        if p.suffix in {".py", ".md", ".toml", ".lock", ".sh", ".yaml", ".csv"} and words.search(p.read_bytes())
    ]
    assert not named
