"""`pack diff`, `pack verify`, `pack update` and `pack test` as people call them."""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from nachsorge.cli import app
from nachsorge.errors import UsageError
from nachsorge.packs.load import load_pack
from nachsorge.packs.new import new_pack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

minisign = pytest.importorskip("minisign", reason="THE EXTRA signing IS ABSENT: signatures are NOT checked here")


def call(*words: object) -> Any:
    return CliRunner().invoke(app, ["pack", *map(str, words)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return new_pack(tmp_path / "made-2026", "made-2026")


def newer(folder: Path, place: Path, version: str = "0.2.0") -> Path:
    """Make the next version, with one more value."""
    shutil.copytree(folder, place)
    text = (place / "pack.yaml").read_text(encoding="utf-8").replace("version: 0.1.0", f"version: {version}")
    (place / "pack.yaml").write_text(text, encoding="utf-8")
    with (place / "indicators.csv").open("a", encoding="utf-8") as stream:
        stream.write("domain,d2.example,c2-name,malicious,,first-report,,verbatim-publisher,,,,,\n")
    return place


def signed(folder: Path, tmp_path: Path) -> Path:
    assert call("verify", folder, "--write-sum").exit_code == 0
    pair = minisign.KeyPair.generate()
    (folder / "pack.sum.minisig").write_bytes(bytes(pair.secret_key.sign((folder / "pack.sum").read_bytes())))
    (tmp_path / "key.pub").write_bytes(bytes(pair.public_key))
    return tmp_path / "key.pub"


def test_diff_shows_what_is_new_and_ends_with_one(folder: Path, tmp_path: Path) -> None:
    found = call("diff", folder, newer(folder, tmp_path / "new"))
    assert found.exit_code == 1
    assert found.stdout.splitlines() == ["~ pack version (0.1.0 -> 0.2.0)", "+ value domain d2.example (stage beacon)"]
    assert call("diff", folder, folder).exit_code == 0


def test_diff_of_two_lists(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("c2.example\nd2.example\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("c2.example\n192.0.2.5\n", encoding="utf-8")
    found = call("diff", tmp_path / "a.txt", tmp_path / "b.txt").stdout.splitlines()
    assert "+ value ip 192.0.2.5 (stage seen)" in found
    assert "- value domain d2.example (no longer in it)" in found


def test_verify_says_which_of_the_four_it_is(folder: Path, tmp_path: Path) -> None:
    assert call("verify", folder).exit_code == 3
    assert "unsigned:" in call("verify", folder).stdout
    key = signed(folder, tmp_path)
    assert call("verify", folder, "--key", key).exit_code == 0
    assert call("verify", folder).exit_code == 3
    (folder / "README.md").write_text("changed", encoding="utf-8")
    assert call("verify", folder, "--key", key).exit_code == 1


def test_update_takes_over_and_keeps_what_was_there(folder: Path, tmp_path: Path) -> None:
    new = newer(folder, tmp_path / "new")
    dry = call("update", new, folder, "--dry-run")
    assert "+ value domain d2.example" in dry.stdout
    assert load_pack(folder).version == "0.1.0"
    assert call("update", new, folder).exit_code == 0
    assert load_pack(folder).version == "0.2.0"
    assert load_pack(tmp_path / ".made-2026.before").version == "0.1.0"


def refusal(*words: object) -> str:
    found = call("update", *words)
    assert isinstance(found.exception, UsageError), found.output
    return str(found.exception)


def test_update_refuses_what_is_older_other_or_less_trusted(folder: Path, tmp_path: Path) -> None:
    assert "is older than" in refusal(newer(folder, tmp_path / "old", "0.0.9"), folder)
    assert "is other-2026, not made-2026" in refusal(new_pack(tmp_path / "other-2026", "other-2026"), folder).replace(
        "the new pack ", ""
    )
    new = newer(folder, tmp_path / "new")
    (tmp_path / "nobody.pub").write_text("untrusted comment: x\n", encoding="utf-8")
    assert "unsigned" in refusal(new, folder, "--key", tmp_path / "nobody.pub")
    key = signed(folder, tmp_path)
    assert "is signed and the new one is not" in refusal(new, folder)
    key = signed(new, tmp_path)
    (new / "README.md").write_text("changed", encoding="utf-8")
    assert "wrong" in refusal(new, folder)
    assert "wrong" in refusal(new, folder, "--key", key)
    assert load_pack(folder).version == "0.1.0"
    assert not list(tmp_path.glob(".made-2026*"))


def test_a_version_of_ten_is_newer_than_one_of_nine(folder: Path, tmp_path: Path) -> None:
    assert call("update", newer(folder, tmp_path / "nine", "0.9.0"), folder).exit_code == 0
    old = new_pack(tmp_path / "x" / "made-2026", "made-2026")
    assert call("update", newer(old, tmp_path / "ten", "0.10.0"), folder).exit_code == 0


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()
        else:
            super().do_GET()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_update_from_an_address_that_the_user_names(folder: Path, tmp_path: Path) -> None:
    web = tmp_path / "web"
    web.mkdir()
    new = newer(folder, tmp_path / "new")
    shutil.make_archive(str(web / "new"), "zip", new)
    with served(web) as address:
        assert call("update", f"{address}/new.zip", folder).exit_code == 0
        assert "cannot be fetched" in refusal(f"{address}/absent.zip", folder)
        assert "cannot be fetched" in refusal(f"{address}/moved", folder)
    assert load_pack(folder).version == "0.2.0"


def test_pack_test_writes_the_second_book_and_passes(folder: Path) -> None:
    (folder / "samples" / "values.csv").unlink()
    found = call("test", folder, "--write-values")
    assert found.exit_code == 0, found.output
    book = (folder / "samples" / "values.csv").read_text(encoding="utf-8")
    assert book == 'type,value,trace,platform\ndomain,"c2.example",c2-name,\n'
    (folder / "samples" / "expected.yaml").unlink()
    broken = call("test", folder)
    assert broken.exit_code == 1
    assert "samples/expected.yaml: cannot be read" in broken.stdout
