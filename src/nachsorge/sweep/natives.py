"""What may come to a native library that decodes in the reader's own process: event logs and prefetch files.

Such a call may never return (`evidence.expendable`), so it is made only in processes that may be lost. Which units
those are is told by their first bytes, not by their names alone: a log that was renamed is read by its contents too.
What other native libraries decode (disk images, databases of Windows, 7z, RAR) is decoded in processes of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.containers import container_of, head_of
from nachsorge.evidence.evtx_file import MAGIC
from nachsorge.evidence.seams import ReadError
from nachsorge.evidence.units import opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nachsorge.evidence.units import Unit

_NAMED = (
    *(".evtx", ".pf"),
    *(".zip", ".7z", ".rar", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".cab"),
    *(".e01", ".ex01", ".s01", ".vmdk", ".vhd", ".vhdx", ".qcow2", ".vdi", ".dd", ".raw", ".img", ".001"),
)
"""How such files are called, and what may hold some: archives and disk images. They need not be opened to be told."""

LOOKED_AT = 5_000
"""Of more files than these nobody asks what they are: opening them all takes about as long as starting a process."""

_COMPRESSED, _PREFETCH = b"MAM", b"SCCA"


def any_native(units: Sequence[Unit]) -> bool:
    """Tell whether any unit may come to such a library; a few are opened where no name tells, of many any may."""
    return len(units) > LOOKED_AT or any(map(_told_by_name, units)) or any(map(_told_by_content, units))


def native(unit: Unit) -> bool:
    """Tell whether a unit may come to such a library."""
    return _told_by_name(unit) or _told_by_content(unit)


def _told_by_name(unit: Unit) -> bool:
    """Tell by name; a host's tree may hold anything, whatever its platform, and a store's object is not fetched twice.

    A part of a file has lines, and what is in trouble is not read at all.
    """
    if unit.trouble is not None or unit.part is not None:
        return False
    return unit.root is not None or bool(unit.url) or unit.path.name.lower().endswith(_NAMED)


def _told_by_content(unit: Unit) -> bool:
    if unit.trouble is not None or unit.part is not None:
        return False
    source = opened(unit, frozenset())
    try:
        head = head_of(source)
    except (OSError, ReadError):
        return False  # nobody can read it; its reader says why
    if head.startswith((MAGIC, _COMPRESSED)) or head[4:8] == _PREFETCH:
        return True
    return container_of(head, source.name) is not None
