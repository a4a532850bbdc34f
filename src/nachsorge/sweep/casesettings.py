"""What a case is judged by: packs, inventory, whose a path is, the window. Only what changes is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from nachsorge.assets.inventory import Inventory
from nachsorge.cases.state import State, state_of
from nachsorge.model.pack import Claim, Pack
from nachsorge.model.times import Instant, render
from nachsorge.sweep.answers import with_answers

if TYPE_CHECKING:
    from nachsorge.cases.store import Case, Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a person said this time; None and empty leave as it is what was said before."""

    packs: Sequence[Pack] = ()
    claims: Mapping[str, Sequence[Claim]] = field(default_factory=dict)
    claims_path: str = ""
    inventory: Inventory | None = None
    inventory_paths: Sequence[str] = ()
    assets: Mapping[str, str] = field(default_factory=dict)
    start: Instant | None = None
    end: Instant | None = None


def settle(case: Case, settings: Settings, time: Instant, by: str) -> None:
    """Write what is new of it."""
    state = state_of(case.entries())
    packs = [with_answers(case, pack) for pack in settings.packs]
    with case.writing() as writer:
        for pack in packs:
            if state.digests.get(pack.id) != pack.digest:
                blob = writer.put(msgspec.msgpack.encode(pack))
                told = {"id": pack.id, "version": pack.version, "digest": pack.digest, "blob": blob}
                writer.append("pack", told, time, by)
        for name, claims in settings.claims.items():
            blob = writer.put(msgspec.msgpack.encode(tuple(claims)))
            if state.claims.get(name) != blob:
                own = {"pack": name, "blob": blob, "count": len(claims), "path": settings.claims_path}
                writer.append("claims", own, time, by)
        _inventory(writer, state, settings, time, by)
        if new := {path: name for path, name in settings.assets.items() if state.assets.get(path) != name}:
            writer.append("assets", {"assets": new}, time, by)
        if settings.start is not None or settings.end is not None:
            start, end = settings.start or state.start, settings.end or state.end
            if (start, end) != (state.start, state.end):
                writer.append("window", {"from": _text(start), "to": _text(end)}, time, by)


def _inventory(writer: Writer, state: State, settings: Settings, time: Instant, by: str) -> None:
    if settings.inventory is None:
        return
    blob = writer.put(msgspec.json.encode(settings.inventory))
    if blob != state.inventory:
        paths = list(settings.inventory_paths)
        writer.append("inventory", {"blob": blob, "count": len(settings.inventory.assets), "paths": paths}, time, by)


def _text(instant: Instant | None) -> str:
    return "" if instant is None else render(instant)
