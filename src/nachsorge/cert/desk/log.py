"""Writing into the log and walking its chain: every change, and every reading of what is restricted."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from nachsorge.cert.desk import chain
from nachsorge.cert.desk.models import Entry, Head
from nachsorge.cert.desk.names import DETAILS, VALUES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SERVER = "server"
REPORTER = "reporter"
LONGEST = 2_000


class Act(StrEnum):
    """What an entry tells of. Closed, so that a reader of the log knows all that can stand there."""

    RECEIVED = "received"
    OPENED = "opened"
    UPDATE = "update"
    RAISED = "label raised"
    STATE = "state"
    ASSIGNED = "assigned"
    NAMED = "named"
    NOTE = "note"
    LINKED = "linked"
    UNLINKED = "unlinked"
    ORGANISATION = "organisation"
    AWARE = "aware"
    MILESTONE = "milestone"
    ANSWERED = "answered"
    SEALED = "sealed"
    WITHDRAWN = "withdrawn"
    FETCHED = "fetched"
    DUTY = "duty to forward"
    FORWARDED = "forwarded"
    READ = "read"
    EXPORTED = "exported"
    RELEASE = "release"
    ACCOUNT = "account"


def write(who: str, act: Act, subject: str = "", why: str = "", **details: str) -> Entry:
    """Append one entry, in the caller's transaction if there is one: what is rolled back never happened.

    Args:
        who: the user's name, or `SERVER` or `REPORTER`.
        act: what was done.
        subject: the submission's number, or empty.
        why: the person's words; control characters become spaces, so that an entry stays an entry wherever it is shown.
        details: short texts, such as the states before and after. No content of a submission: the log outlives it.
    """
    said = {name: plain(value) for name, value in details.items()}
    with transaction.atomic():
        Head.objects.get_or_create(pk=1, defaults={"digest": chain.ORIGIN})
        head = Head.objects.select_for_update().get(pk=1)
        fact = chain.Fact(
            head.number + 1, _stamp(timezone.now()), who, act.value, subject, plain(why), said, head.digest
        )
        entry = Entry.objects.create(
            number=fact.number,
            at=fact.at,
            who=fact.who,
            act=fact.act,
            subject=fact.subject,
            why=fact.why,
            details=said,
            previous=fact.previous,
            digest=chain.digest(fact),
        )
        head.number, head.digest = entry.number, entry.digest
        head.save()
    return entry


def head() -> chain.Proof:
    """Give the number of entries and the digest of the last, without walking the chain."""
    last = Entry.objects.order_by("-number").first()
    return chain.Proof(last.number if last else 0, last.digest if last else chain.ORIGIN, ())


def verify(known_head: str = "") -> chain.Proof:
    """Walk the whole log; see `chain.verify`."""
    proof = chain.verify(_facts(Entry.objects.iterator(chunk_size=1000)), known_head)
    head = Head.objects.filter(pk=1).first()
    if head is not None and (head.number, head.digest) != (proof.entries, proof.head):
        cut = chain.Break(proof.entries, f"the log should end with number {head.number}")
        return chain.Proof(proof.entries, proof.head, (*proof.breaks, cut))
    return proof


def plain(text: str) -> str:
    """Make one line of printable characters, at most `LONGEST`: nobody writes a second entry by a line break."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:LONGEST]


def told(details: Mapping[str, str]) -> str:
    """Say the details of an entry in one line, in the reader's language; a change as an arrow."""
    said = {name: str(VALUES.get(value, value)) for name, value in details.items()}
    rest = [f"{DETAILS.get(name, name)}: {said[name]}" for name in sorted(said) if name not in ("before", "after")]
    if "after" in said:
        rest.insert(0, f"{said.get('before') or '–'} → {said['after'] or '–'}")
    return ", ".join(rest)


def _facts(entries: Iterable[Entry]) -> Iterable[tuple[chain.Fact, str]]:
    for one in entries:
        fact = chain.Fact(one.number, one.at, one.who, one.act, one.subject, one.why, one.details, one.previous)
        yield fact, one.digest


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
