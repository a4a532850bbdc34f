"""What the documentation says is generated is what the program says today."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from nachsorge.evidence.readers import READERS

ROOT = Path(__file__).resolve().parents[2]


def _pages() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pages: dict[str, str] = module.pages()
    return pages


@pytest.mark.parametrize(
    "name", ["pack.schema.json", "pack-format.md", "assessment.schema.json", "readers.md", "command-line.md"]
)
def test_generated_pages_are_fresh(name: str) -> None:
    assert (ROOT / "docs" / "reference" / name).read_text("utf-8") == _pages()[name], "run make docs"


def test_every_reader_has_a_row() -> None:
    page = (ROOT / "docs" / "reference" / "readers.md").read_text("utf-8")
    assert all(f"| `{reader.name}` |" in page for reader in READERS)


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
