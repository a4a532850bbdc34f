"""A notification, drafted: what the assessment says, reduced, and what a person adds."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge import __version__
from nachsorge.model.labels import Pap
from nachsorge.model.times import SECOND, Instant, render
from nachsorge.model.words import Tlp
from nachsorge.sharing import minimise
from nachsorge.sharing.notification import (
    SCHEMA,
    Channel,
    Contact,
    Done,
    Help,
    Labels,
    Notification,
    Organisation,
    PartName,
    Purposes,
    Seen,
    decode,
    encode,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from nachsorge.model.assessment import Assessment, Judged, PackUsed
    from nachsorge.model.words import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What a person says beside the assessment. The careful word everywhere is the default."""

    organisation: Organisation = field(
        default_factory=lambda: Organisation(name="", sector="unknown", region="unknown", size="unknown")
    )
    channel: Channel = "voluntary"
    contact: Contact | None = None
    done: tuple[Done, ...] = ()
    indicators: tuple[Seen, ...] = ()
    help: Help = field(default_factory=lambda: Help(wanted=(), text=""))
    tlp: Tlp = Tlp.AMBER_STRICT
    pap: Pap = Pap.AMBER
    parts: Mapping[PartName, Tlp] = field(default_factory=dict)
    purposes: Purposes = field(default_factory=lambda: Purposes(count=False, pass_to=(), name=False))
    note: str = ""


def draft(
    found: Assessment,
    pack: PackUsed,
    added: Added,
    at: Instant,
    *,
    id: str = "",
    sequence: int = 1,
    verdict: Callable[[Judged], Verdict] = lambda row: row.verdict,
) -> Notification:
    """Draft a notification about one pack of an assessment; `id` and a higher `sequence` make it an update.

    Raises:
        NotificationError: what was added contradicts itself, or is not of the form.
    """
    made = Notification(
        schema=SCHEMA,
        id=id or str(uuid.uuid4()),
        sequence=sequence,
        made=render(at // SECOND * SECOND),
        tool=f"nachsorge {__version__}",
        incident=minimise.incident(pack),
        organisation=added.organisation,
        channel=added.channel,
        contact=added.contact,
        assets=minimise.assets(found, pack.id, verdict),
        coverage=minimise.coverage(found, pack),
        weeks=minimise.weeks(found, pack.id),
        done=added.done,
        indicators=added.indicators,
        help=added.help,
        labels=Labels(tlp=added.tlp, pap=added.pap, parts=dict(added.parts)),
        purposes=added.purposes,
        note=added.note,
    )
    return decode(encode(made), "the draft")
