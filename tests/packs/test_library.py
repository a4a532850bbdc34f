"""What the word PACK means, and the skeleton of a new pack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nachsorge.errors import PackError, UsageError
from nachsorge.packs.library import resolve, shipped
from nachsorge.packs.lint import lint
from nachsorge.packs.new import new_pack

if TYPE_CHECKING:
    from pathlib import Path


def test_every_shipped_pack_is_called_like_its_folder_and_is_right() -> None:
    assert "3cx-2023" in {each.id for each in shipped()}
    for each in shipped():
        assert lint(each.folder) == []
        assert resolve(each.id).id == each.id


def test_a_folder_and_a_file_may_stand_for_a_pack(tmp_path: Path) -> None:
    folder = new_pack(tmp_path / "made-2026", "made-2026")
    assert resolve(str(folder)).id == "made-2026"
    (tmp_path / "list.txt").write_text("c2.example\n", encoding="utf-8")
    assert resolve(str(tmp_path / "list.txt")).ad_hoc


def test_a_shipped_id_wins_over_a_folder_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "3cx-2023").mkdir()
    assert resolve("3cx-2023").id == "3cx-2023"
    with pytest.raises(PackError):
        resolve("./3cx-2023")


@pytest.mark.parametrize("word", ["3cx-2032", "", "no/where", "x" * 5000, "a\0b"])
def test_an_unknown_word_is_told_with_what_there_is(word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PackError):
        resolve(word)


def test_a_typing_error_is_answered(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="did you mean '3cx-2023'"):
        resolve("3cx-2032")


def test_the_skeleton_passes_lint(tmp_path: Path) -> None:
    folder = new_pack(tmp_path / "packs" / "made-2026", "made-2026")
    assert lint(folder) == []
    assert (folder / "samples" / "clean").is_dir()


def test_the_skeleton_overwrites_nothing(tmp_path: Path) -> None:
    folder = new_pack(tmp_path / "made-2026", "made-2026")
    (folder / "pack.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is not empty"):
        new_pack(tmp_path / "made-2026", "made-2026")
    assert (folder / "pack.yaml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("id", ["", "Made", "a/b", "..", "a b", "-a", "ä"])
def test_a_bad_id_writes_nothing(tmp_path: Path, id: str) -> None:
    with pytest.raises(UsageError, match="not an id"):
        new_pack(tmp_path / "x", id)
    assert list(tmp_path.iterdir()) == []


def test_lint_names_what_loads_but_is_not_careful(tmp_path: Path) -> None:
    folder = new_pack(tmp_path / "made-2026", "made-2026")
    (folder / "indicators.csv").write_text("type,value,trace\n", encoding="utf-8")
    [problem] = lint(folder)
    assert "nothing tests the trace 'c2-name'" in problem.message
    folder = folder.rename(tmp_path / "other")
    assert any("not called like the pack" in problem.message for problem in lint(folder))


def test_lint_of_a_list_names_its_odd_lines(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("c2.example\nwhat is this\n", encoding="utf-8")
    assert [problem.message.split(":")[0] for problem in lint(path)] == ["line 2"]
