"""The app that holds what every page shares."""

from __future__ import annotations

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Base templates, styles and catalogues."""

    name = "nachsorge.cert.site"
    label = "site"
    verbose_name = "Site"
