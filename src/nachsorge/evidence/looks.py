"""A file's first bytes, looked at once for all readers.

Ninety readers each split, decode and search the same head, most of them in vain: a file that is nobody's costs more to
recognise than to hash. So every row of the registry says by what little a file shows that its reader may know it
(`hints`), and the answers that several rows need are worked out once. A hint may be wrong about a file that it lets
through, never about one that it stops: a test holds the choice equal to asking all readers.
"""

from __future__ import annotations

import re
from typing import Final

from nachsorge.evidence.hints.marks import somewhere

_FIRST = re.compile(rb"[^\xef\xbb\xbf \t\r\n\x0b\x0c]")
_TOP = 200
_UNASKED: Final = frozenset({-1})


class Look:
    r"""What was found out about a head. `lower` is the name in small letters, `first` the first byte that is no blank.

    `first` is NUL where there is none. `top` are 200 lines from there on, each behind a line's end, so that `\n` finds
    where one begins; `told` are those of them that are not blank. Of a binary head both are empty, since only readers
    of text ask for them. `begun`, `said`, `dated` and `timed` are what hints remember for others.
    """

    __slots__ = ("_marks", "begun", "binary", "dated", "first", "head", "lower", "name", "said", "timed", "told", "top")

    def __init__(self, head: bytes, name: str, *, binary: bool) -> None:
        """Look."""
        self.head = head
        self.name = name
        self.lower = name.lower()
        self.binary = binary
        found = _FIRST.search(head)
        self.first = head[found.start() : found.end()] if found else b"\0"
        begin = found.start() if found and not binary else len(head)
        lines = head[begin:].split(b"\n", _TOP)[:_TOP]
        self.told = [line for line in lines if line and not line.isspace()]
        self.top = b"\n" + b"\n".join(lines)
        self.begun: frozenset[str] | None = None
        self.said: frozenset[bytes] | None = None
        self.dated: bool | None = None
        self.timed: bool | None = None
        self._marks: frozenset[int] | None = None if binary else _UNASKED

    def may_hold(self, marks: frozenset[int]) -> bool:
        """Tell whether one of these words and shapes (`hints.marks`) may stand in the head; the answer no is sure."""
        if self._marks is _UNASKED:
            self._marks = somewhere(self.head)
        return self._marks is None or not marks.isdisjoint(self._marks)

    @property
    def opening(self) -> bytes:
        """Give the first line that is not blank."""
        return self.told[0] if self.told else b""
