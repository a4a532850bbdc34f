"""Talk to people on stderr, and write files so that nothing half-written is left behind."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from nachsorge.errors import InputError, NachsorgeError, UsageError
from nachsorge.locale import _, ngettext

STDERR = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def complain(error: NachsorgeError) -> None:
    """Print an error; every problem of an input on its own line, the place first."""
    if isinstance(error, InputError):
        for problem in error.problems:
            STDERR.print(str(problem))
        count = len(error.problems)
        told = ngettext("{count} problem; nothing was done", "{count} problems; nothing was done", count)
        STDERR.print(f"nachsorge: {told.format(count=count)}")
    else:
        STDERR.print(f"nachsorge: {error}")


def write(target: str, body: bytes) -> None:
    """Write to a file, whole or not at all, or to stdout for `-`; UsageError where that cannot be done."""
    if target == "-":
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
        return
    path = Path(target)
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as stream:
            stream.write(body)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        told = _("{path} cannot be written: {error}")
        raise UsageError(told.format(path=target, error=error.strerror)) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
