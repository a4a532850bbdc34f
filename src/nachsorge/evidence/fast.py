"""The kernels of the line engine and of event logs, once this process has been told how much there is to read.

Loading it takes an eighth of a second, which ten megabytes of logs win back; compiling it, once a machine, three
seconds. Without it everything is read the same, only slower.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nachsorge.evidence.event_kernel import EventKernel
    from nachsorge.evidence.kernel import Kernel

LOADED = 16 * 1024 * 1024
"""From so many bytes of lines on it is worth loading."""
COMPILED = 32 * 1024 * 1024
"""From so many on it is worth compiling: not for this run, but all later ones find it."""

_made: list[Kernel] = []
_ready: list[Kernel] = []


def prepare(folder: str | None = None, size: int = COMPILED) -> bool:
    """Load the kernel if that pays for so many bytes; tells whether it is there.

    It needs the extra `big-lists`; `folder` keeps it compiled.
    """
    if not _made:
        if size < LOADED:
            return False
        try:
            from nachsorge.evidence import kernel
        except ImportError:
            return False
        if size < COMPILED and not kernel.kept(folder):
            return False
        _made.append(kernel.Kernel(folder))
    _ready[:] = _made
    return True


def forget() -> None:
    """Go on without it."""
    _ready.clear()


def kernel() -> Kernel | None:
    """Give the kernel, or None where none was prepared."""
    return _ready[0] if _ready else None


_made_for_events: list[EventKernel] = []
_ready_for_events: list[EventKernel] = []


def prepare_events(folder: str | None = None, size: int = COMPILED) -> bool:
    """Do for so many bytes of event logs what `prepare` does for lines."""
    if not _made_for_events:
        if size < LOADED:
            return False
        try:
            from nachsorge.evidence import event_kernel
        except ImportError:
            return False
        if size < COMPILED and not event_kernel.kept(folder):
            return False
        _made_for_events.append(event_kernel.EventKernel(folder))
    _ready_for_events[:] = _made_for_events
    return True


def forget_events() -> None:
    """Go on without it."""
    _ready_for_events.clear()


def event_kernel() -> EventKernel | None:
    """Give the kernel for event logs, or None where none was prepared."""
    return _ready_for_events[0] if _ready_for_events else None
