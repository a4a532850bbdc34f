"""The public start page, the key, and the small files that every site has."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from nachsorge.cert.registry.models import Campaign

if TYPE_CHECKING:
    from django.http import HttpRequest

KEY_FILE = "public.asc"


def start(request: HttpRequest) -> HttpResponse:
    """Say who is asked what, and how to answer."""
    campaigns = Campaign.objects.filter(state=Campaign.State.OPEN)
    return render(request, "site/start.html", {"campaigns": campaigns, "mail": settings.INSTANCE.mail})


def forgotten(request: HttpRequest) -> HttpResponse:
    """Say who sets passwords anew."""
    return render(request, "site/forgotten.html")


def robots(request: HttpRequest) -> HttpResponse:
    """Ask search engines to leave everything alone: what the CERT publishes, it publishes itself."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")


def security_txt(request: HttpRequest) -> HttpResponse:
    """Serve RFC 9116's file: whom to tell of a hole in this site. It expires within a year (section 2.5.5)."""
    instance = settings.INSTANCE
    base = instance.public_url or request.build_absolute_uri("/").rstrip("/")
    midnight = datetime.combine(datetime.now(UTC).date(), time(), UTC)
    lines = [
        f"Contact: mailto:{instance.mail}" if instance.mail else f"Contact: {base}{reverse('report')}",
        f"Expires: {(midnight + timedelta(days=180)).strftime('%Y-%m-%dT%H:%M:%SZ')}",
        "Preferred-Languages: de, en",
        f"Canonical: {base}{reverse('security_txt')}",
    ]
    if _public_key():
        lines.insert(1, f"Encryption: {base}{reverse('public_key')}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def public_key(request: HttpRequest) -> HttpResponse:
    """Serve the CERT's public OpenPGP key."""
    key = _public_key()
    if not key:
        raise Http404
    response = HttpResponse(key, content_type="application/pgp-keys")
    response.headers["Content-Disposition"] = 'attachment; filename="cert.asc"'
    return response


def _public_key() -> bytes:
    try:
        return bytes((settings.INSTANCE.folder / KEY_FILE).read_bytes())
    except FileNotFoundError:
        return b""
