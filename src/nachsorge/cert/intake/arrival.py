"""What arrives as bytes: plain or sealed, told apart and bounded before anything is unpacked."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings

from nachsorge.cert.intake.receive import receive, receive_sealed
from nachsorge.errors import Problem
from nachsorge.sharing.notification import LARGEST, NotificationError

if TYPE_CHECKING:
    from nachsorge.cert.intake.models import Source
    from nachsorge.cert.intake.receipts import Receipt
    from nachsorge.cert.registry.models import ApiToken

CONTENT_TYPES = ("application/json", "application/pgp-encrypted")
ARMOUR = b"-----BEGIN PGP MESSAGE-----"
LARGEST_SEALED = 2 * LARGEST
"""A notification in armour is a third longer than it is, and may have been compressed or not."""


def taken(body: bytes, source: Source, *, token: ApiToken | None = None) -> Receipt:
    """Take what arrived, whatever of the two it is.

    Raises:
        NotificationError: it is neither, or cannot be opened with the server's key.
        Refused: it is not taken.
    """
    if not body.lstrip()[: len(ARMOUR)] == ARMOUR:
        return receive(body, source, token=token)
    if len(body) > LARGEST_SEALED:
        raise _wrong(f"{len(body)} bytes; at most {LARGEST_SEALED} are read")
    if settings.INSTANCE.offline_key:
        return receive_sealed(body.strip() + b"\n", source, token=token)
    return receive(_unsealed(body), source, token=token)


def _unsealed(body: bytes) -> bytes:
    seal = import_module("nachsorge.sharing.seal")
    content: bytes = seal.unseal(body, home=settings.INSTANCE.keys, largest=LARGEST)
    return content


def _wrong(message: str) -> NotificationError:
    return NotificationError([Problem(path="sealed file", message=message)])
