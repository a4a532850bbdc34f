"""What arrives as bytes: plain or sealed, told apart and bounded before anything is unpacked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from nachsorge.cert.intake.receive import receive, receive_sealed
from nachsorge.sharing.seal import ARMOUR, LARGEST_SEALED, SealError, unseal

if TYPE_CHECKING:
    from nachsorge.cert.intake.models import Source
    from nachsorge.cert.intake.receipts import Receipt
    from nachsorge.cert.registry.models import ApiToken

CONTENT_TYPES = ("application/json", "application/pgp-encrypted")


def taken(body: bytes, source: Source, *, token: ApiToken | None = None) -> Receipt:
    """Take what arrived, whatever of the two it is.

    Raises:
        NotificationError: it is neither, or cannot be opened with the server's key.
        Refused: it is not taken.
    """
    if not body.lstrip().startswith(ARMOUR):
        return receive(body, source, token=token)
    if len(body) > LARGEST_SEALED:
        raise SealError(f"{len(body)} bytes; at most {LARGEST_SEALED} are read")
    if settings.INSTANCE.offline_key:
        return receive_sealed(body.strip() + b"\n", source, token=token)
    return receive(_unsealed(body), source, token=token)


def _unsealed(body: bytes) -> bytes:
    if not settings.INSTANCE.key:
        raise SealError("this CERT has no key; send it plain, or by the form")
    return unseal(body, home=settings.INSTANCE.keys)
