"""Tokens of programs: made once, shown once, kept as a hash."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from django.utils import timezone

from nachsorge.cert.registry.models import ApiToken

if TYPE_CHECKING:
    from nachsorge.cert.registry.models import Organisation

PREFIX = "nachsorge_"
"""So that scanners for leaked secrets recognise one."""


def make(name: str, *, by: str, organisation: Organisation | None = None) -> str:
    """Make a token and give it; it cannot be shown again."""
    token = PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(name=name, digest=_digest(token), organisation=organisation, made_by=by)
    return token


def holder(token: str) -> ApiToken | None:
    """Give the token's record if it is valid, and note that it was used, to the minute."""
    found = ApiToken.objects.filter(digest=_digest(token), revoked=None).select_related("organisation").first()
    now = timezone.now()
    if found is not None and (found.used is None or now - found.used > timedelta(minutes=1)):
        ApiToken.objects.filter(pk=found.pk).update(used=now)
    return found


def _digest(token: str) -> str:
    return sha256(token[:200].encode("utf-8", "replace")).hexdigest()
