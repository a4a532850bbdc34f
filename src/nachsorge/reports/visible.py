"""Text from evidence, made safe to look at: what a terminal or a browser would act upon becomes readable."""

from __future__ import annotations

import unicodedata

SPOKEN = {"\n": "⏎", "\t": "⇥"}
"""The two that stand in honest text get a sign of their own."""

ACTING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode general categories (UAX #44, table 12) that draw nothing of their own, or steer what is drawn around them."""


def visible(text: str) -> str:
    """Replace control characters, escapes, direction overrides and lone surrogates by `⟨U+202E⟩`.

    Printable text comes back unchanged, so that a value can be copied into a search.
    """
    if text.isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(char: str) -> str:
    if char in SPOKEN:
        return SPOKEN[char]
    return f"⟨U+{ord(char):04X}⟩" if unicodedata.category(char) in ACTING else char
