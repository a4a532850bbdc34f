"""Talk to people on stderr, and write files so that nothing half-written is left behind."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from nachsorge.errors import InputError, NachsorgeError, UsageError

STDERR = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def complain(error: NachsorgeError) -> None:
    """Print an error; every problem of an input on its own line, the place first."""
    if isinstance(error, InputError):
        for problem in error.problems:
            STDERR.print(str(problem))
        count = len(error.problems)
        STDERR.print(f"nachsorge: {count} problem{'s' if count > 1 else ''}; nothing was done")
    else:
        STDERR.print(f"nachsorge: {error}")


def write(target: str, body: bytes) -> None:
    """Write to a file, whole or not at all, or to stdout for `-`; UsageError where that cannot be done."""
    if target == "-":
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
        return
    path = Path(target)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as stream:
            stream.write(body)
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
