"""A deadline for calls into native code, which nothing in Python can interrupt.

Libraries that decode hostile bytes in this very process hold the interpreter while they do. Should one never return,
only the end of the process helps; the pool then names the source as unread (`sweep.executors`). So the deadline is set
only in processes that were made to be lost: `allow` is for those alone.
"""

from __future__ import annotations

import faulthandler
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 120.0
"""Seconds that one call may take; they take milliseconds."""

_allowed: list[int] = []


def allow() -> None:
    """Say of this process that it may be ended: others will go on without it."""
    if not _allowed:
        # It wants somewhere to write where the process stood; nobody reads that.
        _allowed.append(os.open(os.devnull, os.O_WRONLY))


@contextmanager
def deadline() -> Iterator[None]:
    """End this process, where that is allowed, unless the block is left within `LONGEST` seconds."""
    if not _allowed:
        yield
        return
    faulthandler.dump_traceback_later(LONGEST, exit=True, file=_allowed[0])
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
