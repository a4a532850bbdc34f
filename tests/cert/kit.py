"""Made notifications, and people who are signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from nachsorge.sharing.notification import Notification, decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN: dict[str, Any] = {
    "schema": "nachsorge.notification/1",
    "id": "",
    "sequence": 1,
    "made": "2023-04-17T09:00:00Z",
    "tool": "nachsorge tests",
    "incident": {"pack": "3cx-2023", "version": "1.0.0", "sha256": "", "title": "3CX Desktop App"},
    "organisation": {"name": "", "sector": "health", "region": "AT-9", "size": "medium"},
    "channel": "voluntary",
    "contact": None,
    "assets": {
        "scope": 40,
        "verdicts": {"compromised": 3, "suspected": 1, "open": 6, "ruled_out": 30},
        "rungs": [
            {"rung": "exposed", "shown": 3, "suspected": 0, "open": 7, "ruled_out": 30},
            {"rung": "contacted", "shown": 1, "suspected": 1, "open": 8, "ruled_out": 30},
        ],
    },
    "coverage": [{"telemetry": "dns_query", "whole": 30, "partly": 4, "none": 6, "reasons": {"not-provided": 6}}],
    "weeks": {"first": "2023-W12", "last": "2023-W13"},
    "done": [{"what": "updated", "text": ""}],
    "indicators": [],
    "help": {"wanted": ["technical-details"], "text": ""},
    "labels": {"tlp": "AMBER", "pap": "GREEN", "parts": {}},
    "purposes": {"count": True, "pass_to": [], "name": False},
    "note": "",
}


def notification(**changes: Any) -> Notification:
    """Make a valid one with an id of its own; parts that are given as mappings are laid over the plain ones."""
    body = PLAIN | {"id": str(uuid4())}
    for name, value in changes.items():
        body[name] = {**body[name], **value} if isinstance(value, dict) and isinstance(body[name], dict) else value
    return decode(msgspec.json.encode(body))


def sent(**changes: Any) -> bytes:
    """Give the canonical bytes of `notification`."""
    return encode(notification(**changes))


def signed_in(name: str = "ada", role: str = "analyst", *, strong: bool = True) -> Any:
    """Give a client of Django's in which somebody of this role is signed in, with a second factor if `strong`."""
    from allauth.mfa.models import Authenticator
    from django.contrib.auth.models import Group, User
    from django.test import Client

    user, _new = User.objects.get_or_create(username=name, defaults={"is_staff": role != "reporter"})
    user.groups.set([Group.objects.get_or_create(name=role)[0]])
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    if strong:
        from nachsorge.cert.desk.mfa import SEEN

        Authenticator.objects.get_or_create(user=user, type=Authenticator.Type.TOTP, defaults={"data": {"secret": ""}})
        session = client.session
        session[SEEN] = str(user.pk)
        session.save()
    return client


def form_fields(**changes: str | list[str]) -> Mapping[str, str | list[str]]:
    """Give the least that the public form takes."""
    from nachsorge.cert.intake.compose import new_draft

    return {
        "draft": new_draft(),
        "campaign": "3cx-2023",
        "channel": "voluntary",
        "sector": "health",
        "region": "AT-9",
        "size": "medium",
        "scope": "40",
        "tlp": "AMBER",
        "count": "yes",
        **changes,
    }
