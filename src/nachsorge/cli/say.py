"""Talk to people on stderr, and write files so that nothing half-written is left behind."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from nachsorge.errors import InputError, NachsorgeError, UsageError
from nachsorge.locale import _, language, ngettext

if TYPE_CHECKING:
    from nachsorge.model.assessment import Assessment

_ACTING = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}
"""Control characters: a terminal acts upon them, and names of files may hold any."""


class Stderr:
    """Lines on stderr, as they are: no markup, no colours, not wrapped. What lays out pages need not be loaded."""

    @property
    def is_terminal(self) -> bool:
        """Tell whether somebody looks."""
        return sys.stderr.isatty()

    def print(self, text: str) -> None:
        """Say a line, or several; what a terminal would act upon is left out."""
        print(text.translate(_ACTING), file=sys.stderr, flush=True)


STDERR = Stderr()


def page(found: Assessment, *, verbose: bool) -> None:
    """Print the whole report to stdout."""
    from rich.console import Console

    from nachsorge.reports import console

    console.render(found, Console(highlight=False), language(), verbose)


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
