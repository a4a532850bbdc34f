"""Which stages of a pack's ladder apply to an asset, in which order, over which window."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.model.pack import Need, Pack, Stage, Window
from nachsorge.model.times import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nachsorge.model.assessment import Asset


NO_ROLE = "none"
"""The role of assets that are known to have none of those that a pack asks for."""


def applies(stage: Stage, asset: Asset) -> bool:
    """Tell whether a stage is possible on the asset; where the platform is unknown it is.

    A stage for certain roles asks that the inventory gives the asset one of them: no host is a telephone server by
    default; where nobody says, see `undecided`.
    """
    if stage.platforms and asset.platform is not None and asset.platform not in stage.platforms:
        return False
    if stage.roles and asset.role not in stage.roles:
        return False
    return asset.role not in stage.except_roles or not asset.role


def undecided(stage: Stage, asset: Asset) -> bool:
    """Tell whether nobody says if the asset has a role that the stage is for: what is not said is not ruled out."""
    return bool(stage.roles) and not asset.role and applies(replace(stage, roles=()), asset)


def told(pack: Pack, assets: Sequence[Asset]) -> list[Asset]:
    """Give the assets with what an empty role means: none, in an inventory that names the bearers of the pack's roles.

    Whoever marks the telephone servers in the inventory says by that what its other rows are not. It says nothing of
    hosts that do not stand in it, nor of evidence that is nobody's.
    """
    borne = {asset.role for asset in assets if asset.declared}
    wanted = [set(stage.roles) for stage in pack.stages if stage.roles]
    if not wanted or not all(roles & borne for roles in wanted):
        return list(assets)
    return [replace(asset, role=NO_ROLE) if asset.declared and not asset.role else asset for asset in assets]


def why_not(stage: Stage, asset: Asset) -> str:
    """Say why a stage does not apply, in words."""
    if stage.platforms and asset.platform is not None and asset.platform not in stage.platforms:
        return f"does not apply: platform {asset.platform}"
    return f"does not apply: role {asset.role or 'none'}"


def required(pack: Pack, stage: Stage, asset: Asset) -> tuple[Stage, ...]:
    """Give the applicable stages that must have happened before, nearest first, through all steps."""
    found: list[Stage] = []
    waiting = list(stage.requires)
    while waiting:
        before = pack.stages_by_id[waiting.pop(0)]
        if before in found:
            continue
        if applies(before, asset):
            found.append(before)
        waiting.extend(before.requires)
    return tuple(found)


def window(stage: Stage, asset: Asset, anchors: Mapping[str, Span]) -> Span | None:
    """Choose the stage's window for this asset: the hull of its absolute windows and of those after its anchors.

    `anchors` holds the first and last sighting of each stage on this asset. An anchor only ever widens the window: the
    first run that was *seen* need not be the first run, so it must not clear what lies before. None where the pack
    gives no absolute window: a window that begins with what was seen would turn a sighting into an all-clear.
    """
    mine = [w for w in stage.windows if w.platform is None or asset.platform is None or w.platform is asset.platform]
    absolute = [w.absolute for w in mine if w.absolute is not None]
    relative = [
        Span(seen.start + w.after, seen.end + max(w.until, w.after))
        for w in mine
        if (seen := anchors.get(w.anchor)) is not None
    ]
    return hull((*absolute, *relative)) if absolute else None


def hull(spans: Iterable[Span]) -> Span | None:
    """Give the smallest span that holds all; None of none."""
    listed = list(spans)
    if not listed:
        return None
    return Span(min(span.start for span in listed), max(span.end for span in listed))


def needs(stage: Stage, asset: Asset) -> tuple[Need, ...]:
    """Give the needs that concern the asset; with an unknown platform, all of them."""
    return tuple(n for n in stage.needs if n.platform is None or asset.platform is None or n.platform is asset.platform)


def pack_window(pack: Pack) -> Span | None:
    """Give the hull of all absolute windows of a pack."""
    return hull(w.absolute for stage in pack.stages for w in stage.windows if w.absolute is not None)


def with_window(stage: Stage, span: Span, *, dormancy: bool) -> Stage:
    """Give the stage with one absolute window in place of its own; with `dormancy` its relative ones still widen it."""
    relative = tuple(w for w in stage.windows if w.absolute is None) if dormancy else ()
    return replace(stage, windows=(Window(absolute=span), *relative))


def without_window(stage: Stage) -> Stage:
    """Give the stage without any window: nothing can rule it out by coverage then."""
    return replace(stage, windows=())
