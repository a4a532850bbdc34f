"""`nachsorge pack import` and `pack sources` as people call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from nachsorge.cli import app
from nachsorge.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def call(*words: object, answers: str = "") -> str:
    done = CliRunner().invoke(app, [str(word) for word in words], input=answers)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0
    return done.output


def test_answers_are_asked_for_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("8.8.8.8\nc2.example\n10.0.0.1\n", encoding="utf-8")
    folder = tmp_path / "made-2026"
    call("pack", "import", path, "--into", folder, "-i", "--by", "ana", answers="x\nd\na resolver\ns\n")
    rows = (folder / "decisions.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 2
    assert rows[1].startswith("ip,8.8.8.8,resolver,a public resolver,drop,a resolver,ana,")
    again = call("pack", "import", path, "--into", folder, "-i", answers="k\n\n")
    assert "0 of 2 flagged values undecided" in again


def test_whoever_has_enough_keeps_the_answers_given(tmp_path: Path) -> None:
    path = tmp_path / "seen.txt"
    path.write_text("8.8.8.8 # seen once\n10.0.0.1\n1.1.1.1\n", encoding="utf-8")
    folder = tmp_path / "made-2026"
    output = call("pack", "import", path, "--into", folder, "-i", answers="d\na resolver\nq\n")
    assert "named by seen (line 1, seen once)" in output
    assert "(2 more)" in output
    assert "2 of 3 flagged values undecided" in output
    assert len((folder / "decisions.csv").read_text(encoding="utf-8").splitlines()) == 2


def test_an_import_that_is_stopped_writes_nothing_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("8.8.8.8\n10.0.0.1\n", encoding="utf-8")
    words = ["pack", "import", str(path), "--into", str(tmp_path / "made-2026"), "-i"]
    done = CliRunner().invoke(app, words, input="d\nwhy\n")
    assert done.exit_code != 0
    assert "nothing was written, and your answers so far (1) are gone" in done.output
    assert not (tmp_path / "made-2026").exists()


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("c2.example\n", encoding="utf-8")
    output = call("pack", "import", path, "--into", tmp_path / "made-2026", "--dry-run")
    assert "nothing written" in output
    assert not (tmp_path / "made-2026").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("--map", "x"),
        ("--map", "x=colour"),
        ("--tlp", "purple"),
        ("--from", "2026-01-01"),
        ("--from", "2026-02-01", "--to", "2026-01-01"),
        ("--source", "=x"),
        ("--warning-lists", "."),
    ],
)
def test_wrong_words_are_told_and_nothing_is_written(
    tmp_path: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "list.txt"
    path.write_text("c2.example\n", encoding="utf-8")
    with pytest.raises(UsageError):
        call("pack", "import", path, "--into", tmp_path / "made-2026", *words)
    assert not (tmp_path / "made-2026").exists()


def test_sources_of_a_shipped_pack() -> None:
    output = call("pack", "sources", "3cx-2023")
    assert "actor: UNC4736 (mandiant-0420, 2023-04-20)" in output
    assert "alias: SmoothOperator (sentinelone)" in output
    assert "related: x-trader-2022" in output
