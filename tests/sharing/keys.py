"""OpenPGP keys for tests: made in a folder of their own, whose agent ends with the test."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nachsorge.sharing.seal import new_key, public_key

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Keys:
    """A keyring with one secret key; `file` holds its public half."""

    home: Path
    fingerprint: str
    file: Path

    @property
    def public(self) -> bytes:
        return self.file.read_bytes()


def gpg(*words: str, home: Path, body: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the program itself, as somebody without nachsorge would."""
    command = ["gpg", "--homedir", str(home), "--batch", "--no-tty", "--yes", *words]
    return subprocess.run(command, input=body, capture_output=True, timeout=60, check=False)


@contextmanager
def keys(name: str) -> Iterator[Keys]:
    """Make a key pair; skip, and say so, where gpg is not installed."""
    if shutil.which("gpg") is None:
        pytest.skip("gpg IS NOT INSTALLED: nothing of OpenPGP has been checked here")
    # Short: the agent's socket in it may have 107 characters (unix(7)).
    with tempfile.TemporaryDirectory(prefix="nk-") as folder:
        home = Path(folder) / "gpg"
        fingerprint = new_key(home, name, "somebody@cert.example")
        file = Path(folder) / "public.asc"
        file.write_bytes(public_key(home, fingerprint))
        try:
            yield Keys(home, fingerprint, file)
        finally:
            subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, timeout=60)
