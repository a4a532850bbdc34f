"""7z archives: unpacked once, in a process of its own, to a temporary file without a name (`unpacking`).

The library `py7zr` is needed (extra `archives`); without it the archive is recognised and named as unread.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.unpacking import unpacked
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.containers.limits import Limits
    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened

MAGIC = b"7z\xbc\xaf\x27\x1c"
INSTALL = "reading 7z archives needs an extra: pip install 'nachsorge[archives]'"

# -P: else modules would be imported from the current folder first, and that may be the evidence.
SERVER = ("-P", "-m", "nachsorge.evidence.containers.seven_zip_server")


class SevenZip:
    """Many files, compressed together."""

    name = "7z"

    def accepts(self, head: bytes, name: str) -> bool:
        """Recognise the signature."""
        return head.startswith(MAGIC)

    def members(self, source: Opened, limits: Limits, ledger: Ledger) -> Iterator[Opened]:
        """Give the files inside, in the archive's order; what cannot be given is a gap naming it."""
        if not limits.enter(source, ledger):
            return
        if find_spec("py7zr") is None:
            ledger.gap(Reason.MISSING_EXTRA, f"{source.path}: {INSTALL}")
            return
        yield from unpacked(source, SERVER, limits, ledger)
