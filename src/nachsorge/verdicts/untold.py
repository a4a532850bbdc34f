"""What a pack leaves open of the haul: sources that do not say what was taken, or a pack that says nothing of it.

Unsaid is not "nothing was taken": so it is a value, and `rank` and the closing of a case name it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.model.ranking import Untold
from nachsorge.model.words import HaulKind, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nachsorge.model.assessment import Judged
    from nachsorge.model.pack import Pack


def untold_of(packs: Iterable[Pack], row: Judged) -> Iterator[Untold]:
    """Give what is not known to have been taken of an asset; nothing where the stages it hangs on are ruled out."""
    reached = {(cell.pack, cell.stage) for cell in row.cells if cell.standing is not Standing.RULED_OUT}
    for pack in packs:
        if not pack.hauls and any(name == pack.id for name, _ in reached):
            yield Untold(pack=pack.id)
        for haul in pack.hauls:
            if haul.kind is HaulKind.UNKNOWN and (pack.id, haul.stage) in reached:
                yield Untold(pack=pack.id, says=haul.says, says_de=haul.says_de or haul.says)


def untold(packs: Mapping[str, Pack], rows: Iterable[Judged]) -> tuple[Untold, ...]:
    """Give it for all assets, each once, in the order of the packs."""
    return tuple(dict.fromkeys(one for row in rows for one in untold_of(packs.values(), row)))
