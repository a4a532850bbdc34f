"""Archives of packs: unpacked where they belong, refused where they reach for more."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from nachsorge.errors import PackError
from nachsorge.packs import arrive
from nachsorge.packs.arrive import laid_open
from nachsorge.packs.load import load_pack
from nachsorge.packs.new import new_pack

if TYPE_CHECKING:
    from pathlib import Path


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize("pack_up", [zipped, tarred])
@pytest.mark.parametrize("below", ["", "made-2026/", "a/b/made-2026/"])
def test_an_archive_gives_the_same_pack(tmp_path: Path, pack_up: object, below: str) -> None:
    folder = new_pack(tmp_path / "made-2026", "made-2026")
    members = {below + name: content for name, content in files(folder).items()}
    source = pack_up(tmp_path / "x.archive", members)  # type: ignore[operator]
    found = laid_open(source, tmp_path / "into")
    assert load_pack(found).digest == load_pack(folder).digest


@pytest.mark.parametrize("pack_up", [zipped, tarred])
@pytest.mark.parametrize("name", ["../out", "/etc/out", "a/../../out", "C:/out", "..\\out"])
def test_no_member_gets_out(tmp_path: Path, pack_up: object, name: str) -> None:
    source = pack_up(tmp_path / "x.archive", {"pack.yaml": b"id: x", name: b"x"})  # type: ignore[operator]
    with pytest.raises(PackError, match="outside itself"):
        laid_open(source, tmp_path / "deep" / "into")
    assert not list(tmp_path.rglob("out"))


def test_links_are_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w") as archive:
        link = tarfile.TarInfo("pack.yaml")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(PackError, match=r"holds no pack\.yaml"):
        laid_open(path, tmp_path / "into")


def test_limits_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = zipped(tmp_path / "x.zip", {"pack.yaml": b"x" * 100, "b": b"y" * 100})
    for name, limit in (("MAX_FILE", 50), ("MOST_BYTES", 150), ("MOST_FILES", 1)):
        with monkeypatch.context() as patch, pytest.raises(PackError, match="too large"):
            patch.setattr(arrive, name, limit)
            laid_open(source, tmp_path / name)


def test_what_is_no_archive_stands_for_itself(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("type,value\ndomain,c2.example\n", encoding="utf-8")
    assert laid_open(tmp_path / "list.csv", tmp_path / "into") == tmp_path / "list.csv"
    assert laid_open(tmp_path, tmp_path / "into") == tmp_path
    with pytest.raises(PackError, match="no such file"):
        laid_open(tmp_path / "absent", tmp_path / "into")


def test_damage_and_doubt_are_told(tmp_path: Path) -> None:
    good = tarred(tmp_path / "x.tar.gz", {"pack.yaml": b"x" * 100_000}).read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(good[: len(good) // 2])
    with pytest.raises(PackError):
        load_pack(laid_open(tmp_path / "cut.tar.gz", tmp_path / "a"))
    two = zipped(tmp_path / "two.zip", {"a/pack.yaml": b"x", "b/pack.yaml": b"y"})
    with pytest.raises(PackError, match="several packs"):
        laid_open(two, tmp_path / "b")
