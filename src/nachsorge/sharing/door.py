"""The only door out: whether something of this label and origin may go to this recipient for this purpose.

TLP is no order of recipients: AMBER of one source and AMBER of another are different circles. What may leave follows
from the label, whose it is, who holds it, who wants it, and what the source allowed (FIRST TLP 2.0, 2022-08).
"""

from __future__ import annotations

from typing import Final

from nachsorge.locale import _
from nachsorge.model.labels import Audience, Consent, Label, Party, Permission, Purpose, Release, Withheld
from nachsorge.model.words import Tlp

_A = Audience
_SINGLE = frozenset({_A.ORGANISATION, _A.CERT, _A.NAMED})

_FROM_SOURCE: Final = {
    Tlp.CLEAR: frozenset(Audience),
    Tlp.GREEN: frozenset(Audience) - {_A.PUBLIC},
    Tlp.AMBER: _SINGLE | {_A.CONSTITUENCY},
    Tlp.AMBER_STRICT: _SINGLE,
    Tlp.RED: frozenset({_A.NAMED}),
}
"""To whom the source itself may give it: the label then binds whoever gets it."""

_FROM_HOLDER: Final = {
    Tlp.CLEAR: frozenset(Audience),
    Tlp.GREEN: frozenset(Audience) - {_A.PUBLIC},
    # A holder's clients, for a CERT its constituents, if they need it to protect themselves.
    Tlp.AMBER: frozenset({_A.CONSTITUENCY, _A.ORGANISATION}),
    Tlp.AMBER_STRICT: frozenset(),
    Tlp.RED: frozenset(),
}
"""To whom somebody may pass on what a source gave: beside the holder's own house and the source itself."""

_PASS_WORDS: Final = {
    _A.CONSTITUENCY: "constituency",
    _A.ORGANISATION: "constituency",
    _A.COMMUNITY: "community",
    _A.CERT: "partners",
}


def may_leave(
    label: Label | None,
    origin: Party,
    recipient: Party,
    purpose: Purpose,
    consent: Consent | None = None,
    *,
    holder: Party | None = None,
) -> Release | Withheld:
    """Decide. A pure function; every answer says why, in the language that is spoken.

    Args:
        label: what it is labelled with; None is refused.
        origin: the source whose label it is.
        recipient: who would get it. Equal to `holder` it stays in the house, equal to `origin` it goes back.
        purpose: what for.
        consent: what the source allowed beside the label. None where it gave nothing but the label, as the author of a
            pack does; then nothing may be named, and counted or passed on only what is CLEAR.
        holder: who has it now. Equal to `origin`, the source itself gives it away. None is somebody unknown: then
            nothing is taken to stay in a house.
    """
    if label is None:
        return Withheld(_("it has no label: nothing leaves without one"))
    reason = _against(label, origin, recipient, purpose, consent, holder)
    if not reason:
        why = _("TLP:{label} allows it to {whom}").format(label=label.tlp, whom=_told(recipient))
        return Release(label, origin, recipient, purpose, why)
    if (permission := _wider(consent, recipient)) and purpose not in (Purpose.NAME, Purpose.COUNT):
        why = _("permitted by {who}, {when}").format(who=permission.by, when=permission.when)
        return Release(label, origin, recipient, purpose, why)
    return Withheld(reason)


def _against(
    label: Label, origin: Party, recipient: Party, purpose: Purpose, consent: Consent | None, holder: Party | None
) -> str:
    """Say what stands against it; empty where nothing does."""
    back = recipient == origin and purpose in (Purpose.USE_OWN, Purpose.HELP)
    if back and origin.name:
        return ""
    if purpose is not Purpose.COUNT and (reason := _not_named(label, recipient)):
        return reason
    if (holder is None or recipient != holder) and (reason := _restricted(label, recipient)):
        return reason
    match purpose:
        case Purpose.NAME:
            named = consent is not None and consent.name
            return _audience(label, origin, recipient, holder) if named else _("its source did not allow to be named")
        case Purpose.COUNT:
            return _count(label, consent)
        case Purpose.PUBLISH:
            return _publish(label, consent)
        case Purpose.PASS_ON:
            return _pass_on(label, recipient, consent) or _audience(label, origin, recipient, holder)
        case Purpose.USE_OWN | Purpose.HELP:
            return _audience(label, origin, recipient, holder)


def _not_named(label: Label, recipient: Party) -> str:
    """Hold what is for the eyes of individuals: not even all of the house that holds it may have it."""
    named = _named(label)
    if label.tlp is not Tlp.RED and not named:
        return ""
    if recipient.audience is not Audience.NAMED:
        told = _("TLP:{label} for named persons only, not for {whom}")
        return told.format(label=label.tlp, whom=_told(recipient))
    return _("for other named persons only") if named and recipient.name not in named else ""


def _named(label: Label) -> list[str]:
    return [one.removeprefix("named:") for one in label.restrictions if one.startswith("named:")]


def _restricted(label: Label, recipient: Party) -> str:
    """Hold what its source restricted in its own words; those that only a person can judge hold everything."""
    for one in label.restrictions:
        if one in (f"not:{recipient.audience}", f"not:{_PASS_WORDS.get(recipient.audience, '')}"):
            return _("its source excluded {whom}").format(whom=_told(recipient))
        if not one.startswith(("named:", "not:")) and one != "no-attribution":
            return _("its source set a restriction of its own, which a person has to judge")
    return ""


def _audience(label: Label, origin: Party, recipient: Party, holder: Party | None) -> str:
    if holder is not None and recipient == holder and recipient.audience is not Audience.PUBLIC:
        return ""
    if recipient.audience is Audience.NAMED and label.tlp is Tlp.RED:
        return "" if holder == origin or recipient.name in _named(label) else _stays(label, recipient)
    allowed = _FROM_SOURCE if holder is not None and holder == origin else _FROM_HOLDER
    return "" if recipient.audience in allowed[label.tlp] else _stays(label, recipient)


def _stays(label: Label, recipient: Party) -> str:
    return _("TLP:{label} does not allow it to {whom}").format(label=label.tlp, whom=_told(recipient))


def _count(label: Label, consent: Consent | None) -> str:
    """Hold counts: what is counted restricts them as well, unless its source allows counting."""
    if consent is None:
        told = _("TLP:{label}, and its source did not allow counting").format(label=label.tlp)
        return "" if label.tlp is Tlp.CLEAR else told
    return "" if consent.count else _("its source did not allow counting")


def _publish(label: Label, consent: Consent | None) -> str:
    if label.tlp is not Tlp.CLEAR:
        return _("TLP:{label} is not for the public").format(label=label.tlp)
    # What was reported is confidential whatever its label: published only after the reporter said so expressly.
    return "" if consent is None else _("its source did not expressly allow publication")


def _pass_on(label: Label, recipient: Party, consent: Consent | None) -> str:
    if consent is None:
        told = _("TLP:{label}, and its source did not allow passing it on").format(label=label.tlp)
        return "" if label.tlp is Tlp.CLEAR else told
    word = _PASS_WORDS.get(recipient.audience, "")
    if word in consent.pass_to:
        return ""
    return _("its source did not allow passing it on to {whom}").format(whom=_told(recipient))


def _wider(consent: Consent | None, recipient: Party) -> Permission | None:
    found = consent.wider if consent else ()
    return next((one for one in found if one.to is recipient.audience and one.by and one.when), None)


def _told(party: Party) -> str:
    match party.audience:
        case Audience.PUBLIC:
            return _("the public")
        case Audience.COMMUNITY:
            return _("the community")
        case Audience.CONSTITUENCY:
            return _("the constituency")
        case Audience.CERT:
            return _("a CERT")
        case Audience.ORGANISATION:
            return _("an organisation")
        case Audience.NAMED:
            return _("a named person")


__all__ = ["Audience", "Consent", "Label", "Party", "Permission", "Purpose", "Release", "Withheld", "may_leave"]
