"""`pack export` as people call it: what is on stdout, what is said, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from nachsorge.cli import app
from nachsorge.errors import UsageError
from nachsorge.exports.packs import EXPORTERS

if TYPE_CHECKING:
    from pathlib import Path
from typing import Any

LIST = "type,value,role,tlp\ndomain,c2.example,,CLEAR\ndomain,shared.example,abused-legitimate,CLEAR\n"


@pytest.fixture
def listed(tmp_path: Path) -> str:
    path = tmp_path / "list.csv"
    path.write_text(LIST, encoding="utf-8")
    return str(path)


def call(*words: str) -> Any:
    return CliRunner().invoke(app, ["pack", "export", *words])


def test_one_file_goes_to_stdout_and_losses_to_stderr(listed: str) -> None:
    found = call(listed, "--to", "hosts")
    assert found.exit_code == 0
    assert "0.0.0.0 c2.example" in found.stdout
    assert "shared.example" not in found.stdout
    assert "abused-legitimate" in found.stderr
    assert "domain shared.example" in found.stderr
    assert "0.0.0.0 shared.example" in call(listed, "--to", "hosts", "--include", "abused-legitimate").stdout


def test_a_folder_gets_all_files_and_the_list_of_losses(listed: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    wanted = [word for each in EXPORTERS for word in ("--to", each.name)]
    assert call(listed, *wanted, "-o", str(out)).exit_code == 0
    names = {path.name for path in out.iterdir()}
    assert {f"{each.name}-not-expressed.txt" for each in EXPORTERS} <= names
    assert "domain shared.example\t" in (out / "rpz-not-expressed.txt").read_text(encoding="utf-8")


def test_the_time_can_be_fixed(listed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert "SOA localhost. hostmaster.localhost. 1700000000 " in call(listed, "--to", "rpz").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--to", "nothing"], "one of stix, misp"),
        (["--to", "csv", "--to", "stix"], "name a folder"),
        (["--to", "csv", "--include", "withdrawn"], "other roles never leave"),
    ],
)
def test_wrong_use_is_answered(listed: str, words: list[str], message: str) -> None:
    found = call(listed, *words)
    assert isinstance(found.exception, UsageError)
    assert message in str(found.exception)


def test_a_pack_above_the_limit_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("type,value,tlp\ndomain,secret.example,RED\n", encoding="utf-8")
    found = call(str(path), "--to", "csv")
    assert isinstance(found.exception, UsageError)
    assert "TLP:RED for named persons only" in str(found.exception)
    assert "secret.example" in call(str(path), "--to", "csv", "--for", "me").stdout
