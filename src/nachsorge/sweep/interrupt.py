"""An interrupt (Ctrl-C) that is not lost.

Python raises it wherever the program happens to be. Where that is the destruction of an object or a call back from C,
it prints a trace and goes on as if nothing had been asked. So the wish is written down, and looked at between steps.
"""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Note interrupts while the block runs; gives a function that raises KeyboardInterrupt where one was lost.

    In a thread other than the main one, and where somebody else handles the signal, nothing is changed.
    """
    wished = False

    def note(number: int, frame: object) -> None:
        nonlocal wished
        wished = True
        raise KeyboardInterrupt

    def heed() -> None:
        if wished:
            raise KeyboardInterrupt

    try:
        ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        before = signal.signal(signal.SIGINT, note) if ours else None
    except ValueError:  # not the main thread
        before = None
    if before is None:
        yield heed
        return
    said = sys.unraisablehook
    sys.unraisablehook = lambda lost: None if lost.exc_type is KeyboardInterrupt else said(lost)
    try:
        yield heed
    finally:
        sys.unraisablehook = said
        signal.signal(signal.SIGINT, before)
