"""A file's path as its own host spells it, from where it lies in the evidence.

KAPE keeps drives as folders `C`, `D`; Velociraptor as `C%3A` or `%5C%5C.%5CC%3A`, with all parts percent-encoded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from nachsorge.model.words import Platform

if TYPE_CHECKING:
    from nachsorge.evidence.seams import Root

_DRIVE = re.compile(r"(?:\\\\[.?]\\)?([A-Za-z]):?\Z")


def drive_of(folder: str) -> str | None:
    """Give the drive letter that a folder's name stands for, None where it stands for none."""
    found = _DRIVE.match(unquote(folder))
    return found[1].upper() if found else None


def host_path(path: str, root: Root) -> str | None:
    r"""Spell a path of the evidence as the host does (`C:\Users\x`, `/Users/x`); None where it is not the root's.

    Drives beside the root's own (`D` beside `C`) belong to the same host.
    """
    if root.platform is not Platform.WINDOWS:
        inside = _inside(path, root.prefix)
        return None if inside is None else "/" + inside
    above, _, folder = root.prefix.rpartition("/")
    if drive_of(folder) is None:
        inside = _inside(path, root.prefix)
        return None if inside is None else "C:\\" + inside.replace("/", "\\")
    inside = _inside(path, above)
    first, slash, rest = (inside or "").partition("/")
    drive = drive_of(first)
    if drive is None or not slash:
        return None
    return f"{drive}:\\" + (unquote(rest) if "%" in first else rest).replace("/", "\\")


def _inside(path: str, prefix: str) -> str | None:
    if not prefix:
        return path
    return path[len(prefix) + 1 :] if path.startswith(prefix + "/") else None
