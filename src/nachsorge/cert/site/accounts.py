"""Accounts are made by the CERT, never by visitors; second factors are kept encrypted."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest


class StaffAccounts(DefaultAccountAdapter):
    """Nobody signs up: `nachsorge cert user` and the staff pages make accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Give no."""
        return False


class SealedFactors(DefaultMFAAdapter):
    """The secrets of one-time passwords stand encrypted in the database: its copy alone gives no factor away."""

    def encrypt(self, text: str) -> str:
        """Encrypt with a key made from the site's secret, which is not in the database."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Undo `encrypt`."""
        return _box().decrypt(encrypted_text.encode()).decode()


def _box() -> Fernet:
    return Fernet(urlsafe_b64encode(sha256(b"mfa:" + settings.SECRET_KEY.encode()).digest()))
