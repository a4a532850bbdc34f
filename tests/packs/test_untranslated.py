"""Every shipped pack says everything in German, too; an author is told what his does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from nachsorge.cli import app
from nachsorge.packs.library import resolve, shipped
from nachsorge.packs.load import load_pack
from nachsorge.packs.untranslated import untranslated

NAMES = [each.folder.name for each in shipped()]


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_pack_lacks_no_german(name):
    assert untranslated(resolve(name)) == ()


@pytest.mark.parametrize("name", NAMES)
def test_german_is_no_copy_of_the_english(name):
    pack = resolve(name)
    same = [t.title for t in pack.traces if t.title.casefold() == t.title_de.casefold()]
    assert set(same) <= {"stealer", "miner"}  # the field's words, in German as well
    assert [s.title for s in pack.stages if s.title == s.title_de] == []


def test_what_is_lacking_is_named():
    pack = resolve("3cx-2023")
    first, *others = pack.traces
    lacking = replace(pack, title_de="", traces=(replace(first, title_de=""), *others))
    assert untranslated(lacking) == ("the title", f"trace {first.id!r}")


def test_lint_warns_and_does_not_refuse(tmp_path):
    folder = tmp_path / "own-2026"
    found = CliRunner().invoke(app, ["pack", "new", str(folder)])
    assert found.exit_code == 0
    assert untranslated(load_pack(folder)) == ()  # the skeleton shows how it is written
    text = (folder / "pack.yaml").read_text(encoding="utf-8")
    (folder / "pack.yaml").write_text(text.replace(", de: betroffene Version installiert", ""), encoding="utf-8")
    found = CliRunner().invoke(app, ["pack", "lint", str(folder)])
    assert found.exit_code == 0
    assert "has no German: " in found.output and "stage " in found.output
