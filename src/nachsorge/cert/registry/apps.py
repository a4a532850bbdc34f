"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Models, pages and migrations of this app."""

    name = "nachsorge.cert.registry"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"
