"""Inventories of any kind: lists of machines, and logs in which machines state who they are (osquery).

What a reader learns of who is who while it reads evidence is an inventory as well: the same file may be both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.assets.inventory import Inventory, load_inventory, merged, of_identities
from nachsorge.errors import InventoryError, Problem
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.read import read_source
from nachsorge.evidence.readers.osquery_results import OsqueryResults
from nachsorge.evidence.units import Unit, opened
from nachsorge.model.words import Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nachsorge.model.evidence import Reading

_STATING = OsqueryResults()


class _Nothing:
    """A sieve that admits nothing: only the account is wanted."""

    everything = False

    def ends(self, block: bytes | memoryview) -> list[int]:
        """Find nothing."""
        return []

    def admits(self, raw: bytes) -> bool:
        """Admit nothing."""
        return False


def inventory_of(paths: Sequence[Path], mapping: Path | None = None) -> Inventory:
    """Read all inventories as one; raises InventoryError with every problem of all of them."""
    found: list[Inventory] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            found.append(_load(path, mapping))
        except InventoryError as error:
            problems += error.problems
    if problems:
        raise InventoryError(problems)
    return found[0] if len(found) == 1 else merged(found)


def _load(path: Path, mapping: Path | None) -> Inventory:
    if mapping is None and _states(path):
        return _of_log(path)
    return load_inventory(path, mapping)


def _states(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return _STATING.accepts(stream.read(65536), path.name) > 0
    except OSError:
        return False  # whoever reads it says why


def _of_log(path: Path) -> Inventory:
    source = opened(Unit(path=path, shown=str(path), size=path.stat().st_size), frozenset())
    reading = read_source(source, _STATING, _Nothing(), lambda record: None, Ledger())
    if not reading.identities:
        message = "no machine names itself in it"
        raise InventoryError([Problem(path=str(path), message=message, remedy="osquery writes `hostIdentifier`")])
    return of_identities(reading.identities, reading.leases, str(path), _lost(reading))


def _lost(reading: Reading) -> tuple[str, ...]:
    if reading.status is Status.READ and not reading.note:
        return ()
    return (f"{reading.path}: read {reading.status}: {reading.note}" if reading.note else f"{reading.path}: not whole",)
