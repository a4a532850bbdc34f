"""Taking a notification in: checked, compared with what is there, stored, and only then acknowledged.

Everything happens in one transaction. The receipt is given after it has been committed; with SQLite's
`synchronous=FULL` and PostgreSQL's defaults it then survives the end of the process and of the power.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as N_  # noqa: N812  the name that the collector of messages knows

from nachsorge.cert.intake.models import Source, Submission
from nachsorge.cert.intake.receipts import Receipt, hash_of, new_number, secret_of
from nachsorge.cert.intake.signals import arrived, opened
from nachsorge.cert.registry.models import Campaign
from nachsorge.errors import NachsorgeError
from nachsorge.sharing.notification import decode, encode

if TYPE_CHECKING:
    from datetime import datetime

    from nachsorge.cert.registry.models import ApiToken, Organisation
    from nachsorge.sharing.notification import Notification


class Refused(NachsorgeError):
    """A well-formed notification that is not taken; the message says why and tells nothing of what others sent."""


STALE = N_("a notification with this id and this or a higher sequence is there already; an update needs a higher one")
OTHERS = N_("a notification with this id came from another sender")
_ATTEMPTS = 3


def receive(
    body: bytes,
    source: Source,
    *,
    token: ApiToken | None = None,
    organisation: Organisation | None = None,
    received: datetime | None = None,
) -> Receipt:
    """Take one notification in and give its receipt.

    The same content gets the same receipt's number and is stored once; the secret is told again to the same token only.
    A higher sequence takes the place of what was told before.

    Args:
        body: the notification as JSON; it is stored in its canonical form.
        source: by which way it came.
        token: what the sender showed; its organisation is the submission's.
        organisation: whose it is, where the CERT itself says so (import).
        received: when it came, where that was earlier than now (import).

    Raises:
        NotificationError: it is no notification; with all problems.
        Refused: another content with the same id and sequence is there, or an update comes from another sender.
    """
    return keep(decode(body), source, token=token, organisation=organisation, received=received)


def keep(
    content: Notification,
    source: Source,
    *,
    token: ApiToken | None = None,
    organisation: Organisation | None = None,
    received: datetime | None = None,
) -> Receipt:
    """Do what `receive` does, with a notification that was decoded."""
    raw = encode(content)
    owner = organisation or (token.organisation if token else None)
    fresh = _filled(Submission(source=source, token=token, organisation=owner), content, raw)
    fresh.digest = sha256(raw).hexdigest()
    fresh.received = received or timezone.now()
    return _stored(fresh)


def receive_sealed(body: bytes, source: Source, *, token: ApiToken | None = None) -> Receipt:
    """Take a sealed file in as it came: the key that opens it is not on this server.

    It is taken to be AMBER+STRICT and voluntary until it is opened.
    """
    owner = token.organisation if token else None
    fresh = Submission(source=source, token=token, organisation=owner, channel="voluntary", sealed=body)
    fresh.digest = sha256(body).hexdigest()
    fresh.received = timezone.now()
    return _stored(fresh)


@transaction.atomic
def open_sealed(number: str, body: bytes) -> Submission:
    """Add the content of a file that was opened elsewhere.

    Raises:
        NotificationError: what was opened is no notification.
        Refused: there is no such file, or it has been opened, or a later step of the notification is there.
    """
    found = Submission.objects.select_for_update().filter(number=number, raw=b"").first()
    if found is None:
        raise Refused(f"{number} is no receipt of a sealed file that waits to be opened")
    content = decode(body)
    raw = encode(content)
    before = _before(content)
    same = before is not None and before.sequence == content.sequence and bytes(before.raw) == raw
    _filled(found, content, raw)
    if same:
        # The same content was sealed twice, or came another way as well: kept, but not a second report.
        found.notification_id, found.current = None, False
    else:
        _take_place(found, before)
    found.save()
    opened.send(Submission, submission=found)
    return found


def _stored(fresh: Submission) -> Receipt:
    """Store, or find that it is there; two that arrive at once meet at the unique constraints and one tries again."""
    for attempt in range(_ATTEMPTS):
        try:
            with transaction.atomic():
                return _store(fresh)
        except IntegrityError:
            if attempt == _ATTEMPTS - 1:
                raise
            fresh.pk = None
            fresh._state.adding = True
    raise AssertionError("unreachable")


def _store(fresh: Submission) -> Receipt:
    known = Submission.objects.filter(digest=fresh.digest).first()
    before = _before(fresh) if known is None else None
    if before is not None and before.sequence == fresh.sequence and bytes(before.raw) == bytes(fresh.raw):
        known = before
    if known is not None:
        again = known.token_id is not None and known.token_id == fresh.token_id
        return Receipt(known.number, secret_of(known.number) if again else "", True, known.received)
    _take_place(fresh, before)
    fresh.number = new_number()
    secret = secret_of(fresh.number)
    fresh.secret_hash = hash_of(secret)
    fresh.save(force_insert=True)
    arrived.send(Submission, submission=fresh)
    return Receipt(fresh.number, secret, False, fresh.received)


def _before(fresh: Submission | Notification) -> Submission | None:
    """Give the latest step of the same notification.

    The first step is locked before: all updates of a notification wait there for each other, and each then sees what
    the one before it has stored.
    """
    wanted = fresh.notification_id if isinstance(fresh, Submission) else fresh.id
    if wanted is None:
        return None
    steps = Submission.objects.filter(notification_id=wanted)
    if steps.select_for_update().order_by("pk").first() is None:
        return None
    return steps.order_by("sequence", "pk").last()


def _take_place(fresh: Submission, before: Submission | None) -> None:
    """Let an update follow what was told before; the id is known to the sender and the CERT only."""
    if before is None:
        return
    if fresh.sequence <= before.sequence:
        raise Refused(STALE)
    if before.token_id is not None and before.token_id != fresh.token_id and before.organisation_id != _owner(fresh):
        raise Refused(OTHERS)
    fresh.supersedes = before
    fresh.organisation_id = fresh.organisation_id or before.organisation_id
    Submission.objects.filter(pk=before.pk).update(current=False)


def _owner(fresh: Submission) -> int | None:
    # None must not be equal to None here: two tokens without an organisation are two senders.
    return fresh.organisation_id or -1


def _filled(target: Submission, content: Notification, raw: bytes) -> Submission:
    """Copy into columns what queries ask for."""
    target.raw = raw
    target.notification_id = content.id
    target.sequence = content.sequence
    target.channel = content.channel
    target.label = content.labels.tlp.value
    target.sector = content.organisation.sector
    target.region = content.organisation.region
    target.may_count = content.purposes.count
    target.campaign = campaign_of(content.incident.pack)
    return target


def campaign_of(pack: str) -> Campaign | None:
    """Give the campaign that asks about this pack: an open one before a closed one, the newest first."""
    asking = [each for each in Campaign.objects.all() if pack in each.packs]
    return next((each for each in asking if each.state == Campaign.State.OPEN), asking[0] if asking else None)
