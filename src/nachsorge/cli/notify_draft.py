"""`nachsorge notify draft`: from a case or an assessment to a notification that a person looks through and edits."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, get_args

import msgspec
import typer

from nachsorge.cli.casefile import now
from nachsorge.cli.notify_subject import DRAFTS, Judgement, drafts, judgement_of, read, verdicts
from nachsorge.cli.say import write
from nachsorge.errors import UsageError
from nachsorge.model.labels import Pap, Party, Purpose, Withheld
from nachsorge.model.words import Tlp
from nachsorge.packs.adhoc import load_indicator_file
from nachsorge.sharing import notification as shape
from nachsorge.sharing.door import may_leave
from nachsorge.sharing.draft import Added
from nachsorge.sharing.draft import draft as drafted
from nachsorge.sharing.inherit import least
from nachsorge.sharing.labels import Label, at_most, most_restrictive, read_label
from nachsorge.sharing.leaks import leaks
from nachsorge.sharing.outgoing import CERT
from nachsorge.sharing.terms import HOUSE

if TYPE_CHECKING:
    from nachsorge.model.assessment import PackUsed


_USUAL: Final = Label(Tlp.AMBER_STRICT, Pap.AMBER)
"""Of what nobody labelled otherwise."""
_OF_EVIDENCE: Final = ("assets", "coverage", "weeks")
"""The parts of a notification that are made of evidence; the others are people's own words."""


class Want(StrEnum):
    """What help may be wanted."""

    TECHNICAL_DETAILS = "technical-details"
    FORENSICS = "forensics"
    COORDINATION = "coordination"
    CONTACT_OTHERS = "contact-others"
    NONE = "none"


class PassTo(StrEnum):
    """To whom a CERT may be allowed to pass something on."""

    CONSTITUENCY = "constituency"
    COMMUNITY = "community"
    PARTNERS = "partners"


def draft(
    subject: Annotated[Path, typer.Argument(help="A case's folder, or an assessment (check --json FILE).")],
    output: Annotated[
        str, typer.Option("--output", "-o", help="The draft. Default: in the case's folder, else notification.json.")
    ] = "",
    pack: Annotated[str, typer.Option(help="Which incident, where several packs judged.")] = "",
    sector: Annotated[shape.Sector, typer.Option(help="Sector of NIS2.")] = "unknown",
    region: Annotated[shape.Region, typer.Option(help="Land.")] = "unknown",
    size: Annotated[shape.Size, typer.Option(help="Size band.")] = "unknown",
    name: Annotated[str, typer.Option(help="Name of the organisation. Default: it is not told.")] = "",
    contact: Annotated[str, typer.Option(help="Whom to talk to: a name or a function.")] = "",
    email: Annotated[str, typer.Option(help="The contact's mail address.")] = "",
    phone: Annotated[str, typer.Option(help="The contact's telephone.")] = "",
    fingerprint: Annotated[str, typer.Option(help="OpenPGP key that answers are sealed for.")] = "",
    mandatory: Annotated[
        bool, typer.Option("--mandatory", help="A duty (NIS2): the CSIRT forwards it to the authority at once.")
    ] = False,
    done: Annotated[
        list[str] | None,
        typer.Option(
            help="isolated, rebuilt, updated, credentials-changed, blocked, nothing, other:TEXT. May be repeated."
        ),
    ] = None,
    indicators: Annotated[
        Path | None, typer.Option(help="Indicators seen here: any indicator file. Those of the pack are left out.")
    ] = None,
    want: Annotated[list[Want] | None, typer.Option(help="Help wanted; may be repeated.")] = None,
    want_text: Annotated[str, typer.Option(help="What help, in words.")] = "",
    note: Annotated[str, typer.Option(help="Anything else, in words.")] = "",
    tlp: Annotated[
        Tlp | None,
        typer.Option(case_sensitive=False, help="Label of the whole. Default: AMBER+STRICT, or that of the case."),
    ] = None,
    pap: Annotated[
        Pap | None,
        typer.Option(case_sensitive=False, help="What may be done with it. Default: AMBER, or that of the case."),
    ] = None,
    part: Annotated[list[str] | None, typer.Option(help="Label of a part: indicators=GREEN. May be repeated.")] = None,
    may_count: Annotated[bool, typer.Option("--may-count", help="The CERT may count it in its statistics.")] = False,
    pass_to: Annotated[list[PassTo] | None, typer.Option(help="The CERT may pass it on to these.")] = None,
    may_name: Annotated[bool, typer.Option("--may-name", help="The CERT may name the organisation.")] = False,
    update_of: Annotated[
        Path | None, typer.Option(help="The notification that this one takes the place of. A case knows by itself.")
    ] = None,
    pack_from_cert: Annotated[
        bool, typer.Option("--pack-from-cert", help="The pack came from this CERT: its title goes back there.")
    ] = False,
    incident: Annotated[str, typer.Option(help="What to call the incident, in place of the pack.")] = "",
    identifiers: Annotated[
        bool, typer.Option("--identifiers", help="Hosts, users, internal or mail addresses in your texts may leave.")
    ] = False,
) -> None:
    """Draft a notification to a CERT: numbers by stage, what was looked at, and what you add. Nothing is sent.

    Example: nachsorge notify draft cases/3cx --sector manufacturing --region AT-4 --size medium --may-count

    No host, user, internal or mail address goes along unless you say so. The draft is a JSON file: edit it, then
    look at `nachsorge notify preview`.
    """
    found = judgement_of(subject)
    judged = found.pack(pack)
    label = _label(found, tlp, pap)
    before = _before(update_of, found, incident or judged.id)
    added = Added(
        organisation=shape.Organisation(name=name, sector=sector, region=region, size=size),
        channel="mandatory" if mandatory else "voluntary",
        contact=_contact(contact, email, phone, fingerprint),
        done=tuple(_done(text) for text in done or ()),
        indicators=_seen(indicators, found, judged.id),
        help=shape.Help(wanted=msgspec.convert(want or (), tuple[shape.Want, ...]), text=want_text),
        tlp=label.tlp,
        pap=label.pap,
        parts=dict(_part(text) for text in part or ()),
        purposes=shape.Purposes(
            count=may_count, pass_to=msgspec.convert(pass_to or (), tuple[shape.PassWord, ...]), name=may_name
        ),
        note=note,
    )
    made = drafted(
        found.assessment,
        judged,
        added,
        now(),
        id=before[0],
        sequence=before[1] + 1,
        verdict=verdicts(found, judged),
    )
    made = msgspec.structs.replace(made, incident=_incident(judged, incident, from_cert=pack_from_cert))
    refuse_wider(made, found)
    refuse_leaks(made, found, identifiers=identifiers)
    place = output or str(_place(found, made))
    text = json.dumps(msgspec.to_builtins(made), indent=2, ensure_ascii=False) + "\n"
    write(place, text.encode())
    if place != "-":
        print(f"{place}: a draft, step {made.sequence}; edit it, and look at all that would leave with:")
        print(f"  nachsorge notify preview {place}")


def refuse_leaks(made: shape.Notification, found: Judgement | None, *, identifiers: bool) -> None:
    """Stop where a text names a person or a machine of the house, unless that was asked for."""
    if identifiers:
        return
    named = leaks(made, found.known()) if found else leaks(made)
    if named:
        told = "; ".join(f"{one.place}: {one.kind} {one.what}" for one in named[:10])
        raise UsageError(f"it names hosts or people: {told}. Take it out, or say --identifiers")


def refuse_wider(made: shape.Notification, found: Judgement | None) -> None:
    """Stop where it, or a part that is made of evidence, is labelled less than what people labelled in the case."""
    floor = least(found.assessment, found.labels) if found else None
    if found is None or floor is None:
        return
    labels = {"": made.labels.tlp} | {part: made.labels.parts.get(part, made.labels.tlp) for part in _OF_EVIDENCE}
    wider = [f"{part or 'the whole'} TLP:{tlp}" for part, tlp in labels.items() if not at_most(floor.tlp, tlp)]
    if most_restrictive([floor, Label(floor.tlp, made.labels.pap)]).pap is not made.labels.pap:
        wider.append(f"PAP:{made.labels.pap}")
    if wider:
        raise UsageError(
            f"{', '.join(wider)}: it is made of what is {floor}; who may decide otherwise says so with "
            f"nachsorge notify label {found.folder}"
        )


def _incident(pack: PackUsed, called: str, *, from_cert: bool) -> shape.Incident:
    """Name the incident; what a third party labelled may not even be named to everybody."""
    if called:
        return shape.Incident(pack=called, version="", sha256="", title="")
    origin = CERT if from_cert else Party(HOUSE.audience, f"source {pack.id}")
    decided = may_leave(read_label(pack.tlp), origin, CERT, Purpose.HELP, holder=HOUSE)
    if isinstance(decided, Withheld):
        raise UsageError(
            f"the pack's own label keeps its name here ({decided.reason}): say --pack-from-cert if this CERT gave "
            "it to you, or give the incident a name yourself with --incident"
        )
    from nachsorge.sharing.minimise import incident

    return incident(pack)


def _label(found: Judgement, tlp: Tlp | None, pap: Pap | None) -> Label:
    """Give the label of the whole: what is said, else never less than what people labelled of which it is made."""
    floor = least(found.assessment, found.labels)
    usual = most_restrictive([_USUAL, *([floor] if floor else [])])
    return Label(tlp or usual.tlp, pap or usual.pap)


def _before(file: Path | None, found: Judgement, incident: str) -> tuple[str, int]:
    """Give id and step of what the draft follows; an unsent draft of the same incident is that very step."""
    if file is not None:
        old = shape.decode(read(file), str(file))
        return old.id, old.sequence
    for id, sequence in drafts(found.folder, incident) if found.folder else ():
        if (id, sequence) not in {(one.id, one.sequence) for one in found.sent}:
            return id, sequence - 1
    last = next((one for one in reversed(found.sent) if one.pack == incident), None)
    return (last.id, last.sequence) if last else ("", 0)


def _place(found: Judgement, made: shape.Notification) -> Path:
    place = Path("notification.json")
    if found.folder is not None:
        place = found.folder / DRAFTS / f"{made.id[:8]}-{made.sequence}.json"
    if place.exists():
        raise UsageError(f"{place} is there already: edit it, remove it, or name another file with --output")
    return place


def _contact(name: str, email: str, phone: str, fingerprint: str) -> shape.Contact | None:
    if not any((name, email, phone, fingerprint)):
        return None
    return shape.Contact(name=name, email=email, phone=phone, fingerprint=fingerprint.replace(" ", "").upper())


def _done(text: str) -> shape.Done:
    what, _, told = text.partition(":")
    if what not in get_args(shape.DoneWord):
        raise UsageError(f"--done {text!r}: one of {', '.join(get_args(shape.DoneWord))}, and :TEXT if you like")
    word: Any = what
    return shape.Done(what=word, text=told.strip())


def _part(text: str) -> tuple[shape.PartName, Tlp]:
    name, _, label = text.partition("=")
    if name not in get_args(shape.PartName) or label.upper() not in set(Tlp):
        raise UsageError(f"--part {text!r}: write NAME=TLP, with one of {', '.join(get_args(shape.PartName))}")
    word: Any = name
    return word, Tlp(label.upper())


def _seen(file: Path | None, found: Judgement, pack: str) -> tuple[shape.Seen, ...]:
    if file is None:
        return ()
    known = found.indicators(pack)
    new = {
        (each.type, each.value): shape.Seen(
            type=each.type, value=each.value, role=each.role, tlp=each.tlp, note=" ".join(each.note.split())[:200]
        )
        for each in load_indicator_file(file).indicators
        if (each.type, each.value) not in known
    }
    return tuple(new.values())
