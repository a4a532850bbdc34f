r"""Which files of a tree may be one of the products that the packs are about, told from their paths alone.

Opening every program of a host for the version it states takes longer than all else. So only those are opened whose
path holds a product's name, blanks, signs and case aside: `3CX Desktop App` in `3CXDesktopApp\app\update.exe`. It errs
on the side of opening; a program under another name is not opened, and the account of the tree says how many.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.matching import normal

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST = 3
"""A name with fewer letters in a row stands in too many paths to tell: then every path concerns it."""

_WILD = re.compile(r"[*?]+")
_ENDING = re.compile(r"\.(?:exe|dll|msi|app|pkg|dmg)\Z", re.IGNORECASE)


class Concern:
    """The names of products as they may stand in a path."""

    def __init__(self, names: Iterable[str]) -> None:
        """Take names with `*` and `?`; of those the longest piece without them counts."""
        pieces = {max(map(_squeezed, _WILD.split(_ENDING.sub("", name.strip()))), key=len) for name in names}
        self._everything = any(len(piece) < LEAST for piece in pieces)
        # A name that holds another one is met with it.
        self._names = tuple(p for p in sorted(pieces) if not any(p != other and other in p for other in pieces))

    @property
    def nothing(self) -> bool:
        """Tell whether there is no product to look for."""
        return not self._names

    def concerns(self, path: str) -> bool:
        """Tell whether the path holds any of the names."""
        if self._everything or self.nothing:
            return self._everything
        squeezed = _squeezed(path)
        return any(name in squeezed for name in self._names)


def _squeezed(text: str) -> str:
    return "".join(filter(str.isalnum, normal.fold(text)))
