"""The door, asked for what a run writes: as a whole, before anything is read, and again for what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.errors import UsageError
from nachsorge.locale import _
from nachsorge.model.labels import UNLABELLED, Label, Release, Withheld
from nachsorge.sharing.inherit import of_pack
from nachsorge.sharing.labels import most_restrictive
from nachsorge.sharing.terms import For, terms

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nachsorge.model.assessment import Assessment
    from nachsorge.model.pack import Pack


def expected(packs: Iterable[Pack], case: Path | None = None) -> Label:
    """Give the most restrictive label that what a run writes may come to have.

    Own evidence is unlabelled, so AMBER+STRICT. A pack may make it stricter, any of its rows (it may be met), and what
    the case holds already: its packs, those that answers were laid over, and what people labelled in it.
    """
    return most_restrictive([UNLABELLED, *map(of_pack, packs), *(_kept(case) if case is not None else ())])


def released(label: Label, recipient: For) -> Release:
    """Let it pass the door; UsageError, in labels and audiences only, where it may not go to whom it is for."""
    answer = terms(recipient, "this house")(label)
    if isinstance(answer, Withheld):
        told = _(
            "nothing was done, since nothing could be written --for {whom}: {reason}; others are told in numbers: "
            "nachsorge notify draft"
        )
        raise UsageError(told.format(whom=recipient.value, reason=answer.reason))
    return answer


def require(found: Assessment, release: Release) -> None:
    """Hold a decision against what is about to be written: it must be about this label, and no other."""
    if release.label != found.label:
        raise ValueError(f"released as {release.label}, and it is {found.label}")


def _kept(folder: Path) -> list[Label]:
    from nachsorge.cases.state import state_of
    from nachsorge.cli.casefile import opened
    from nachsorge.sweep.caselaw import packs_of

    with opened(folder) as case:
        state = state_of(case.entries())
        return [*map(of_pack, packs_of(case, state)), *state.labels.values()]
