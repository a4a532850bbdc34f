"""A list with one value a line; the type is guessed from its look, `#` begins a comment."""

from __future__ import annotations

import re

from nachsorge.packs.importers.encoding import decode
from nachsorge.packs.importers.seams import Item, Listing
from nachsorge.packs.values import checked, guess, refang

_COMMENT = re.compile(r"(?:^|\s)#.*")


class TextImporter:
    """The last resort: takes any text that is not visibly another format."""

    name = "text"

    def accepts(self, head: bytes, name: str) -> int:
        """Take text, but not JSON, XML or HTML, which would be searched line by line and half understood."""
        if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return 0
        text, _ = decode(head)
        return 0 if text.lstrip()[:1] in ("{", "<") else 10

    def read(self, content: bytes) -> Listing:
        """Read every line; one whose type its look does not tell is named with its number."""
        text, notes = decode(content)
        items, unclear, lost = [], list(notes), 0
        for number, line in enumerate(text.splitlines(), 1):
            value = refang(_COMMENT.sub("", line))
            kind = guess(value) if value else None
            if kind is not None:
                items.append(Item(place=f"line {number}", type=kind, value=checked(kind, value)))
            elif value:
                lost += 1
                unclear.append(f"line {number}: {value[:80]!r} does not show its type (CSV with type,value says it)")
        return Listing(items=tuple(items), not_understood=tuple(unclear), lost=lost)
