"""Notes of readers in the reader's language. Placeholder until the phrases stand here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nachsorge.locale import Lang


def say(text: str, lang: Lang) -> str:
    """Give a note."""
    return text
