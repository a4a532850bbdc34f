"""Which words and beginnings of lines stand nowhere in a text: one search for all that hints look for.

Some sixty of them, each looked for by itself, are most of what it costs to recognise a text; one search for all takes
8 us of 8 KB. It only says what is nowhere: what may be somewhere is looked for as ever, so a hint's answer is the same.
Compiling takes some 30 ms, so it is done where many texts are looked at.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from nachsorge.evidence.engine import present

if TYPE_CHECKING:
    from collections.abc import Callable

MANY: Final = 64
"""From this text of a process on they are searched at one go: what that saves of so many is what compiling costs."""

_patterns: dict[bytes, int] = {}
_looked = 0


def word(text: bytes) -> int:
    """Give the number of a word; of one that begins a line, for the word itself, which may be the text's first."""
    return shape(re.escape(text.removeprefix(b"\n")))


def shape(pattern: bytes) -> int:
    """Give the number of a pattern of the syntax that `re` and Hyperscan share; before it a text has a line's end."""
    return _patterns.setdefault(pattern, len(_patterns))


def somewhere(head: bytes) -> frozenset[int] | None:
    """Give the numbers of all that stands somewhere in a text; None where nobody looked."""
    global _looked
    _looked += 1
    return None if _looked < MANY or (search := _search(len(_patterns))) is None else search(b"\n" + head)


@cache
def _search(count: int) -> Callable[[bytes], frozenset[int]] | None:
    return present(tuple(_patterns)[:count])
