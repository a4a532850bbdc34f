"""Labels of what is made of labelled things: a sighting, an assessment, a case. The most restrictive is inherited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from nachsorge.model.columns import Indicators
from nachsorge.model.labels import Label
from nachsorge.sharing.labels import DEFAULT, most_restrictive, read_label, read_pap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.model.assessment import Assessment, PackUsed, Sighting
    from nachsorge.model.pack import Indicator, Pack

Given: TypeAlias = Mapping[str, Label]
"""Labels that people gave, by the path of a source; the empty path is the case itself."""

_Key: TypeAlias = tuple[str, str]
"""Type and value of what was met."""

INSIDE = ("/", "!", " (as it was when read at ")
"""What follows the name of a source in that of a part of it: in a folder, in an archive, and as it once was."""


def marked(found: Assessment, packs: Iterable[Pack], given: Given) -> Assessment:
    """Give an assessment with the labels of its sources, its sightings and itself.

    Args:
        found: the assessment.
        packs: those that judged.
        given: labels that people gave.
    """
    case = [given[""]] if "" in given else []
    sources = tuple(
        replace(one, label=most_restrictive([of_source(one.reading.path, given), *case]) if given else DEFAULT)
        if given or one.label != DEFAULT
        else one
        for one in found.sources
    )
    by_id = {one.id: one.label for one in sources}
    known = {pack.id: (_whole(pack), _met(pack, found.sightings)) for pack in packs}
    sightings = tuple(
        replace(one, label=_of_sighting(one, known, by_id.get(one.source, DEFAULT))) for one in found.sightings
    )
    made = replace(found, sources=sources, sightings=sightings)
    return replace(made, label=of_assessment(made, given))


def of_source(path: str, given: Given) -> Label:
    """Give a source's label: its own, that of the folder or archive it lies in, else that of unlabelled things."""
    found = _given(path, given)
    return most_restrictive(found) if found else DEFAULT


def of_pack(pack: Pack) -> Label:
    """Give the most restrictive label of a pack and of all its rows: that of whatever a run with it may show."""
    return most_restrictive([_whole(pack), *(Label(each.tlp, each.pap) for each in _samples(pack))])


def of_assessment(found: Assessment, given: Given) -> Label:
    """Give the label of a whole assessment: of its packs, its sources, its sightings, and the case."""
    sources = {of_source(source.reading.path, given) for source in found.sources}
    parts = {*map(_used, found.packs), *sources, *(one.label for one in found.sightings)}
    return most_restrictive([*parts, *([given[""]] if "" in given else []), DEFAULT])


def least(found: Assessment, given: Given) -> Label | None:
    """Give what people's own labels demand of everything made of it; None where nobody gave any.

    A pack's label is not in it: of a pack only its name leaves, and the door is asked for that.
    """
    listed = [label for path in (source.reading.path for source in found.sources) for label in _given(path, given)]
    listed += [given[""]] if "" in given else []
    return most_restrictive(listed) if listed else None


def _given(path: str, given: Given) -> list[Label]:
    return [
        label for of, label in given.items() if of and (path == of or path.startswith(tuple(of + by for by in INSIDE)))
    ]


def _used(pack: PackUsed) -> Label:
    """Read the label of a pack as an assessment keeps it: what nobody understands is kept closest."""
    return Label(read_label(pack.tlp).tlp, read_pap(pack.pap))


def _whole(pack: Pack) -> Label:
    return Label(pack.tlp, pack.pap)


def _samples(pack: Pack) -> Iterable[Indicator]:
    return pack.indicators.samples if isinstance(pack.indicators, Indicators) else pack.indicators


def _met(pack: Pack, sightings: Iterable[Sighting]) -> dict[_Key, Label]:
    """Give the labels of the indicators that were met, the most restrictive of those with the same value.

    None where no row's label is another than the pack's, as in nearly all lists: a million rows take a second.
    """
    if {Label(one.tlp, one.pap) for one in _samples(pack)} <= {_whole(pack)}:
        return {}
    wanted = {(one.type, one.indicator) for one in sightings if one.pack == pack.id}
    found: dict[_Key, Label] = {}
    for key, row in _rows(pack) if wanted else ():
        if key in wanted:
            label = Label(row.tlp, row.pap)
            found[key] = most_restrictive([found[key], label]) if key in found else label
    return found


def _rows(pack: Pack) -> Iterator[tuple[_Key, Indicator]]:
    """Give the rows by their values; of a long list no row is made for it, only looked at."""
    rows = pack.indicators
    if isinstance(rows, Indicators):
        for number, (kind, value) in enumerate(rows.values()):
            yield (kind.value, value), rows.sample(number)
    else:
        yield from (((each.type.value, each.value), each) for each in rows)


def _of_sighting(one: Sighting, known: Mapping[str, tuple[Label, Mapping[_Key, Label]]], source: Label) -> Label:
    """Give the label of a sighting: of the indicator that met, and of the source that it was met in.

    A rule, and what no pack knows, has its pack's label.
    """
    whole, met = known.get(one.pack, (DEFAULT, {}))
    return most_restrictive([met.get((one.type, one.indicator), whole), source])
