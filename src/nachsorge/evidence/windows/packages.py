r"""How update packages and folders of the updater Squirrel are named: product, version, kind.

Names are looked for backwards from what cannot be mistaken (`.nupkg`, `\app-1`), over a bounded stretch: lines may be
millions of letters long.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 200
_VERSION = r"(?P<version>\d{1,10}(?:\.\d{1,10}){1,8}(?:-[0-9A-Za-z.]{1,40}?)?)"
_PACKAGE = re.compile(r"(?P<name>[^\\/:*?\"<>|\s]+?)-" + _VERSION + r"-(?:full|delta)\.nupkg\Z", re.IGNORECASE)
_PACKAGE_END = re.compile(r"-(?:full|delta)\.nupkg", re.IGNORECASE)
_FOLDER = re.compile(r"[\\/]app-(?P<version>\d{1,10}(?:\.\d{1,10}){1,8})", re.IGNORECASE)


def packages_in(text: str) -> Iterator[tuple[str, str, str]]:
    """Give file name, product and version of each package named: `3CXDesktopApp-18.12.416-full.nupkg`."""
    for end in _PACKAGE_END.finditer(text):
        if found := _PACKAGE.search(text[max(0, end.end() - _LONGEST) : end.end()]):
            yield found[0], found["name"], found["version"]


def folder_in(text: str) -> tuple[str, str] | None:
    r"""Give product and version of the first folder that a version was unpacked to: `3CXDesktopApp\app-18.12.416`."""
    if not (found := _FOLDER.search(text)):
        return None
    above = re.split(r"[\\/]", text[max(0, found.start() - _LONGEST) : found.start()])[-1]
    return above, found["version"]
