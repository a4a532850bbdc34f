"""Seals that gpg itself opens, and everything that a seal must refuse."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from tests.sharing.keys import gpg
from tests.sharing.kit import PLAIN

from nachsorge.errors import UsageError
from nachsorge.sharing import seal
from nachsorge.sharing.notification import LARGEST, decode, encode
from nachsorge.sharing.seal import SealError, new_key, sign, unseal, verified

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sharing.keys import Keys

CONTENT = encode(PLAIN)


def test_gpg_on_the_command_line_opens_the_seal(cert_keys: Keys, tmp_path: Path) -> None:
    (tmp_path / "sealed.asc").write_bytes(seal.seal(CONTENT, cert_keys.public).body)
    opened = gpg("--decrypt", str(tmp_path / "sealed.asc"), home=cert_keys.home)
    assert opened.stdout == CONTENT
    assert decode(opened.stdout) == PLAIN


def test_what_gpg_sealed_is_opened(cert_keys: Keys) -> None:
    sealed = gpg("--trust-model", "always", "--armor", "-r", cert_keys.fingerprint, "--encrypt", home=cert_keys.home,
                 body=CONTENT).stdout  # fmt: skip
    assert unseal(sealed, home=cert_keys.home) == CONTENT


def test_it_says_for_whom(cert_keys: Keys) -> None:
    sealed = seal.seal(CONTENT, cert_keys.public)
    assert sealed.fingerprint == cert_keys.fingerprint
    assert b"3CX" not in sealed.body


def test_nobody_else_opens_it_and_hears_nothing(cert_keys: Keys, other_keys: Keys) -> None:
    sealed = seal.seal(CONTENT, cert_keys.public).body
    with pytest.raises(SealError) as found:
        unseal(sealed, home=other_keys.home)
    assert cert_keys.fingerprint[-16:] not in str(found.value)


def test_a_changed_seal_is_refused(cert_keys: Keys) -> None:
    lines = seal.seal(CONTENT, cert_keys.public).body.split(b"\n")
    middle = len(lines) // 2
    lines[middle] = lines[middle][::-1]
    with pytest.raises(SealError):
        unseal(b"\n".join(lines), home=cert_keys.home)


def test_a_bomb_is_not_unpacked(cert_keys: Keys) -> None:
    bomb = seal.seal(b"\0" * (64 * LARGEST), cert_keys.public).body
    assert len(bomb) < LARGEST
    with pytest.raises(SealError, match="too large"):
        unseal(bomb, home=cert_keys.home)
    full = seal.seal(b"x" * LARGEST, cert_keys.public).body
    assert len(unseal(full, home=cert_keys.home)) == LARGEST
    with pytest.raises(SealError, match="too large"):
        unseal(seal.seal(b"x" * (LARGEST + 1), cert_keys.public).body, home=cert_keys.home)


@pytest.mark.parametrize(
    "body", [b"", b"text", b"-----BEGIN PGP MESSAGE-----", b"-----BEGIN PGP MESSAGE-----\n\nAAAA\n"]
)
def test_what_is_no_seal_is_refused(cert_keys: Keys, body: bytes) -> None:
    with pytest.raises(SealError):
        unseal(body, home=cert_keys.home)


def test_what_is_only_signed_is_not_sealed(cert_keys: Keys) -> None:
    signed = gpg("--armor", "--sign", home=cert_keys.home, body=CONTENT).stdout
    with pytest.raises(SealError):
        unseal(signed, home=cert_keys.home)


def test_one_public_key_has_to_be_named(cert_keys: Keys, other_keys: Keys) -> None:
    secret = gpg("--armor", "--export-secret-keys", home=cert_keys.home).stdout
    assert b"PRIVATE KEY" in secret
    for key in (b"", b"no key", cert_keys.public + other_keys.public, secret, b"x" * (2 << 20)):
        with pytest.raises(SealError):
            seal.seal(CONTENT, key)


def test_an_expired_key_is_not_sealed_for(tmp_path: Path, cert_keys: Keys) -> None:
    home = cert_keys.home
    made = gpg("--passphrase", "", "--faked-system-time", "20200101T000000", "--quick-generate-key", "old@cert.example",
               "default", "default", "1d", home=home)  # fmt: skip
    assert made.returncode == 0, made.stderr
    key = gpg("--armor", "--export", "old@cert.example", home=home).stdout
    with pytest.raises(SealError):
        seal.seal(CONTENT, key)


def test_a_signature_is_held_to_the_named_key(cert_keys: Keys, other_keys: Keys) -> None:
    signed = sign(CONTENT, home=cert_keys.home, key=cert_keys.fingerprint)
    found = verified(signed, cert_keys.public)
    assert (found.content.rstrip(b"\n"), found.fingerprint) == (CONTENT, cert_keys.fingerprint)
    assert "a CERT of the tests" in found.who
    for body, key in (
        (signed, other_keys.public),
        (signed.replace(b"3cx-2023", b"3cx-2024"), cert_keys.public),
        (CONTENT, cert_keys.public),
        (b"before\n" + signed, cert_keys.public),
        (signed + b"behind", cert_keys.public),
        (signed + signed, cert_keys.public),
        (b"", cert_keys.public),
    ):
        with pytest.raises(SealError):
            verified(body, key)


def test_a_signature_beside_the_file_and_within_a_message(cert_keys: Keys) -> None:
    beside = gpg("--armor", "--detach-sign", home=cert_keys.home, body=CONTENT).stdout
    assert verified(CONTENT, cert_keys.public, signature=beside).content == CONTENT
    with pytest.raises(SealError):
        verified(CONTENT + b" ", cert_keys.public, signature=beside)
    within = gpg("--armor", "--sign", home=cert_keys.home, body=CONTENT).stdout
    assert verified(within, cert_keys.public).content == CONTENT


def test_signing_needs_a_key_that_is_there(cert_keys: Keys, other_keys: Keys) -> None:
    with pytest.raises(SealError):
        sign(CONTENT, home=cert_keys.home, key=other_keys.fingerprint)
    with pytest.raises(SealError):
        seal.public_key(cert_keys.home, other_keys.fingerprint)


def test_a_key_with_a_passphrase_opens_with_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    import subprocess
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory(prefix="nk-") as folder:
        home = Path(folder) / "gpg"
        fingerprint = new_key(home, "locked", passphrase="a long one")
        sealed = seal.seal(b"text", seal.public_key(home, fingerprint)).body
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, timeout=60)
        with pytest.raises(SealError):
            unseal(sealed, home=home, passphrase="a wrong one")
        assert unseal(sealed, home=home, passphrase="a long one") == b"text"
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, timeout=60)


def test_without_the_extra_the_install_line_is_told(monkeypatch: pytest.MonkeyPatch, cert_keys: Keys) -> None:
    monkeypatch.setitem(sys.modules, "gnupg", None)
    with pytest.raises(UsageError, match=r'pip install "nachsorge\[crypto\]"'):
        seal.seal(CONTENT, cert_keys.public)
    monkeypatch.setitem(sys.modules, "rfc8785", None)
    with pytest.raises(UsageError, match=r'pip install "nachsorge\[crypto\]"'):
        encode(PLAIN)
