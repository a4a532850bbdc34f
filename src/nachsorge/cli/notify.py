"""`nachsorge notify`: tell a CERT what may be told. What leaves is shown first, and only a yes lets it leave."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nachsorge.cases.notified import Sent, record
from nachsorge.cli.casefile import now, opened, who
from nachsorge.cli.decide import By
from nachsorge.cli.notify_draft import draft, refuse_leaks, refuse_wider
from nachsorge.cli.notify_label import label
from nachsorge.cli.notify_sent import beside, tell, told
from nachsorge.cli.notify_subject import case_of, judged_in, newest, read
from nachsorge.cli.post import PLAIN, SEALED, addressed, is_url, posted, safe
from nachsorge.cli.say import STDERR, write
from nachsorge.errors import UsageError
from nachsorge.model.labels import Audience, Party
from nachsorge.model.times import render
from nachsorge.sharing.notification import Notification, decode, encode
from nachsorge.sharing.outgoing import CERT, outgoing
from nachsorge.sharing.preview import LANGUAGES, digest, preview
from nachsorge.sharing.seal import seal as sealed_for

if TYPE_CHECKING:
    from nachsorge.sharing.outgoing import Outgoing

app = typer.Typer(
    help="Tell a CERT: draft, look at all that leaves, seal, send, ask what became of it.\n\n"
    "Example: nachsorge notify draft cases/3cx --sector manufacturing --region AT-4",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("label")(label)
app.command("draft")(draft)

Subject = Annotated[Path, typer.Argument(help="A notification's file, or a case's folder for its last draft.")]
Key = Annotated[Path | None, typer.Option("--key", help="The CERT's public OpenPGP key, a file.")]
Yes = Annotated[bool, typer.Option("--yes", help="You have seen the preview, and it may leave.")]
Identifiers = Annotated[
    bool, typer.Option("--identifiers", help="Hosts, users, internal or mail addresses in your texts may leave.")
]
Person = Annotated[str, typer.Option(help="TLP:RED is for one person: who gets it.")]


class Lang(StrEnum):
    """Languages of the preview."""

    EN = "en"
    DE = "de"
    BOTH = "both"


class Form(StrEnum):
    """Formats of other platforms."""

    STIX = "stix"
    MISP = "misp"


class Whom(StrEnum):
    """Whom an export is for."""

    CERT = "cert"
    CONSTITUENCY = "constituency"
    COMMUNITY = "community"
    PUBLIC = "public"


@app.command("preview")
def show(
    subject: Subject,
    lang: Annotated[Lang, typer.Option(help="Language.")] = Lang.BOTH,
) -> None:
    """Show everything that would leave, word by word; the last line is the digest of the very bytes."""
    found = _decoded(newest(subject))
    print("\n".join(preview(found, language) for language in _languages(lang)), end="")


@app.command()
def seal(
    subject: Subject,
    key: Annotated[Path, typer.Option("--key", help="The CERT's public OpenPGP key, a file.")],
    output: Annotated[str, typer.Option("--output", "-o", help="The sealed file; - for stdout.")] = "notification.asc",
    person: Person = "",
    yes: Yes = False,
    identifiers: Identifiers = False,
) -> None:
    """Encrypt it for the CERT, as a file for a mail or an upload.

    Example: nachsorge notify seal cases/3cx --key cert.asc -o for-the-cert.asc --yes
    """
    place = newest(subject)
    leaving = _checked(place, person, identifiers=identifiers)
    _confirm(leaving.notification, f"seal it for {key}", yes=yes)
    sealed = sealed_for(encode(leaving.notification), read(key))
    write(output, sealed.body)
    STDERR.print(f"{output}: opens with the key {sealed.fingerprint} only: compare it with what the CERT publishes")


@app.command()
def send(
    subject: Subject,
    to: Annotated[
        str, typer.Option("--to", help="The CERT's site (https://cert.example), an address in it, or a file.")
    ],
    key: Key = None,
    unsealed: Annotated[bool, typer.Option("--unsealed", help="Send it without encrypting it for the CERT.")] = False,
    token_file: Annotated[Path | None, typer.Option(help="File with the token that the CERT gave you.")] = None,
    case: Annotated[
        Path | None, typer.Option(help="The case to record it in, where it is not in the case's folder.")
    ] = None,
    person: Person = "",
    yes: Yes = False,
    identifiers: Identifiers = False,
    by: By = None,
) -> None:
    """Show it, and after a yes send it to the address that you name; the receipt is kept in the case.

    Example: nachsorge notify send cases/3cx --to https://cert.example --key cert.asc

    Without a token what is sealed goes where the site takes it from everybody, without an account.
    """
    place = newest(subject)
    folder = case or (subject if subject.is_dir() else case_of(place))
    name = who(by)
    if (key is None) != unsealed:
        raise UsageError("say --key FILE to seal it for the CERT, or --unsealed")
    if is_url(to):
        to = addressed(safe(to), token=token_file is not None, sealed=key is not None)
    leaving = _checked(place, person, identifiers=identifiers, case=folder)
    _confirm(leaving.notification, f"send it to {to}", yes=yes)
    content = encode(leaving.notification)
    sealed = sealed_for(content, read(key)) if key else None
    body, kind = (sealed.body, SEALED) if sealed else (content, PLAIN)
    token = read(token_file).decode("utf-8", "replace").strip() if token_file else ""
    receipt = posted(to, body, kind, token) if is_url(to) else {}
    if not is_url(to):
        write(to, body)
    sent = Sent(
        id=leaving.notification.id,
        sequence=leaving.notification.sequence,
        pack=leaving.notification.incident.pack,
        digest=digest(leaving.notification),
        to=to,
        sealed_for=sealed.fingerprint if sealed else "",
        receipt=receipt.get("receipt", ""),
        secret=receipt.get("secret", ""),
        time=render(now()),
    )
    tell(sent, shown=True)  # before it is recorded: a receipt must not be lost with a full disk
    if folder is None:
        beside(place, sent)
        return
    with opened(folder) as open_case:
        record(open_case, sent, content, now(), name)


@app.command()
def status(
    subject: Annotated[Path, typer.Argument(help="A case's folder, or a notification's file.")],
    ask: Annotated[bool, typer.Option("--ask", help="Ask the CERT's server, with the receipt's secret.")] = False,
) -> None:
    """Tell what left, when, where to, with which receipt; with --ask also what became of it."""
    listed = told(subject)
    for sent in listed:
        tell(sent, ask=ask)
    if not listed:
        print(f"{subject}: no notification has left")


@app.command()
def export(
    subject: Subject,
    to: Annotated[Form, typer.Option("--to", help="stix (2.1), or misp (an event).")],
    output: Annotated[str, typer.Option("--output", "-o", help="A file; - for stdout.")] = "-",
    whom: Annotated[Whom, typer.Option("--for", help="Whom it is for; other parts stay, and are named.")] = Whom.CERT,
    person: Person = "",
    yes: Yes = False,
    identifiers: Identifiers = False,
) -> None:
    """Write the same content for platforms: STIX 2.1 or a MISP event, every object with its own label.

    Example: nachsorge notify export cases/3cx --to misp -o event.json --yes
    """
    from nachsorge.exports.notifications import misp, stix
    from nachsorge.exports.notifications.seams import Leaving

    found = _decoded(newest(subject))
    _looked_through(newest(subject), found, identifiers=identifiers)
    recipient = _recipient(person) if whom is Whom.CERT else Party(Audience(whom.value))
    leaving = outgoing(found, recipient)
    if not leaving.parts:
        raise UsageError(f"nothing of it may go there: {'; '.join(sorted(set(leaving.withheld.values())))}")
    told = Leaving(
        id=found.id,
        sequence=found.sequence,
        made=found.made,
        pap=found.labels.pap,
        values=leaving.values(),
        releases=leaving.parts,
    )
    body = (stix if to is Form.STIX else misp).write(told)
    _confirm(found, f"write it to {output}", yes=yes)
    write(output, body)
    for part, reason in leaving.withheld.items():
        STDERR.print(f"stays: {part}: {reason}")


def _decoded(place: Path) -> Notification:
    return decode(read(place), str(place))


def _checked(place: Path, person: str, *, identifiers: bool, case: Path | None = None) -> Outgoing:
    """Read it, and let it pass the door as a whole; UsageError where it may not."""
    found = _decoded(place)
    _looked_through(place, found, identifiers=identifiers, case=case)
    leaving = outgoing(found, _recipient(person))
    if leaving.whole is None:
        raise UsageError(f"it stays: {'; '.join(sorted(set(leaving.withheld.values())))}")
    return leaving


def _looked_through(place: Path, found: Notification, *, identifiers: bool, case: Path | None = None) -> None:
    """Look again for names of the house, and at the labels: the draft may have been edited."""
    folder = case or case_of(place)
    judgement = judged_in(folder) if folder else None
    refuse_wider(found, judgement)
    refuse_leaks(found, judgement, identifiers=identifiers)


def _recipient(person: str) -> Party:
    return Party(Audience.NAMED, person) if person else CERT


def _languages(lang: Lang) -> tuple[str, ...]:
    return LANGUAGES if lang is Lang.BOTH else (lang.value,)


def _confirm(found: Notification, what: str, *, yes: bool) -> None:
    """Show all of it, and go on only after a yes."""
    for language in LANGUAGES:
        STDERR.print(preview(found, language))
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"nothing left the house: look at the preview, then say --yes to {what}")
    if not typer.confirm(f"All of this, and nothing else, leaves. Do {what}?", err=True):
        raise UsageError("nothing left the house")
