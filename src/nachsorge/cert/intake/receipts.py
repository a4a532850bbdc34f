"""Receipts: a public number, and a secret that opens what became of it.

The secret is made from the number with a key that is not in the database, and its hash is stored: a copy of the
database opens no receipt, and a sender that lost the answer on the way can be told the same secret again.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.conf import settings

from nachsorge.cert.intake.models import Submission

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that reads as a digit."""

_READ_AS = str.maketrans("OIL", "011", "- \t\r\n")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender gets. `known`: the very same was there before. `secret` is empty where another sender has it."""

    number: str
    secret: str
    known: bool
    received: datetime


def new_number() -> str:
    """Make a number of 60 random bits, in three groups."""
    text = "".join(secrets.choice(ALPHABET) for _ in range(12))
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"


def secret_of(number: str) -> str:
    """Give the secret of a number: 130 bits, in groups for people who type it."""
    digest = hmac.digest(settings.INSTANCE.receipt_key.encode(), f"receipt:{number}".encode(), "sha256")
    text = b32encode(digest).decode()[:25]
    return "-".join(text[at : at + 5] for at in range(0, 25, 5))


def hash_of(secret: str) -> str:
    """Give what is stored of a secret."""
    return sha256(secret.encode()).hexdigest()


def find(number: str, secret: str) -> Submission | None:
    """Give the submission of a receipt; None where number or secret is wrong, without telling which."""
    found = Submission.objects.filter(number=_number(number)).select_related("campaign").first()
    wanted = found.secret_hash if found else hash_of("")
    given = hash_of(_secret(secret))
    return found if hmac.compare_digest(wanted, given) and found else None


def _number(text: str) -> str:
    plain = "".join(char for char in text[:64].upper().translate(_READ_AS) if char in ALPHABET)
    return f"{plain[:4]}-{plain[4:8]}-{plain[8:]}"


def _secret(text: str) -> str:
    # Base 32 of RFC 4648 has no 0, 1 and 8: whoever reads an O or I as a digit is understood.
    plain = text[:64].upper().translate(str.maketrans("018", "OIB", "- \t\r\n"))
    return "-".join(plain[at : at + 5] for at in range(0, len(plain), 5))
