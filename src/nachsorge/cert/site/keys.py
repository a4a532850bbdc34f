"""The CERT's OpenPGP key, made by the program gpg in a folder of the instance."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nachsorge.cert.site.instance import Instance

PUBLIC = "public.asc"
_SECONDS = 60


def make_key(instance: Instance) -> tuple[str, str]:
    """Make a key pair, write the public half beside the settings; give the fingerprint, or "" and why there is none.

    Ed25519 to sign and Curve25519 to encrypt, valid for two years, without a passphrase: the server has to open what
    arrives by itself. Whoever does not want that moves the secret half to another machine (docs/guides/cert-server.md).
    """
    program = shutil.which("gpg")
    if program is None:
        return "", "the program gpg is not installed (Debian: apt install gnupg)"
    instance.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    who = f"{instance.name} <{instance.mail}>" if instance.mail else instance.name
    base = [program, "--batch", "--no-tty", "--quiet", "--homedir", str(instance.keys)]
    made = _run([*base, "--passphrase", "", "--quick-generate-key", who, "future-default", "default", "2y"])
    if made.returncode:
        return "", f"gpg made no key: {made.stderr.decode(errors='replace').strip()[:500]}"
    listed = _run([*base, "--with-colons", "--list-secret-keys"]).stdout.decode()
    fingerprint = next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:"))
    public = _run([*base, "--armor", "--export", fingerprint]).stdout
    (instance.folder / PUBLIC).write_bytes(public)
    return fingerprint, ""


def _run(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    # C: the listing's words and dates are the same everywhere.
    return subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False, env=os.environ | {"LC_ALL": "C"})
