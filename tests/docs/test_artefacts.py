"""Every row of "Is my artefact read?" names what reads it, and tests that show it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.docs.test_generated import generator

from nachsorge.evidence.readers import READERS

ROOT = Path(__file__).resolve().parents[2]
ROWS: list[dict[str, Any]] = [row for rows in generator().artefacts().values() for row in rows]


@cache
def _functions(path: Path) -> frozenset[str]:
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef))


def test_every_family_has_rows() -> None:
    there = {path.stem for path in generator().ARTEFACTS.glob("*.toml")}
    assert there == set(generator().ARTEFACT_FAMILIES)
    assert all(generator().artefacts().values())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_a_row_is_whole(row: dict[str, Any]) -> None:
    assert row["read"] in {"yes", "partly", "no"}
    assert row["read"] == "yes" or row["note"], "what is not read, and what the result says then"
    assert row["read"] == "no" or row["readers"]
    assert row["shown_by"], "a word without a test is a promise"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_what_reads_it_is_there(row: dict[str, Any]) -> None:
    names = {reader.name for reader in READERS}
    for name in row["readers"]:
        module = ROOT / "src" / "nachsorge" / name
        assert name in names or module.with_suffix(".py").exists() or module.is_dir(), name


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_its_tests_are_there(row: dict[str, Any]) -> None:
    for test in row["shown_by"]:
        path, _, function = test.partition("::")
        assert (ROOT / path).is_file(), test
        assert not function or function.partition("[")[0].rpartition("::")[2] in _functions(ROOT / path), test


def test_no_artefact_stands_twice() -> None:
    names = [row["name"].casefold() for row in ROWS]
    assert sorted(names) == sorted(set(names))
