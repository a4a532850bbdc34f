"""A notification at the door: which of its parts may go to whom. Whoever writes one in any form takes an `Outgoing`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, get_args

import msgspec

from nachsorge.locale import _
from nachsorge.model.labels import Audience, Consent, Label, Party, Purpose, Release, Withheld
from nachsorge.sharing.door import may_leave
from nachsorge.sharing.notification import Notification, PartName, Seen
from nachsorge.sharing.terms import HOUSE

if TYPE_CHECKING:
    from nachsorge.model.words import Tlp

PARTS: Final[tuple[PartName, ...]] = get_args(PartName)

CERT: Final = Party(Audience.CERT, "the CERT")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What of a notification may go to one recipient. A part that is not in `parts` must not be touched.

    `whole` is there where all of it may; `withheld` says why parts may not. `indicators` are those that may.
    """

    notification: Notification
    recipient: Party
    whole: Release | None
    parts: Mapping[str, Release]
    withheld: Mapping[str, str]
    indicators: tuple[Seen, ...]

    def label(self, part: PartName) -> Tlp:
        """Give the label of a part that may leave."""
        return self.parts[part].label.tlp

    def values(self) -> dict[str, Any]:
        """Give the plain values of the parts that may leave, and of no other."""
        reduced = msgspec.structs.replace(self.notification, indicators=self.indicators)
        plain = msgspec.json.decode(msgspec.json.encode(reduced))
        return {part: plain[part] for part in self.parts}


def outgoing(notification: Notification, recipient: Party, *, holder: Party = HOUSE, origin: Party = HOUSE) -> Outgoing:
    """Ask the door for every part.

    `origin` is whose it is, `holder` who has it: the same where the organisation itself sends it.
    """
    consent = None if holder == origin else _consent(notification)
    purpose = Purpose.HELP if holder == origin or recipient == holder else Purpose.PASS_ON
    if recipient.audience is Audience.PUBLIC:
        purpose = Purpose.PUBLISH

    def ask(tlp: Tlp) -> Release | Withheld:
        return may_leave(_label(notification, tlp), origin, recipient, purpose, consent, holder=holder)

    parts: dict[str, Release] = {}
    withheld: dict[str, str] = {}
    for part in PARTS:
        answer = ask(notification.labels.parts.get(part, notification.labels.tlp))
        if isinstance(answer, Release):
            parts[part] = answer
        else:
            withheld[part] = answer.reason
    if "organisation" in parts and _names(notification) and not _may_name(notification, recipient, holder, origin):
        del parts["organisation"]
        withheld["organisation"] = _("its source did not allow to be named")
    listed = notification.indicators if "indicators" in parts else ()
    indicators = tuple(one for one in listed if isinstance(ask(one.tlp), Release))
    if len(indicators) < len(notification.indicators) and "indicators" in parts:
        kept = len(notification.indicators) - len(indicators)
        withheld["indicators"] = _("{count} are more restrictive").format(count=kept)
    whole = ask(notification.labels.tlp)
    return Outgoing(
        notification=notification,
        recipient=recipient,
        whole=whole if isinstance(whole, Release) and not withheld else None,
        parts=parts,
        withheld=withheld,
        indicators=indicators,
    )


def _label(notification: Notification, tlp: Tlp) -> Label:
    return Label(tlp, notification.labels.pap)


def _consent(notification: Notification) -> Consent:
    allowed = notification.purposes
    return Consent(count=allowed.count, pass_to=frozenset(allowed.pass_to), name=allowed.name)


def _names(notification: Notification) -> bool:
    return bool(notification.organisation.name)


def _may_name(notification: Notification, recipient: Party, holder: Party, origin: Party) -> bool:
    """Tell whether the recipient may know whose it is: the one it was sent to, or whom the source allowed."""
    if holder == origin or recipient in (holder, origin):
        return True
    return notification.purposes.name
