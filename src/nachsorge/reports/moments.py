"""Moments in swim lanes: what happened when on one asset, and on all of them, above the coverage of the same time.

Numbers only; the template draws. Moments come from whoever knows them (a case's timeline); nothing is computed here
that would be a finding of its own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from nachsorge.locale import N_, _, ngettext
from nachsorge.model.times import Instant, Span
from nachsorge.reports import lanes, wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nachsorge.reports.texts import Texts

NEAR = 6
"""Marks of one kind that would overlap are one mark with a number; so many units of the view box apart."""


class Moment(Protocol):
    """One moment of a timeline, as `cases.timeline.Event` is one."""

    @property
    def time(self) -> Instant:
        """When."""

    @property
    def what(self) -> str:
        """The kind, a word of the timeline."""

    @property
    def message(self) -> str:
        """What happened, in words."""

    @property
    def asset(self) -> str:
        """Where; empty for the whole case."""


class Kind(StrEnum):
    """A lane of the picture, from top to bottom."""

    INSTALLED = "installed"
    RAN = "ran"
    DUE = "due"
    CONTACT = "contact"
    DEEPER = "deeper"
    ANTIVIRUS = "antivirus"
    REMEDIED = "remedied"
    LATER = "later"
    AGAINST = "against"
    OTHER = "other"


LABELS: Mapping[Kind, str] = {
    Kind.INSTALLED: N_("affected version"),
    Kind.RAN: N_("execution"),
    Kind.DUE: N_("stored due time"),
    Kind.CONTACT: N_("contact"),
    Kind.DEEPER: N_("further stages"),
    Kind.ANTIVIRUS: N_("antivirus acted"),
    Kind.REMEDIED: N_("update, remediation"),
    Kind.LATER: N_("contact after antivirus"),
    Kind.AGAINST: N_("speaks against it"),
    Kind.OTHER: N_("other"),
}
SHAPES: Mapping[Kind, str] = {
    Kind.INSTALLED: "M-6 5h12l-6 -11z",
    Kind.RAN: "M-5 -6v12l10 -6z",
    Kind.DUE: "M0 -6l6 6l-6 6l-6 -6z",
    Kind.CONTACT: "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0z",
    Kind.DEEPER: "M-2 -6h4v4h4v4h-4v4h-4v-4h-4v-4h4z",
    Kind.ANTIVIRUS: "M-5 -5h10v10h-10z",
    Kind.REMEDIED: "M-6 0l2.5 -2.5l2.5 2.5l4.5 -5.5l2.5 2.5l-7 8.5z",
    Kind.LATER: "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0zM-2.5 0a2.5 2.5 0 1 1 5 0a2.5 2.5 0 1 1 -5 0z",
    Kind.AGAINST: "M-6 -1.8h12v3.6h-12z",
    Kind.OTHER: "M-6 -5h12l-6 11z",
}
"""What is drawn, around the point of the moment: no two alike, so that colour is never needed to tell them apart."""

WORDS: Mapping[str, tuple[Kind, str]] = {
    "Affected Version Present": (Kind.INSTALLED, N_("Affected version present")),
    "Affected Version Ran": (Kind.RAN, N_("Affected version ran")),
    "First Run Seen": (Kind.RAN, N_("First run seen")),
    "Stored Time": (Kind.DUE, N_("Stored time")),
    "Contact": (Kind.CONTACT, N_("Contact")),
    "Data Taken": (Kind.DEEPER, N_("Data taken")),
    "Implant": (Kind.DEEPER, N_("Implant")),
    "Hands On": (Kind.DEEPER, N_("Somebody at work by hand")),
    "Antivirus Detection": (Kind.ANTIVIRUS, N_("Antivirus detection")),
    "Clean Version Present": (Kind.REMEDIED, N_("Version other than the affected ones")),
    "Contact After Antivirus": (Kind.LATER, N_("First contact after an antivirus acted")),
    "Sighting": (Kind.OTHER, N_("Sighting")),
    "Decision: remediated": (Kind.REMEDIED, N_("Recorded: remediated")),
    "Decision: waived": (Kind.OTHER, N_("Recorded: waived")),
    "Decision: false-positive": (Kind.OTHER, N_("Recorded: false positive")),
    "Decision: notified": (Kind.OTHER, N_("Recorded: notified")),
    "Decision: not-notified": (Kind.OTHER, N_("Recorded: not notified")),
    "Decision: closed": (Kind.OTHER, N_("Recorded: closed")),
    "Decision: reopened": (Kind.OTHER, N_("Recorded: opened again")),
}
_BEGIN = re.compile(r"M(-?[\d.]+) (-?[\d.]+)")
_OFF = {"before": -11, "after": 11}
"""A sign off the axis stands so far beside it."""
_AGAINST = "Evidence Against: "


@dataclass(frozen=True, slots=True)
class Mark:
    """One sign: where it is drawn, of how many moments, in words. `edge` says that the moment lies off the axis."""

    x: float
    kind: Kind
    count: int
    title: str
    edge: str = ""


@dataclass(frozen=True, slots=True)
class Track:
    """The lane of one kind, or of one asset in the picture of all; `bands` are what lies beneath."""

    y: int
    label: str
    marks: tuple[Mark, ...]
    bands: tuple[lanes.Band, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """First and last moment of one kind on one asset: the lines of the table beside the picture of all."""

    asset: str
    what: str
    first: Instant
    last: Instant
    count: int


def kind_of(moment: Moment) -> Kind:
    """Give the lane of a moment; a kind that nobody knows here still has one."""
    if moment.what.startswith(_AGAINST):
        return Kind.AGAINST
    return WORDS.get(moment.what, (Kind.OTHER, ""))[0]


def named(what: str) -> str:
    """Say the kind of a moment in the language that is spoken."""
    if what.startswith(_AGAINST):
        return _("Speaks against: {what}").format(what=named(what.removeprefix(_AGAINST)))
    return _(WORDS[what][1]) if what in WORDS else what


def by_asset(moments: Iterable[Moment]) -> dict[str, list[Moment]]:
    """Put moments under their assets; those of the whole case stand under the empty name."""
    out: dict[str, list[Moment]] = defaultdict(list)
    for moment in moments:
        out[moment.asset].append(moment)
    return out


def tracks(moments: Sequence[Moment], drawn: lanes.Axis, texts: Texts, top: int = lanes.TOP) -> tuple[Track, ...]:
    """Give one lane per kind that occurs, in the order of kinds."""
    found: dict[Kind, list[Moment]] = defaultdict(list)
    for moment in moments:
        found[kind_of(moment)].append(moment)
    return tuple(
        Track(top + lanes.LANE * place, _(LABELS[kind]), marks(found[kind], drawn, texts))
        for place, kind in enumerate(kind for kind in Kind if kind in found)
    )


def marks(moments: Iterable[Moment], drawn: lanes.Axis, texts: Texts) -> tuple[Mark, ...]:
    """Give the signs of moments, those too near to each other as one; the rarer kinds are drawn last, on top."""
    near: dict[tuple[Kind, str, int], list[Moment]] = defaultdict(list)
    for moment in moments:
        edge = "before" if moment.time < drawn.span.start else "after" if moment.time > drawn.span.end else ""
        near[kind_of(moment), edge, int(drawn.x(moment.time) / NEAR)].append(moment)
    order = list(Kind)
    out = [
        Mark(round(drawn.x(together[0].time), 1), kind, len(together), _title(together, texts), edge)
        for (kind, edge, _place), together in near.items()
    ]
    return tuple(sorted(out, key=lambda mark: (order.index(mark.kind), mark.x)))


def outlines(signs: Iterable[Mark], middle: float) -> tuple[tuple[Kind, str], ...]:
    """Give one path per kind for the signs of a lane, in the order of kinds: on paper nothing has a title of its own.

    A printed page is set by elements; a lane of a hundred contacts is one instead of a hundred.
    """
    drawn: dict[Kind, list[str]] = defaultdict(list)
    for mark in signs:
        x = mark.x + _OFF.get(mark.edge, 0)
        drawn[mark.kind].append(_moved(SHAPES[mark.kind], x, middle))
    return tuple((kind, "".join(drawn[kind])) for kind in Kind if kind in drawn)


def _moved(shape: str, x: float, y: float) -> str:
    """Put a shape somewhere: only its beginnings (`M`) are absolute."""
    return _BEGIN.sub(lambda at: f"M{x + float(at[1]):.1f} {y + float(at[2]):.1f}", shape)


def _title(together: Sequence[Moment], texts: Texts) -> str:
    first, last = min(m.time for m in together), max(m.time for m in together)
    if len(together) == 1:
        return f"{wording.moment(first, texts)} {named(together[0].what)}: {together[0].message}"
    kinds = ", ".join(dict.fromkeys(named(moment.what) for moment in together))
    count = ngettext("{count} moment", "{count} moments", len(together)).format(count=len(together))
    return f"{wording.extent(first, last, texts)}: {count}: {kinds}"


def turns(moments: Iterable[Moment]) -> list[Turn]:
    """Give per asset and kind the first and the last moment and how many there are, in order of their first."""
    times: dict[tuple[str, str], list[Instant]] = defaultdict(list)
    for moment in moments:
        times[moment.asset, moment.what].append(moment.time)
    found = [Turn(asset, what, min(at), max(at), len(at)) for (asset, what), at in times.items()]
    return sorted(found, key=lambda turn: (turn.first, turn.asset, turn.what))


def spanned(moments: Sequence[Moment]) -> lanes.Axis | None:
    """Give an axis over moments alone, for an assessment that has neither window nor coverage."""
    if not moments:
        return None
    return lanes.Axis(Span(min(m.time for m in moments), max(m.time for m in moments)), named=False)
