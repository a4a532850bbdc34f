"""Bytes of an indicator file -> text, in the encodings that spreadsheets and shells really write."""

from __future__ import annotations

import codecs


def decode(content: bytes) -> tuple[str, tuple[str, ...]]:
    """Give the text, and a note where the encoding had to be assumed."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace"), ()
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return content.decode("cp1252", errors="replace"), (f"line {line}: not UTF-8; read as Windows-1252",)
