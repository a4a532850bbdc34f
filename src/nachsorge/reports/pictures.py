"""The pictures of a page: per asset its moments above its coverage, and all assets in one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.reports import bounds, lanes, moments, view
from nachsorge.reports.lanes import LANE, TOP, Lane
from nachsorge.reports.moments import Moment, Track, Turn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nachsorge.model.assessment import Assessment, Coverage
    from nachsorge.reports.texts import Texts


@dataclass(frozen=True, slots=True)
class Picture:
    """The lanes of assets that have the same coverage; `tracks` are the moments of an asset that has some."""

    assets: tuple[str, ...]
    lanes: tuple[Lane, ...]
    tracks: tuple[Track, ...] = ()
    moments: tuple[Turn, ...] = ()

    @property
    def height(self) -> int:
        """Give the height with the axis below."""
        return TOP + LANE * (len(self.lanes) + len(self.tracks)) + 30


@dataclass(frozen=True, slots=True)
class Overview:
    """All assets in one picture: a lane each, what at least one kind of evidence covers beneath its moments."""

    tracks: tuple[Track, ...]
    left_out: int

    @property
    def height(self) -> int:
        """Give the height with the axis below."""
        return TOP + LANE * len(self.tracks) + 30

    @property
    def kinds(self) -> tuple[moments.Kind, ...]:
        """Give the kinds that are drawn, for the key."""
        drawn = {mark.kind for track in self.tracks for mark in track.marks}
        return tuple(kind for kind in moments.Kind if kind in drawn)


def pictures(
    assessment: Assessment,
    found: Mapping[str, Sequence[Moment]],
    drawn: lanes.Axis,
    texts: Texts,
    most: int = bounds.PICTURES,
) -> tuple[tuple[Picture, ...], int]:
    """Give a picture for all assets with the same coverage and no moments, and one for each other asset, `most` in all.

    The worst verdicts come first, those that nobody judged last. Beside them stands for how many assets no picture was
    made, because there would be too many.
    """
    covered = lanes.coverage_of(assessment)
    names = dict.fromkeys(judged.asset.id for judged in view.ordered(assessment)) | dict.fromkeys(covered)
    names |= dict.fromkeys(name for name in found if name)
    alike: dict[tuple[object, ...], list[str]] = {}
    for name in names:
        own = name if found.get(name) else ""
        if own or name in covered:
            alike.setdefault((own, *((c.telemetry, c.intervals, c.gaps) for c in covered.get(name, ()))), []).append(
                name
            )
    groups = list(alike.values())
    made = tuple(_picture(group, covered.get(group[0], ()), found, drawn, texts) for group in groups[:most])
    return made, sum(map(len, groups[most:]))


def _picture(
    names: Sequence[str],
    covered: Sequence[Coverage],
    found: Mapping[str, Sequence[Moment]],
    drawn: lanes.Axis,
    texts: Texts,
) -> Picture:
    own = found.get(names[0], ())
    above = moments.tracks(own, drawn, texts)
    below = lanes.lanes_of(covered, drawn, texts, TOP + LANE * len(above))
    return Picture(tuple(names), below, above, tuple(moments.turns(own)))


def overview(
    assessment: Assessment,
    found: Mapping[str, Sequence[Moment]],
    drawn: lanes.Axis,
    texts: Texts,
    most: int = bounds.OVERVIEW,
) -> Overview | None:
    """Give the picture of the `most` worst assets that have moments; None where none has any."""
    covered = lanes.coverage_of(assessment)
    names = [judged.asset.id for judged in view.ordered(assessment) if found.get(judged.asset.id)]
    names += [name for name in found if name and name not in set(names)]
    shown = names[:most]
    rows = [
        Track(
            TOP + LANE * place,
            name,
            moments.marks(found[name], drawn, texts),
            lanes.together(covered.get(name, ()), drawn, texts),
        )
        for place, name in enumerate(shown)
    ]
    return Overview(tuple(rows), len(names) - len(shown)) if rows else None
