"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Models, pages and migrations of this app."""

    name = "nachsorge.cert.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen: every submission gets its case in the transaction that stores it; second factors are noted."""
        from nachsorge.cert.desk import mfa, opening

        mfa.connect()
        opening.connect()
