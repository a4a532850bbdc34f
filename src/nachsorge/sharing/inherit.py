"""Labels of what is made of labelled things: a sighting, an assessment, a case. The most restrictive is inherited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from nachsorge.model.labels import Label
from nachsorge.sharing.labels import DEFAULT, most_restrictive, read_label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nachsorge.model.assessment import Assessment, Sighting
    from nachsorge.model.pack import Pack

Given: TypeAlias = Mapping[str, Label]
"""Labels that people gave, by the path of a source; the empty path is the case itself."""


def of_source(path: str, given: Given) -> Label:
    """Give a source's label: its own, that of the folder or archive it lies in, else that of unlabelled things."""
    found = _given(path, given)
    return most_restrictive(found) if found else DEFAULT


def of_sighting(sighting: Sighting, packs: Iterable[Pack], sources: Mapping[str, str], given: Given) -> Label:
    """Give the label of a sighting: of the indicator that met, and of the source that it was met in.

    Args:
        sighting: the sighting.
        packs: those that judged; a rule, and what no pack knows, has its pack's label.
        sources: path of a source by its id.
        given: labels that people gave.
    """
    pack = next((pack for pack in packs if pack.id == sighting.pack), None)
    known = [
        Label(each.tlp, each.pap)
        for each in (pack.indicators if pack else ())
        if (each.type.value, each.value) == (sighting.type, sighting.indicator)
    ]
    own = most_restrictive(known) if known else Label(pack.tlp) if pack else DEFAULT
    return most_restrictive([own, of_source(sources.get(sighting.source, ""), given)])


def of_assessment(found: Assessment, given: Given) -> Label:
    """Give the label of a whole assessment: of all its packs, all its sources, and the case."""
    packs = [read_label(pack.tlp) for pack in found.packs]
    sources = [of_source(source.reading.path, given) for source in found.sources]
    return most_restrictive([*packs, *sources, *([given[""]] if "" in given else []), DEFAULT])


def least(found: Assessment, given: Given) -> Label | None:
    """Give what people's own labels demand of everything made of it; None where nobody gave any.

    A pack's label is not in it: of a pack only its name leaves, and the door is asked for that.
    """
    listed = [label for path in (source.reading.path for source in found.sources) for label in _given(path, given)]
    listed += [given[""]] if "" in given else []
    return most_restrictive(listed) if listed else None


def _given(path: str, given: Given) -> list[Label]:
    return [label for of, label in given.items() if of and (path == of or path.startswith((f"{of}/", f"{of}!")))]
