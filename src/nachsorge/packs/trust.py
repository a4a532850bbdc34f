"""Who vouches for a pack: a signature over its digest, by minisign or OpenPGP.

Signed is the one line of `pack.sum`: the pack's id, version and digest. The digest is over all files but the sum and
its signatures. A key is always named by whoever asks: a key that lies beside a signature proves nothing.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from nachsorge.packs.files import SIGNATURES, SUM, digest, files_of

if TYPE_CHECKING:
    from nachsorge.model.pack import Pack

MINISIGN, OPENPGP = f"{SUM}.minisig", f"{SUM}.asc"
_HARMLESS = frozenset({".DS_Store", "Thumbs.db"})
_SECONDS = 60


class Trust(StrEnum):
    """What is known of a pack's signature; only the first one is worth anything."""

    VERIFIED = "verified"
    UNCHECKED = "not-checked"
    UNSIGNED = "unsigned"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Answer:
    """The state of the signature, and in words why, or whose it is."""

    trust: Trust
    why: str


def sum_of(pack: Pack) -> str:
    """Give the line that is to be signed."""
    return f"nachsorge-pack {pack.id} {pack.version} sha256 {pack.digest}\n"


def verify(folder: Path, pack: Pack, key: Path | None) -> Answer:
    """Check the signature of a pack's folder against a public key that the user names."""
    signatures = [name for name in (MINISIGN, OPENPGP) if (folder / name).is_file()]
    if not signatures:
        return Answer(Trust.UNSIGNED, f"there is neither {MINISIGN} nor {OPENPGP}")
    if wrong := _sum_is_wrong(folder, pack):
        return Answer(Trust.WRONG, wrong)
    if key is None:
        return Answer(Trust.UNCHECKED, "signed, but no key was named to check it with (--key FILE)")
    try:
        content = key.read_bytes()
    except OSError as error:
        return Answer(Trust.UNCHECKED, f"the key {key} cannot be read: {error.strerror}")
    wanted = MINISIGN if content.startswith(b"untrusted comment:") else OPENPGP
    if wanted not in signatures:
        return Answer(Trust.UNCHECKED, f"the key is of the other kind: there is no {wanted}")
    return (_minisign if wanted == MINISIGN else _openpgp)(folder, key)


def _sum_is_wrong(folder: Path, pack: Pack) -> str:
    try:
        stated = (folder / SUM).read_bytes()
    except OSError:
        return f"{SUM} is missing, which is what is signed"
    hidden = _passed_over(folder)
    if hidden:
        return f"{hidden[0]} is no part of the digest, and so nobody signed it: remove it"
    if stated != sum_of(pack).encode() or digest(folder) != pack.digest:
        return f"{SUM} is of another content: the pack was changed after it was signed"
    return ""


def _passed_over(folder: Path) -> list[str]:
    """Name files that the digest leaves out although something could read them."""
    counted = set(files_of(folder))
    rest = (path for path in folder.rglob("*") if path.is_file() and path not in counted)
    names = (path.relative_to(folder).as_posix() for path in rest)
    return sorted(name for name in names if name not in SIGNATURES and Path(name).name not in _HARMLESS)


def _minisign(folder: Path, key: Path) -> Answer:
    try:
        minisign = import_module("minisign")
    except ImportError:
        return Answer(Trust.UNCHECKED, "minisign is not installed; install it: pip install 'nachsorge[signing]'")
    try:
        public = minisign.PublicKey.from_file(key)
        signature = minisign.Signature.from_file(folder / MINISIGN)
        public.verify((folder / SUM).read_bytes(), signature)
    except (minisign.Error, OSError, ValueError) as error:
        return Answer(Trust.WRONG, f"minisign: {error or type(error).__name__}")
    return Answer(Trust.VERIFIED, f"minisign, {key.name}; trusted comment: {signature.trusted_comment}")


def _openpgp(folder: Path, key: Path) -> Answer:
    """Ask gpg, with a keyring that holds the named key and nothing else."""
    gpg = shutil.which("gpg")
    if gpg is None:
        return Answer(Trust.UNCHECKED, "gpg is not installed, and OpenPGP signatures are checked by it")
    with tempfile.TemporaryDirectory(prefix="nachsorge-gpg-") as home:
        base = [gpg, "--homedir", home, "--batch", "--no-tty", "--no-autostart", "--status-fd", "1"]
        try:
            added = _run([*base, "--import", str(key)])
            if "IMPORT_OK" not in added:
                return Answer(Trust.UNCHECKED, f"{key} holds no OpenPGP public key")
            said = _run([*base, "--verify", str(folder / OPENPGP), str(folder / SUM)])
        except (OSError, subprocess.TimeoutExpired) as error:
            return Answer(Trust.UNCHECKED, f"gpg did not answer: {type(error).__name__}")
    return _understood(said)


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    return done.stdout.decode(errors="replace")


def _understood(said: str) -> Answer:
    """Read gpg's status lines (GnuPG, doc/DETAILS): good is a valid signature of a key neither old nor revoked."""
    words = [line.split()[1:] for line in said.splitlines() if line.startswith("[GNUPG:] ")]
    told = {each[0]: each for each in words if each}
    valid = told.get("VALIDSIG")
    if valid and "GOODSIG" in told and not {"BADSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG"} & set(told):
        return Answer(Trust.VERIFIED, f"OpenPGP, key {valid[-1]}, {' '.join(told['GOODSIG'][2:])}")
    for word, why in _WRONG.items():
        if word in told:
            return Answer(Trust.WRONG, f"OpenPGP: {why}")
    return Answer(Trust.WRONG, "OpenPGP: not a signature of this key")


_WRONG = {
    "BADSIG": "the signature is of another content",
    "EXPKEYSIG": "the key has expired",
    "REVKEYSIG": "the key was revoked",
    "EXPSIG": "the signature has expired",
    "NO_PUBKEY": "signed by another key than the named one",
}
