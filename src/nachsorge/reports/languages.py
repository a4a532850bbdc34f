"""Which languages reports are written in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.locale import LANGUAGES
from nachsorge.reports.said import texts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nachsorge.locale import Lang
    from nachsorge.reports.texts import Texts

CATALOGUES: Mapping[Lang, Texts] = {lang: texts_of(lang) for lang in LANGUAGES}
