"""Outcomes that were stored, judged again: no evidence is needed, and no reader."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from nachsorge.assets.registry import registry_of
from nachsorge.matching.tests import tests_of
from nachsorge.model.assessment import Assessment, Hit
from nachsorge.model.evidence import Reading
from nachsorge.sweep.conclude import conclude
from nachsorge.sweep.windows import Bounded, bounded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nachsorge.assets.inventory import Inventory
    from nachsorge.model.pack import Pack
    from nachsorge.model.times import Instant
    from nachsorge.sharing.inherit import Given
    from nachsorge.sweep.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What `sweep.outcome.Outcome` is to those who judge; that one comes with all readers.

    `early` says that the sweep would have read it first, because it names machines.
    """

    reading: Reading
    hits: tuple[Hit, ...] = ()
    control: bool | None = None
    control_note: str = ""
    early: bool = False
    piece: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """An assessment, and the packs with the windows that it was made with."""

    assessment: Assessment
    packs: tuple[Bounded, ...]


def judge_stored(
    packs: Sequence[Pack],
    stored: Sequence[Stored],
    inventory: Inventory,
    assets: Mapping[str, str],
    window: tuple[Instant | None, Instant | None] = (None, None),
    *,
    interrupted: bool = False,
    given: Given | None = None,
) -> Judgement:
    """Judge as a sweep does that has just read all of it; presence may be noted of more addresses than one asks for."""
    tests = tests_of(packs)
    registry = registry_of(inventory, [one.reading for one in stored], assets)
    outcomes = sorted((_present(one, registry.addresses) for one in stored), key=lambda one: one.reading.path)
    listed = cast("list[Outcome]", outcomes)
    judged_by = bounded(packs, listed, *window)
    declared = bool(inventory.assets)
    found = conclude(judged_by, tests, listed, registry, declared=declared, interrupted=interrupted, given=given)
    return Judgement(assessment=found, packs=tuple(judged_by))


def _present(one: Stored, asked: frozenset[str]) -> Stored:
    present = tuple(p for p in one.reading.presence if p.address in asked)
    return replace(one, reading=replace(one.reading, presence=present))
