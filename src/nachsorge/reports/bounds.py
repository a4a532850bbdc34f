"""How much of everything a page prints, so that a run of a thousand assets still makes one that can be opened.

What is beyond is counted on the page, and the page says where it is: in the JSON document. The worst comes first, so
what is left out is never what is worst. The figures are so that the largest page stays below about 3 MB of HTML and a
hundred printed pages, and are held by tests/reports/test_bounds.py.
"""

from __future__ import annotations

from types import SimpleNamespace

ROWS = 150
"""Assets in a matrix."""
SECTIONS = 60
"""Assets, or groups of assets alike, that are described one by one."""
GROUPS = 25
"""Indicators or rules named per asset and stage, while there is room; three always."""
INDICATORS = 600
"""Indicators or rules named on the whole page."""
PLACES = 25
"""Places named per indicator, asset and stage, while there is room; one always."""
SIGHTINGS = 900
"""Places named on the whole page."""
FIELDS = 25
"""Fields of a record."""
CHARACTERS = 600
"""Characters of one field of a record."""
NEEDS = 60
NAMES = 12
"""Assets named in a row where many share it."""
NAMES_LONG = 60
"""Assets named where a group of them is described."""
SOURCES = 150
MEMBERS = 100
"""Sources named of many small ones that share a line."""
PICTURES = 30
"""Pictures of single assets (assets with the same coverage and no event share one)."""
OVERVIEW = 40
"""Assets in the picture of all."""
SPANS = 12
"""Stretches of time in a cell of the table behind a picture."""
LISTED = 100
"""Entries of any other list: rules, notes, controls, what was not understood."""
RANKED = 40
POINTS = 8
"""Reasons named per ranked asset."""

PAPER = SimpleNamespace(
    **{name: value for name, value in list(globals().items()) if name.isupper()}
    | {"ROWS": 120, "SECTIONS": 25, "INDICATORS": 250, "SIGHTINGS": 350, "SOURCES": 80, "MEMBERS": 20}
    | {"PICTURES": 12, "OVERVIEW": 30, "SPANS": 8}
)
"""The same for PDF: nobody prints a hundred pages, and a page takes a fifth of a second to set.

So a hundred thousand sightings make as long a PDF as a thousand do. What was found stays counted, asset by asset and
stage by stage, and the page begins with how much of it is printed and where the rest is.
"""
