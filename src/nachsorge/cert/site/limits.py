"""How much and how often: bodies are bounded before they are read, and so is what one address may send."""

from __future__ import annotations

from functools import wraps
from ipaddress import IPv6Address, ip_address, ip_network
from time import time
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast

from django.conf import settings
from django.core.cache import cache

from nachsorge.cert.site.errors import too_large, too_often, unsupported

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

P = ParamSpec("P")

if TYPE_CHECKING:
    View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

MAX_BODY = 2 * 1024 * 1024
"""Bytes of a request's body. A notification has at most half; forms and sealed files carry it in other clothes."""

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

DEFAULTS = {"report": "30/h", "receipt": "60/h", "api": "600/h", "public": "1200/h"}
"""How often one address may use what needs no account; `[limits]` in settings.toml changes them."""


class BodyLimit:
    """Refuse a body that is too large or packed before anything reads it.

    A packed body (`Content-Encoding`) is refused: nothing here unpacks, so no small body can become a large one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on, or answer 413 or 415."""
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            return unsupported(request)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > MAX_BODY:
            return too_large(request)
        return self.get_response(request)


def limited(name: str, methods: tuple[str, ...] = ("POST",)) -> Callable[[View[P]], View[P]]:
    """Let one address use a view only so often; more is answered with 429 and the time to wait."""

    def around(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            wait = spend(name, address(request)) if request.method in methods else 0
            return too_often(request, wait) if wait else view(request, *args, **kwargs)

        return cast("View[P]", guarded)

    return around


def spend(name: str, who: str) -> int:
    """Count one use of `name` by `who`; give 0, or the seconds until the next is allowed (RFC 9110, Retry-After)."""
    number, seconds = _rate(name)
    window = int(time()) // seconds
    key = f"limit:{name}:{who}:{window}"
    cache.add(key, 0, timeout=seconds + 1)
    try:
        used = cache.incr(key)
    except ValueError:  # the cache was full and let go of it just now
        return 0
    return (window + 1) * seconds - int(time()) if used > number else 0


def address(request: HttpRequest) -> str:
    """Give what one sender is counted by: the address, or for IPv6 the network of 64 bits that one line usually has."""
    text = str(request.META.get("REMOTE_ADDR", ""))
    try:
        found = ip_address(text)
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)


def _rate(name: str) -> tuple[int, int]:
    number, _, unit = str(settings.INSTANCE.limits.get(name, DEFAULTS[name])).partition("/")
    return int(number), _SECONDS[unit]
