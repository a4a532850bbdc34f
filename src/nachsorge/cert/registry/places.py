"""Sectors, regions and sizes as people read them. The values are the notification's, and are never translated."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SECTORS = (
    ("energy", _("Energy")),
    ("transport", _("Transport")),
    ("banking", _("Banking")),
    ("financial", _("Financial market infrastructures")),
    ("health", _("Health")),
    ("drinking-water", _("Drinking water")),
    ("waste-water", _("Waste water")),
    ("digital-infrastructure", _("Digital infrastructure")),
    ("ict-services", _("ICT service management")),
    ("public-administration", _("Public administration")),
    ("space", _("Space")),
    ("courier", _("Postal and courier services")),
    ("waste-management", _("Waste management")),
    ("chemical", _("Chemicals")),
    ("food", _("Food")),
    ("manufacturing", _("Manufacturing")),
    ("digital-providers", _("Digital providers")),
    ("research", _("Research")),
    ("none", _("None of these")),
    ("unknown", _("Unknown")),
)
"""The 18 sectors of Directive (EU) 2022/2555 (NIS2), annexes I and II."""

REGIONS = (
    ("AT-1", _("Burgenland")),
    ("AT-2", _("Carinthia")),
    ("AT-3", _("Lower Austria")),
    ("AT-4", _("Upper Austria")),
    ("AT-5", _("Salzburg")),
    ("AT-6", _("Styria")),
    ("AT-7", _("Tyrol")),
    ("AT-8", _("Vorarlberg")),
    ("AT-9", _("Vienna")),
    ("several", _("Several")),
    ("unknown", _("Unknown")),
)
"""The nine Länder by ISO 3166-2:AT."""

SIZES = (
    ("micro", _("Micro (fewer than 10 people)")),
    ("small", _("Small (fewer than 50 people)")),
    ("medium", _("Medium (fewer than 250 people)")),
    ("large", _("Large (250 people or more)")),
    ("unknown", _("Unknown")),
)
"""Bands of Recommendation 2003/361/EC by number of people."""

RUNGS = (
    ("exposed", _("exposed")),
    ("executed", _("executed")),
    ("contacted", _("contacted")),
    ("collected", _("collected")),
    ("implanted", _("implanted")),
    ("hands-on", _("hands-on")),
)
"""The common ladder of stages, that incidents of different packs compare by."""
