"""Signatures made by the real programs; whatever is changed afterwards is noticed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from nachsorge.packs import trust
from nachsorge.packs.files import SUM, digest
from nachsorge.packs.load import load_pack
from nachsorge.packs.new import new_pack
from nachsorge.packs.trust import Answer, Trust, sum_of, verify

if TYPE_CHECKING:
    from pathlib import Path

minisign = pytest.importorskip(
    "minisign", reason="THE EXTRA signing IS ABSENT: minisign signatures are NOT checked here"
)


def run(*command: str) -> None:
    subprocess.run(command, capture_output=True, timeout=60, check=True)


def gpg_home(tmp_path: Path) -> tuple[str, ...]:
    program = shutil.which("gpg")
    if program is None:
        pytest.skip("gpg IS NOT INSTALLED: OpenPGP signatures are NOT checked here")
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return (program, "--homedir", str(home), "--batch", "--no-tty", "--passphrase", "", "--pinentry-mode", "loopback")


def made(tmp_path: Path) -> Path:
    folder = new_pack(tmp_path / "made-2026", "made-2026")
    (folder / SUM).write_text(sum_of(load_pack(folder)), encoding="utf-8")
    return folder


def answer(folder: Path, key: Path | None = None) -> Answer:
    return verify(folder, load_pack(folder), key)


def by_minisign(folder: Path, tmp_path: Path, name: str = "cert") -> Path:
    pair = minisign.KeyPair.generate()
    public = tmp_path / f"{name}.pub"
    public.write_bytes(bytes(pair.public_key))
    signature = pair.secret_key.sign((folder / SUM).read_bytes(), trusted_comment="made for a test")
    (folder / trust.MINISIGN).write_bytes(bytes(signature))
    return public


def by_openpgp(folder: Path, tmp_path: Path, *how: str) -> Path:
    gpg = gpg_home(tmp_path)
    run(*gpg, *how, "--quick-generate-key", "CERT <cert@example.org>", "ed25519", "sign", "never")
    public = tmp_path / "cert.asc"
    run(*gpg, "--armor", "--output", str(public), "--export")
    run(*gpg, *how, "--armor", "--detach-sign", str(folder / SUM))
    run("gpgconf", "--homedir", str(tmp_path / "home"), "--kill", "all")
    return public


def test_an_unsigned_pack_says_so(tmp_path: Path) -> None:
    folder = new_pack(tmp_path / "made-2026", "made-2026")
    assert answer(folder).trust is Trust.UNSIGNED
    assert answer(made(tmp_path / "x")).trust is Trust.UNSIGNED


def test_signing_does_not_change_the_digest(tmp_path: Path) -> None:
    folder = new_pack(tmp_path / "made-2026", "made-2026")
    before = digest(folder)
    (folder / SUM).write_text("x", encoding="utf-8")
    (folder / trust.MINISIGN).write_text("x", encoding="utf-8")
    assert digest(folder) == before
    (folder / "rules" / SUM).write_text("x", encoding="utf-8")
    assert digest(folder) != before


@pytest.mark.parametrize("sign", [by_minisign, by_openpgp])
def test_a_signed_pack_verifies_with_its_key_only(tmp_path: Path, sign: object) -> None:
    folder = made(tmp_path)
    key = sign(folder, tmp_path)  # type: ignore[operator]
    assert answer(folder, key).trust is Trust.VERIFIED
    assert answer(folder).trust is Trust.UNCHECKED
    (tmp_path / "empty").write_text("nothing", encoding="utf-8")
    assert answer(folder, tmp_path / "empty").trust is Trust.UNCHECKED
    assert answer(folder, tmp_path / "absent").trust is Trust.UNCHECKED


@pytest.mark.parametrize("sign", [by_minisign, by_openpgp])
def test_every_change_is_noticed(tmp_path: Path, sign: object) -> None:
    folder = made(tmp_path)
    key = sign(folder, tmp_path)  # type: ignore[operator]
    for path in [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(SUM)]:
        before = path.read_bytes()
        path.write_bytes(before + b"\n")
        assert answer(folder, key).trust is Trust.WRONG, path
        path.write_bytes(before)
    assert answer(folder, key).trust is Trust.VERIFIED
    (folder / "README.more").write_text("x", encoding="utf-8")
    assert answer(folder, key).trust is Trust.WRONG


@pytest.mark.parametrize("sign", [by_minisign, by_openpgp])
def test_a_new_sum_needs_a_new_signature(tmp_path: Path, sign: object) -> None:
    folder = made(tmp_path)
    key = sign(folder, tmp_path)  # type: ignore[operator]
    with (folder / "indicators.csv").open("a", encoding="utf-8") as stream:
        stream.write("domain,forged.example,c2-name,malicious,,first-report,,verbatim-publisher,,,,,\n")
    (folder / SUM).write_text(sum_of(load_pack(folder)), encoding="utf-8")
    assert answer(folder, key).trust is Trust.WRONG


def test_a_file_that_the_digest_leaves_out_is_no_hiding_place(tmp_path: Path) -> None:
    folder = made(tmp_path)
    key = by_minisign(folder, tmp_path)
    hidden = folder / "rules" / "generic" / "__pycache__"
    hidden.mkdir(parents=True)
    (hidden / "forged.yml").write_text("x", encoding="utf-8")
    found = answer(folder, key)
    assert found.trust is Trust.WRONG
    assert "forged.yml" in found.why


def test_another_key_does_not_verify(tmp_path: Path) -> None:
    folder = made(tmp_path)
    other = by_minisign(folder, tmp_path, "other")
    by_minisign(folder, tmp_path)
    assert answer(folder, other).trust is Trust.WRONG


def test_an_expired_signature_is_wrong(tmp_path: Path) -> None:
    folder = made(tmp_path)
    key = by_openpgp(folder, tmp_path, "--faked-system-time", "20200101T000000", "--default-sig-expire", "1d")
    assert answer(folder, key).trust is Trust.WRONG


def test_the_program_minisign_is_understood(tmp_path: Path) -> None:
    program = shutil.which("minisign")
    if program is None:
        pytest.skip("minisign IS NOT INSTALLED: its own signatures are NOT checked here")
    folder = made(tmp_path)
    run(program, "-G", "-W", "-p", str(tmp_path / "k.pub"), "-s", str(tmp_path / "k.key"))
    run(program, "-S", "-m", str(folder / SUM), "-s", str(tmp_path / "k.key"))
    assert answer(folder, tmp_path / "k.pub").trust is Trust.VERIFIED


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(tmp_path)
    key = by_minisign(folder, tmp_path)
    (folder / trust.OPENPGP).write_text("x", encoding="utf-8")
    (tmp_path / "pgp").write_text("-----BEGIN PGP PUBLIC KEY BLOCK-----", encoding="utf-8")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "gpg is not installed" in answer(folder, tmp_path / "pgp").why
    monkeypatch.setitem(sys.modules, "minisign", None)
    found = answer(folder, key)
    assert found.trust is Trust.UNCHECKED
    assert "pip install 'nachsorge[signing]'" in found.why
