"""`nachsorge answer import`: what a CERT gave back, verified, laid over the pack, and the case judged again."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from nachsorge.cases.notified import Sent, sent_of
from nachsorge.cases.state import state_of
from nachsorge.cli.casefile import into, now, opened, tell_changes, who
from nachsorge.cli.decide import By
from nachsorge.cli.notify_subject import read
from nachsorge.cli.post import asked, is_url, plain
from nachsorge.cli.say import STDERR
from nachsorge.errors import UsageError
from nachsorge.reports.one_line import one_line
from nachsorge.sharing import answer as shape
from nachsorge.sharing.seal import ARMOUR, SealError, unseal, verified

if TYPE_CHECKING:
    from nachsorge.cases.store import Case
    from nachsorge.model.pack import Pack
    from nachsorge.sharing.overlay import Laid

app = typer.Typer(
    help="What a CERT gave back.\n\nExample: nachsorge answer import answer.asc cases/3cx --key cert.asc",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _group() -> None:
    """Keep `import` a word of its own although it is the only one."""


@app.command("import")
def take(
    source: Annotated[str, typer.Argument(help="The answer: a file, or the address that the CERT's server gives.")],
    folder: Annotated[Path, typer.Argument(help="The case's folder.")],
    key: Annotated[Path, typer.Option("--key", help="The CERT's public OpenPGP key, a file: who must have signed it.")],
    signature: Annotated[Path | None, typer.Option(help="The signature, where it is a file of its own.")] = None,
    gnupg_home: Annotated[
        Path | None, typer.Option(help="GnuPG's folder with your secret key, for a sealed answer. Default: ~/.gnupg.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 for one a core.")] = 0,
    by: By = None,
) -> None:
    """Verify an answer, lay it over the pack of the case, read the evidence for what is new, and show what changed.

    Exit codes: those of check, over everything in the case.
    """
    name = who(by)
    with opened(folder) as case:
        sent = sent_of(case.entries())
        content, signer = _opened(_content(source, sent), key, signature, gnupg_home)
        found = _decoded(content, source)
        pack = _pack(case, found, sent)
    from nachsorge.sweep.answers import KIND, laid_over

    laid = laid_over(pack, found)
    told = _told(found, laid, signer)
    print("\n".join(told))
    judged = into(folder, (), packs=[laid.pack], jobs=jobs, by=name, quiet=True)
    # Only now: what was interrupted before can be imported again.
    with opened(folder) as case, case.writing() as writer:
        blob = writer.put(shape.encode(found))
        body = {
            "id": found.id,
            "notification": found.notification,
            "pack": pack.id,
            "tlp": found.label.tlp.value,
            "pap": found.label.pap.value,
            "signed_by": signer,
            "blob": blob,
            "reason": told[0],
        }
        writer.append(KIND, body, now(), name, mark=f"answer {found.id}")
    tell_changes(judged)
    if not judged.changed:
        print("nothing changed")
    STDERR.print(one_line(judged.judgement.assessment, "en"))
    raise typer.Exit(judged.judgement.assessment.summary.exit)


def _content(source: str, sent: tuple[Sent, ...]) -> bytes:
    if not is_url(source):
        return read(Path(source))
    # The secret goes to the server that gave it and to no other.
    known = (one for one in sent if one.receipt and one.receipt in source and _same_host(one.to, source))
    secret = next((one.secret for one in known), "")
    return asked(source, secret, shape.LARGEST * 2)


def _same_host(first: str, second: str) -> bool:
    a, b = urlsplit(first), urlsplit(second)
    return (a.scheme, a.netloc) == (b.scheme, b.netloc)


def _opened(body: bytes, key: Path, signature: Path | None, home: Path | None) -> tuple[bytes, str]:
    """Open it if it is sealed, and give what the CERT's key signed, with that key's fingerprint."""
    beside = read(signature) if signature else b""
    largest = shape.LARGEST
    if not beside and body.lstrip().startswith(ARMOUR):
        with suppress(SealError, UsageError):  # signed only, or not for us: then the signature is what is missing
            body = unseal(body, home=home or Path.home() / ".gnupg", largest=2 * largest, largest_sealed=2 * largest)
    found = verified(body, read(key), signature=beside, largest=largest)
    return found.content, found.fingerprint


def _decoded(content: bytes, source: str) -> shape.Answer:
    found = shape.decode(content.rstrip(b"\r\n"), source)
    if shape.encode(found) != content.rstrip(b"\r\n"):
        raise UsageError(f"{source}: it is not in canonical form (RFC 8785), so nobody knows what was signed")
    return found


def _pack(case: Case, found: shape.Answer, sent: tuple[Sent, ...]) -> Pack:
    from nachsorge.sweep.answers import KIND
    from nachsorge.sweep.caselaw import packs_of

    entries = case.entries()
    if any(entry.kind == KIND and entry.body["id"] == found.id for entry in entries):
        raise UsageError(f"the answer {found.id} is in the case already")
    if found.notification not in {one.id for one in sent}:
        raise UsageError(f"it answers the notification {found.notification}, which did not leave from this case")
    packs = {pack.id: pack for pack in packs_of(case, state_of(entries))}
    if found.pack.id not in packs:
        raise UsageError(f"it lies over the pack {found.pack.id}, and the case has {', '.join(packs) or 'none'}")
    return packs[found.pack.id]


def _told(found: shape.Answer, laid: Laid, signer: str) -> list[str]:
    label = found.label
    lines = [f"answer {found.id} of {found.made}, TLP:{label.tlp} PAP:{label.pap}, signed by {signer}"]
    lines += [f"  new: {plain(one)}" for one in laid.added]
    lines += [f"  {laid.known} known already"] if laid.known else []
    lines += [f"  NOT UNDERSTOOD, so its stage stays open: {plain(one)}" for one in laid.lost]
    lines += [f"  {plain(line)}" for line in found.text.split("\n") if line]
    return lines
