"""How a plain file is opened: its first bytes once, the rest as it lies on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nachsorge.evidence.entries import OnDisk
from nachsorge.evidence.seams import HEAD
from nachsorge.evidence.units import like_a_log, units

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("size", [0, 1, HEAD - 1, HEAD, HEAD + 1, 3 * HEAD])
def test_head_and_contents_are_the_files(tmp_path: Path, size: int) -> None:
    body = bytes(range(251)) * (size // 251 + 1)
    path = tmp_path / "x"
    path.write_bytes(body[:size])
    opener = OnDisk(path)
    assert opener.head() == body[: min(size, HEAD)]
    for _ in range(2):
        with opener() as stream:
            assert stream.read() == body[:size]


def test_a_small_file_is_read_from_disk_only_once(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"before")
    opener = OnDisk(path)
    assert opener.head() == b"before"
    path.unlink()
    with opener() as stream:
        assert stream.read() == b"before"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "goal").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "goal")
    with pytest.raises(OSError):
        OnDisk(tmp_path / "link").head()


@pytest.mark.parametrize(
    "name", ["conn.log", "dns.2023-03-29.log.gz", "syslog", "messages.1", "eve.json", "a.E02", "disk.002", "x.vmdk"]
)
def test_what_may_be_a_log_or_a_part_of_an_image_is_looked_at(name: str) -> None:
    assert like_a_log(name)


@pytest.mark.parametrize("name", ["setup.exe", "lib.so", "a.png", "index.html", "x.bin", "module.py"])
def test_what_is_hardly_a_log_is_read_early_unseen(tmp_path: Path, name: str) -> None:
    assert not like_a_log(name)
    (tmp_path / name).write_bytes(b"any text\n")
    (tmp_path / "plain.log").write_bytes(b"any text\n")
    found = {unit.path.name: unit.early for unit in units([str(tmp_path)], {})}
    assert found == {name: True, "plain.log": False}


@pytest.mark.parametrize("size", [0, 1, HEAD - 1, HEAD, HEAD + 1, 5 * HEAD + 7])
def test_blocks_are_all_of_a_file_once(tmp_path: Path, size: int) -> None:
    body = (bytes(range(251)) * (size // 251 + 1))[:size]
    path = tmp_path / "x"
    path.write_bytes(body)
    for looked_at in (False, True):
        opener = OnDisk(path)
        if looked_at:
            opener.head()
        assert b"".join(bytes(block) for block in opener.blocks()) == body


def test_blocks_are_of_one_file_where_another_took_its_place(tmp_path: Path) -> None:
    path, other = tmp_path / "x", tmp_path / "other"
    path.write_bytes(b"a" * 3 * HEAD)
    other.write_bytes(b"b" * 3 * HEAD)
    opener = OnDisk(path)
    assert opener.head() == b"a" * HEAD
    other.replace(path)
    assert b"".join(bytes(block) for block in opener.blocks()) == b"b" * 3 * HEAD
