"""RAR archives: unpacked once, by libarchive in a process of its own, as 7z archives are (`unpacking`).

The library `libarchive-c` is needed (extra `archives`) and libarchive itself, which is BSD-licensed and the system's;
without them the archive's files are named as unread. What libarchive cannot read of RAR (RAR 4 with solid compression,
anything before RAR 3, several volumes, encryption) is a gap with the names of the files.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import shown
from nachsorge.evidence.containers.rar_headers import MAGIC_4, MAGIC_5, Listing
from nachsorge.evidence.containers.unpacking import unpacked
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.containers.limits import Limits
    from nachsorge.evidence.ledger import Ledger

__all__ = ["INSTALL", "MAGIC_4", "MAGIC_5", "Rar"]

INSTALL = "reading RAR archives needs an extra: pip install 'nachsorge[archives]'"
SERVER = ("-P", "-m", "nachsorge.evidence.containers.rar_server")
_NAMED = 20


class Rar:
    """Many files, compressed each for itself or together."""

    name = "rar"

    def accepts(self, head: bytes, name: str) -> bool:
        """Recognise the signature of either generation."""
        return head.startswith((MAGIC_5, MAGIC_4))

    def members(self, source: Opened, limits: Limits, ledger: Ledger) -> Iterator[Opened]:
        """Give the files inside, in the archive's order; what cannot be given is a gap naming it."""
        if not limits.enter(source, ledger):
            return
        if find_spec("libarchive") is not None:
            yield from unpacked(source, SERVER, limits, ledger)
            return
        listing = Listing()
        with source.open() as stream:
            try:
                listing.read(stream)
            except (ReadError, EOFError) as problem:
                listing.more = str(problem)
        ledger.gap(
            Reason.ENCRYPTED if listing.locked else Reason.MISSING_EXTRA, f"{source.path}: {shown(_says(listing))}"
        )


def _says(listing: Listing) -> str:
    if listing.locked:
        return "a RAR archive, encrypted, its names as well: not unpacked (unpack it and give the folder)"
    files = listing.names
    names = ": " + ", ".join(files[:_NAMED]) if files else ""
    names += ", ..." if len(files) > _NAMED else ""
    names += f", and more: its headers cannot be read further ({listing.more})" if listing.more else ""
    count = len(files)
    return f"a RAR archive of {count} files, not unpacked (unpack it and give the folder){names}; {INSTALL}"
