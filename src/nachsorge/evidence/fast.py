"""The kernel of the line engine, once this process has been told that it is worth its start.

Loading it takes half a second, which a hundred megabytes of logs win back. Without it everything is read the same,
only slower.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nachsorge.evidence.kernel import Kernel

_made: list[Kernel] = []
_ready: list[Kernel] = []


def prepare(folder: str | None = None) -> bool:
    """Load the kernel, if the extra `big-lists` is installed; `folder` keeps it compiled. Tells whether it is there."""
    if not _made:
        try:
            from nachsorge.evidence.kernel import Kernel
        except ImportError:
            return False
        _made.append(Kernel(folder))
    _ready[:] = _made
    return True


def forget() -> None:
    """Go on without it."""
    _ready.clear()


def kernel() -> Kernel | None:
    """Give the kernel, or None where none was prepared."""
    return _ready[0] if _ready else None
