"""What every template may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from nachsorge import __version__

if TYPE_CHECKING:
    from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Give the site's name, its key's fingerprint in groups of four, and the version that style sheets are asked by."""
    instance = settings.INSTANCE
    return {"site_name": instance.name, "site_key": grouped(instance.key), "version": __version__}


def grouped(fingerprint: str) -> str:
    """Write a fingerprint in groups of four, as people compare it."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))
