"""One event, one line: what strangers send cannot write lines of its own into the log."""

from __future__ import annotations

import logging


class OneLine(logging.Formatter):
    """A line of time, level, logger and message, in which every control character is shown as its escape.

    A line break in an address or a file name could otherwise forge an entry (CWE-117), and an escape sequence could
    change what a terminal shows. Tracebacks keep their lines, each indented, so that none begins like an entry.
    """

    LONGEST = 2000

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's own name
        """Give the entry on one line."""
        return visible(super().formatMessage(record))[: self.LONGEST]

    def formatException(self, ei: object) -> str:  # noqa: N802  logging's own name
        """Give the traceback, indented."""
        text = super().formatException(ei)  # type: ignore[arg-type]
        return "\n".join("    " + visible(line) for line in text.split("\n"))


def visible(text: str) -> str:
    """Show what does not print, line separators of Unicode among it, as its escape."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
