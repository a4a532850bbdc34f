"""A pack's own closing requirements, as far as they can be computed; prose is left to people.

Whatever is lacking names the requirement, and can be waived by its id and the asset. Nothing here is met by what was
not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from nachsorge.locale import _
from nachsorge.model.times import Instant, render
from nachsorge.model.words import SNAPSHOTS, Measure, Standing
from nachsorge.verdicts.judge import anchors_of
from nachsorge.verdicts.ladder import applies, needs, window
from nachsorge.verdicts.needs import unmet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nachsorge.model.assessment import Asset, Coverage, Judged, Sighting, Unmet
    from nachsorge.model.pack import Pack, Requirement
    from nachsorge.model.words import Telemetry

    Covered = Mapping[Telemetry, Coverage]

_FOUND = (Standing.SHOWN, Standing.SUSPECTED)


def lacking(
    pack: Pack,
    one: Requirement,
    row: Judged,
    shows: Sequence[Sighting],
    covered: Covered,
    measures: frozenset[Measure],
    looked: Mapping[str, Instant],
) -> Iterator[str]:
    """Say what an asset lacks of a requirement; nothing where it is met or does not concern the asset.

    `shows` are the asset's sightings of this pack that nobody called false positives. An asset is meant where `of` is
    shown or suspected and something is left after those. `looked` is when each source ends: when a state was taken.
    """
    match one.test:
        case "no-open":
            # Those cells are asked for one by one, each with what would settle it.
            return
        case "covered":
            # An open stage is asked for as such, and one that is ruled out has been answered in some other way.
            asked = _meant(pack, one, row, shows) and _standing(pack, one.stage, row) in _FOUND
            yield from _uncovered(pack, one, row.asset, shows, covered) if asked else ()
        case "measures":
            missing = [_(m.value) for m in one.measures if m not in measures] if _meant(pack, one, row, shows) else []
            if missing:
                yield _("not recorded: {measures}").format(measures=", ".join(missing))
        case "gone":
            yield from _still(one, shows, covered, looked) if _meant(pack, one, row, shows) else ()
        case _:
            assert_never(one.test)


def _meant(pack: Pack, one: Requirement, row: Judged, shows: Sequence[Sighting]) -> bool:
    return _standing(pack, one.of, row) in _FOUND and bool(shows)


def _standing(pack: Pack, stage: str, row: Judged) -> Standing | None:
    return next((c.standing for c in row.cells if c.pack == pack.id and c.stage == stage), None)


def _uncovered(
    pack: Pack, one: Requirement, asset: Asset, shows: Sequence[Sighting], covered: Covered
) -> Iterator[str]:
    """Say which needs of the stage are not met over its window, whatever was found: more may have been missed."""
    stage = pack.stages_by_id[one.stage]
    if not applies(stage, asset):
        return
    by_stage: dict[str, list[Sighting]] = {}
    for sighting in shows:
        by_stage.setdefault(sighting.stage, []).append(sighting)
    span = window(stage, asset, anchors_of(by_stage))
    for need in needs(stage, asset):
        yield from dict.fromkeys(_lack(u) for u in unmet(need, covered, span))


def _still(
    one: Requirement, shows: Sequence[Sighting], covered: Covered, looked: Mapping[str, Instant]
) -> Iterator[str]:
    """Say what is lacking before it is seen that it is gone: a look after the last finding, without one."""
    mine = [s for s in shows if s.stage == one.of]
    times = [s.time for s in mine if s.time is not None and s.telemetry not in SNAPSHOTS]
    looks = [end for t in one.telemetry if (end := _last(covered.get(t))) is not None]
    if not looks:
        yield _("no {telemetry} that covers it").format(telemetry=" / ".join(_(t.value) for t in one.telemetry))
        return
    # A file bears the time of its making; that it was there is seen when the state was taken.
    last, found = max(looks), [looked[s.source] for s in mine if s.telemetry in SNAPSHOTS and s.source in looked]
    if found and max(found) >= last:
        yield _("still there when it was looked at last, {time}").format(time=render(max(found)))
    elif times and max(times) > last:
        yield _("not looked at after the last finding of {time}").format(time=render(max(times)))


def _last(seen: Coverage | None) -> Instant | None:
    return seen.intervals[-1].end if seen is not None and seen.intervals else None


def _lack(lacking: Unmet) -> str:
    if lacking.telemetry is None:
        return lacking.note or _(lacking.reason.value)
    when = f" {render(lacking.span.start)} / {render(lacking.span.end)}" if lacking.span else ""
    what = f"{_(lacking.telemetry.value)}{when}"
    return _("{what} not covered ({why})").format(what=what, why=_(lacking.reason.value))
