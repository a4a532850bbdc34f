"""The door, asked for one export of a pack: by whom it is for, and whether its takers cut off what stands in it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, TypeAlias

from nachsorge.locale import _
from nachsorge.model.labels import Audience, Label, Party, Purpose, Release, Withheld
from nachsorge.sharing.door import may_leave
from nachsorge.sharing.labels import may_block

Decide: TypeAlias = Callable[[Label | None], Release | Withheld]

HOUSE: Final = Party(Audience.ORGANISATION, "this organisation")
"""Who runs this program: nobody else's."""


class For(StrEnum):
    """Whom an export is for, as the command line says it."""

    ME = "me"
    OWN = "own"
    CLIENTS = "clients"
    COMMUNITY = "community"
    PUBLIC = "public"


_WHO: Final = {
    For.ME: Party(Audience.NAMED, "whoever exports"),
    For.OWN: HOUSE,
    For.CLIENTS: Party(Audience.CONSTITUENCY),
    For.COMMUNITY: Party(Audience.COMMUNITY),
    For.PUBLIC: Party(Audience.PUBLIC),
}


def terms(wanted: For, source: str, *, blocks: bool = False) -> Decide:
    """Give the decision on everything that `source` gave us: whoever takes it defends itself with it.

    `blocks` says that the takers block what stands in it, which the attacker may notice (PAP).
    """
    recipient = _WHO[wanted]
    holder = recipient if wanted is For.ME else HOUSE
    origin = Party(Audience.ORGANISATION, f"source {source}")
    purpose = Purpose.PUBLISH if wanted is For.PUBLIC else Purpose.USE_OWN

    def decide(label: Label | None) -> Release | Withheld:
        if blocks and label is not None and not may_block(label.pap):
            return Withheld(_("PAP:{label} does not allow blocking: the attacker may notice").format(label=label.pap))
        return may_leave(label, origin, recipient, purpose, holder=holder)

    return decide
