"""Start Django for one instance."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nachsorge.cert.site.instance import use

if TYPE_CHECKING:
    from nachsorge.cert.site.instance import Instance

SETTINGS_MODULE = "nachsorge.cert.site.settings"


def start(instance: Instance) -> None:
    """Set Django up with this instance; once per process."""
    import django

    use(instance)
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS_MODULE
    django.setup()
