"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig


class PictureConfig(AppConfig):
    """Models, pages and migrations of this app."""

    name = "nachsorge.cert.picture"
    label = "picture"
    default_auto_field = "django.db.models.BigAutoField"
