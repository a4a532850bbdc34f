"""Which catalogues there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.reports.texts_de import GERMAN
from nachsorge.reports.texts_en import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nachsorge.reports.texts import Lang, Texts

CATALOGUES: Mapping[Lang, Texts] = {"de": GERMAN, "en": ENGLISH}
