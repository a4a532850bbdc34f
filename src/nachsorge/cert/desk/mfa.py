"""A second factor for everybody of the CERT: without it nothing is reached but the page that sets it up.

The session itself must have seen the second factor. An account that has one, but came in by a way that did not ask
for it, is as weak as one without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_used
from django.conf import settings
from django.http import HttpResponseForbidden
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

from nachsorge.cert.desk.roles import NOBODY, Role, Viewer

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser, User
    from django.http import HttpRequest, HttpResponseBase

SEEN = "desk_second_factor"
"""In the session: for which user a second factor was shown."""

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)

OPEN = (
    "mfa_index",
    "mfa_activate_totp",
    "mfa_reauthenticate",
    "mfa_generate_recovery_codes",
    "mfa_view_recovery_codes",
    "mfa_download_recovery_codes",
    "account_reauthenticate",
    "account_login",
    "account_logout",
    "account_change_password",
    "set_language",
)
"""Names of the pages that a member of staff reaches without a second factor."""


def viewer_of(request: HttpRequest) -> Viewer:
    """Tell who is in front of the desk; asked once a request."""
    found: Viewer | None = getattr(request, "_desk_viewer", None)
    if found is None:
        found = _viewer(request)
        request._desk_viewer = found  # type: ignore[attr-defined]
    return found


class SecondFactor:
    """Middleware: staff without a second factor in this session are sent to the page that sets it up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let through, or send to the set-up page."""
        viewer = viewer_of(request)
        if not viewer.staff or viewer.strong or _is_open(request.path):
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseForbidden("A second factor is needed.", content_type="text/plain")
        return redirect(_where(request))


def connect() -> None:
    """Listen to the second factors of allauth."""
    authenticator_added.connect(_shown, dispatch_uid="desk-added")
    authenticator_used.connect(_shown, dispatch_uid="desk-used")
    authenticator_removed.connect(_gone, dispatch_uid="desk-removed")


def _viewer(request: HttpRequest) -> Viewer:
    user: User | AnonymousUser | None = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not user.is_active:
        return NOBODY
    # Groups alone make roles: Django's own flags for staff and superusers open nothing here.
    names = set(user.groups.values_list("name", flat=True))
    roles = frozenset(role for role in Role if role.value in names)
    seen = request.session.get(SEEN) == str(user.pk)
    strong = seen and Authenticator.objects.filter(user=user, type__in=FACTORS).exists()
    return Viewer(user.get_username(), roles, strong=strong)


def _is_open(path: str) -> bool:
    if path.startswith(settings.STATIC_URL):
        return True
    try:
        return resolve(path).view_name in OPEN
    except Resolver404:
        return False


def _where(request: HttpRequest) -> str:
    """Give the page that asks for the second factor, or the one that sets it up."""
    if Authenticator.objects.filter(user_id=request.user.pk, type__in=FACTORS).exists():
        return f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.path})}"
    return reverse("mfa_activate_totp")


def _shown(request: HttpRequest, user: AbstractBaseUser, **_details: object) -> None:
    request.session[SEEN] = str(user.pk)


def _gone(request: HttpRequest, **_details: object) -> None:
    request.session.pop(SEEN, None)
