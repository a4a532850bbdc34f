"""Which things a person may see by which way: pure rules, tested as a matrix. `scope` makes conditions of them.

TLP:RED is for the persons named on the record only and never leaves by an export or an interface for machines (FIRST,
TLP 2.0). All other labels stay within the CERT and are for its staff at work. An error text, a header or a file name
says nothing of what is in a report, to nobody.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from nachsorge.cert.desk.roles import Deed, Viewer
from nachsorge.model.words import Tlp

if TYPE_CHECKING:
    from collections.abc import Iterator


class Way(StrEnum):
    """By which way something would come out."""

    PAGE = "page"
    API = "api"
    EXPORT = "export"
    SEARCH = "search"
    HISTORY = "history"
    ERROR = "error"
    FILE_NAME = "file name"


SILENT = frozenset({Way.ERROR, Way.FILE_NAME})
"""Ways by which no content ever comes out."""

TO_MACHINES = frozenset({Way.API, Way.EXPORT})
"""Ways by which content leaves the eyes of one person; TLP:RED does not take them."""

LOGGED = frozenset({Tlp.RED, Tlp.AMBER_STRICT})
"""Labels of which every reading is written into the log."""


def may_see(viewer: Viewer, label: Tlp, way: Way, *, named: bool = False) -> bool:
    """Decide whether content of this label may come out to this person by this way.

    Args:
        viewer: who asks.
        label: the label of the thing itself, not of the submission it belongs to.
        way: how it would come out.
        named: whether the person stands on the record's list of named persons.
    """
    if way in SILENT or not viewer.may(Deed.READ):
        return False
    if way is Way.EXPORT and not viewer.may(Deed.EXPORT):
        return False
    if label is Tlp.RED:
        return named and way not in TO_MACHINES
    return True


def open_labels(viewer: Viewer, way: Way) -> frozenset[Tlp]:
    """Give the labels that this person may see by this way without being named."""
    return frozenset(label for label in Tlp if may_see(viewer, label, way))


def named_labels(viewer: Viewer, way: Way) -> frozenset[Tlp]:
    """Give the labels that this person may see by this way on records that name them."""
    return frozenset(label for label in Tlp if may_see(viewer, label, way, named=True))


def may_name(viewer: Viewer, *, named: bool, anybody_named: bool) -> bool:
    """Decide whether this person may put a name on the list of a TLP:RED record.

    The first to take a record is named by taking it: it came in for the CERT, and somebody must open it at night.
    From then on only those on the list widen it.
    """
    return viewer.may(Deed.WORK) and (named or not anybody_named)


def table(viewers: tuple[Viewer, ...]) -> Iterator[tuple[Viewer, Tlp, Way, bool, bool]]:
    """Walk the whole matrix: (viewer, label, way, named, whether it may be seen)."""
    for viewer in viewers:
        for label in Tlp:
            for way in Way:
                for named in (False, True):
                    yield viewer, label, way, named, may_see(viewer, label, way, named=named)
