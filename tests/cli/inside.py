"""The command line within the test's own process: as fast as a call, with what it would print and how it would end."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from unittest.mock import patch

from nachsorge.cli import main


@dataclass(frozen=True)
class Done:
    """What a process would have left."""

    returncode: int
    stdout: str
    stderr: str


class Terminal(io.StringIO):
    """Somebody types."""

    def isatty(self) -> bool:
        return True


def run(*words: object, typed: str | None = None) -> Done:
    """Run the program with these words; nobody sits at the terminal, or somebody who types this."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    code: int | str | None = 0
    with (
        patch.object(sys, "argv", ["nachsorge", *map(str, words)]),
        patch.object(sys, "stdin", io.StringIO() if typed is None else Terminal(typed)),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as error:
            code = error.code
    texts = [each.buffer.getvalue().decode() for each in (out, err)]
    return Done(int(code or 0), *texts)
