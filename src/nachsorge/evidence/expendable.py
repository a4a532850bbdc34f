"""A deadline for calls into native code, which nothing in Python can interrupt.

Libraries that decode hostile bytes in this very process hold the interpreter while they do. Should one never return,
only the end of the process helps; the pool then names the source as unread (`sweep.executors`). So the deadline is set
only in processes that were made to be lost: `allow` is for those alone.
"""

from __future__ import annotations

import faulthandler
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONGEST = 120.0
"""Seconds that one call may take; they take milliseconds."""

_FRESH = 10.0
"""A watch that was started so many seconds ago is started anew."""

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


@contextmanager
def deadlines() -> Iterator[Callable[[], None]]:
    """Do what `deadline` does for many short calls: what it gives is to be called before each.

    Starting a watch takes a tenth of a millisecond, so one that is fresh is left to run. What is done between the calls
    is watched as well, and must be short.
    """
    started = float("-inf")

    def begin() -> None:
        nonlocal started
        now = time.monotonic()
        if now - started > _FRESH:
            faulthandler.dump_traceback_later(LONGEST, exit=True, file=_allowed[0])
            started = now

    try:
        yield begin if _allowed else lambda: None
    finally:
        if started > float("-inf"):
            faulthandler.cancel_dump_traceback_later()
