"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Models, pages and migrations of this app."""

    name = "nachsorge.cert.intake"
    label = "intake"
    default_auto_field = "django.db.models.BigAutoField"
