r"""Windows volumes as collectors name their folders: `C`, `C%3A`, `%5C%5C.%5CC%3A`, a shadow copy's device.

Device names are those of the Win32 name space (`\\.\C:`) and of the object manager
(`\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy3`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from nachsorge.evidence.spelling import drive_of

_SHADOW = re.compile(r"HarddiskVolumeShadowCopy(\d+)", re.IGNORECASE)
_SYSTEM = frozenset({"windows", "users", "program files", "programdata"})


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume's letter, and which of its shadow copies it is (0: none)."""

    letter: str
    shadow: int = 0


def volume_of(folder: str) -> Volume | None:
    """Read a folder's name as a volume; None where it is none.

    A shadow copy's device does not say of which volume it is; collectors take those of the system's, so C.
    """
    if (letter := drive_of(folder)) is not None:
        return Volume(letter)
    found = _SHADOW.search(unquote(folder))
    return Volume("C", int(found[1])) if found else None


def spelled(volume: Volume, inside: str) -> str:
    """Spell a path in a volume as Windows does."""
    return f"{volume.letter}:\\" + inside.replace("/", "\\")


def holds_system(folders: set[str]) -> bool:
    """Tell whether a volume's top folders, in lower case, are those of an installed Windows."""
    return bool(_SYSTEM & folders)
