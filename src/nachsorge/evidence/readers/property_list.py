"""Binary property lists of macOS that no other reader knows: preferences, states, archives of objects.

What their keys mean is each program's own, so every key and text is searched as text, and nothing is covered. Lists in
XML need no decoding and are searched as the text that they are.
"""

from __future__ import annotations

from plistlib import FMT_BINARY, dumps
from typing import TYPE_CHECKING

from nachsorge.evidence.plists import leaves, plist_of
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.text import text_record
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record


class PropertyList:
    """Reader of any such list; whoever knows one better is surer of it."""

    name = "property_list"
    telemetry: tuple[Telemetry, ...] = (Telemetry.TEXT,)
    tells = Tells(
        proves="that this text stands in a program's settings or state",
        rules_out="nothing: what the keys mean is not known",
        not_told="what the keys mean, times, lists within a list's bytes (searched as bytes)",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the signature, with little certainty."""
        return 12 if head.startswith(b"bplist0") else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a key or text that the sieve admits; ReadError where the list is damaged."""
        with source.open() as stream:
            tree = plist_of(stream)
        for number, text in enumerate(dict.fromkeys(leaves(tree)), 1):
            ledger.count(Telemetry.TEXT, 1, source.host)
            raw = text.encode("utf-8", "replace")
            if sieve.everything or sieve.admits(raw):
                yield text_record(raw, f"value {number}")

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a list with the planted name in it."""
        return dumps({"control": [f"http://{plant.host}/", plant.path]}, fmt=FMT_BINARY)
