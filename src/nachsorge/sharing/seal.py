"""OpenPGP by the program `gpg`: sealing for a CERT, opening at the CERT, signing answers, checking who signed.

Whoever seals or checks names the key as a file: every call works in a keyring of its own that holds this one key, so
nothing of the user's keyring decides. Only opening and signing use a keyring that has a secret key in it.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nachsorge.errors import Problem, UsageError
from nachsorge.sharing.notification import LARGEST, NotificationError

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_SEALED: Final = 2 * LARGEST
ARMOUR: Final = b"-----BEGIN PGP MESSAGE-----"
CLEARSIGNED: Final = b"-----BEGIN PGP SIGNED MESSAGE-----"
_LARGEST_KEY = 1 << 20
_LONGEST_LINE = 15_000
"""gpg reads a text signed in clear by lines, and cuts off what stands beyond 19,995 bytes of one."""
_BLOCKS = 1 << 18
"""More than gpg writes at once."""
_QUIET = ["--no-tty", "--no-auto-key-locate", "--no-auto-key-import", "--disable-dirmngr"]


class SealError(NotificationError):
    """Something cannot be sealed, opened, signed or verified; the message says why and repeats nothing of it."""

    def __init__(self, message: str, path: str = "OpenPGP") -> None:
        """Keep it as the one problem."""
        super().__init__([Problem(path=path, message=message)])


@dataclass(frozen=True, slots=True)
class Sealed:
    """An armoured message, and the fingerprint of the key that opens it."""

    body: bytes
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed, byte for byte, and by whom."""

    content: bytes
    fingerprint: str
    who: str


def seal(content: bytes, key: bytes) -> Sealed:
    """Encrypt for the one public key in `key`.

    Raises:
        SealError: it is no public key, several, expired or revoked, or cannot encrypt.
    """
    with _keyring(key) as (gpg, fingerprint):
        done = gpg.encrypt(content, [fingerprint], always_trust=True, armor=True)
        if not done.ok:
            raise SealError(f"gpg does not encrypt for {fingerprint}: {done.status or 'no reason given'}")
        return Sealed(bytes(done.data), fingerprint)


def unseal(
    body: bytes, *, home: Path, largest: int = LARGEST, largest_sealed: int = LARGEST_SEALED, passphrase: str = ""
) -> bytes:
    """Decrypt with a secret key in `home`, bounded: a message may unpack to a thousand times its size.

    Raises:
        SealError: it is no message for a key in `home`, or holds more than `largest` bytes.
    """
    if len(body) > largest_sealed:
        raise SealError(f"{len(body)} bytes; at most {largest_sealed} are opened")
    if not body.lstrip().startswith(ARMOUR):
        raise SealError("it is no armoured OpenPGP message")
    # gpg cuts off there, in whole blocks, and its exit code does not say so.
    done = _gpg(home, ["--max-output", str(largest + _BLOCKS)]).decrypt(body, passphrase=passphrase or None)
    if not done.ok or "DECRYPTION_OKAY" not in str(done.stderr) or len(done.data) > largest:
        # gpg's own words would tell an outsider which keys there are.
        raise SealError("it cannot be opened: not sealed for this key, damaged, or too large")
    return bytes(done.data)


def sign(content: bytes, *, home: Path, key: str, passphrase: str = "") -> bytes:
    """Sign with the secret key `key` (its fingerprint) in `home`: in clear, or as a message where lines are long.

    Raises:
        SealError: gpg does not sign with it.
    """
    clear = max(map(len, content.split(b"\n"))) <= _LONGEST_LINE
    done = _gpg(home).sign(content, keyid=key, clearsign=clear, passphrase=passphrase or None)
    # gpg signs with another key where it does not have this one.
    if not done.data or str(done.fingerprint).upper() != key.upper():
        raise SealError(f"gpg does not sign with {key}: {done.status or 'no reason given'}")
    return bytes(done.data)


def verified(body: bytes, key: bytes, *, signature: bytes = b"", largest: int = LARGEST) -> Signed:
    """Give what was signed, if the one key in `key` signed it: in clear, as a message, or with `signature` beside it.

    Raises:
        SealError: it is not signed, or not by this key, was changed, or key or signature are no longer valid.
    """
    if len(body) > 2 * largest:
        raise SealError(f"{len(body)} bytes; at most {2 * largest} are read")
    if not signature and not _alone(body):
        raise SealError("it is not signed, or something stands beside what is signed")
    with _keyring(key, ["--max-output", str(largest + _BLOCKS)]) as (gpg, fingerprint):
        if signature:
            with tempfile.TemporaryDirectory(prefix="nachsorge-") as folder:
                beside = Path(folder) / "signature.asc"
                beside.write_bytes(signature)
                done, content = gpg.verify_data(str(beside), body), body
        else:
            done = gpg.decrypt(body)
            content = bytes(done.data)
    if len(content) > largest:
        raise SealError(f"more than {largest} bytes")
    if not done.valid or done.key_status or len(getattr(done, "sig_info", {})) > 1:
        raise SealError(f"it is not signed by {fingerprint}: {_why(done)}")
    return Signed(content, str(done.pubkey_fingerprint or done.fingerprint), str(done.username or ""))


def _alone(body: bytes) -> bool:
    """Tell whether it is one signed text and nothing before, behind or between: readers differ on what is signed."""
    text = body.strip()
    begin, end = (CLEARSIGNED, b"-----END PGP SIGNATURE-----")
    if text.startswith(ARMOUR):
        begin, end = ARMOUR, b"-----END PGP MESSAGE-----"
    return text.startswith(begin) and text.endswith(end) and text.count(begin) == text.count(end) == 1


def _why(done: Any) -> str:
    return str(done.key_status or done.status or "there is no signature")


def new_key(home: Path, name: str, mail: str = "", passphrase: str = "") -> str:
    """Make a key pair in `home` that signs and opens, without an end; give its fingerprint.

    Raises:
        SealError: gpg makes none.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    gpg = _gpg(home)
    wanted = {"key_type": "EDDSA", "key_curve": "ed25519", "key_usage": "sign", "expire_date": 0}
    wanted |= {"subkey_type": "ECDH", "subkey_curve": "cv25519", "subkey_usage": "encrypt", "name_real": name}
    wanted |= {"name_email": mail} if mail else {}
    wanted |= {"passphrase": passphrase} if passphrase else {"no_protection": True}
    done = gpg.gen_key(gpg.gen_key_input(**wanted))
    if not done.fingerprint:
        raise SealError("gpg made no key")
    return str(done.fingerprint)


def public_key(home: Path, fingerprint: str) -> bytes:
    """Give the public half, armoured; SealError where there is none."""
    found = _gpg(home).export_keys(fingerprint)
    if not found:
        raise SealError(f"there is no key {fingerprint}")
    return str(found).encode()


@contextmanager
def _keyring(key: bytes, options: list[str] | None = None) -> Iterator[tuple[Any, str]]:
    """Make a keyring with this one public key in it."""
    if len(key) > _LARGEST_KEY:
        raise SealError("that is too large for a key")
    with tempfile.TemporaryDirectory(prefix="nachsorge-gpg-") as folder:
        home = Path(folder)
        added = _gpg(home, ["--no-autostart"]).import_keys(key)
        found = sorted(set(filter(None, added.fingerprints)))
        if len(found) != 1 or added.sec_imported or added.sec_read:
            raise SealError(f"the key file has to hold one public key of OpenPGP, not {len(found) or 'none'}")
        yield _gpg(home, ["--no-autostart", *(options or [])]), found[0]


def _gpg(home: Path, options: list[str] | None = None) -> Any:
    try:
        gnupg = import_module("gnupg")
    except ImportError as error:
        raise UsageError('OpenPGP needs an extra: pip install "nachsorge[crypto]"') from error
    if not home.is_dir():
        raise UsageError(f"{home} is no folder of GnuPG")
    try:
        found = gnupg.GPG(gnupghome=str(home), options=[*_QUIET, *(options or [])])
    except (OSError, ValueError) as error:
        raise UsageError("OpenPGP needs the program gpg (Debian: apt install gnupg)") from error
    found.encoding = "utf-8"
    return found
