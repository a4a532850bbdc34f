"""Lines that no format explains: decoded leniently, searched as text."""

from __future__ import annotations

import re

from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Telemetry

IN_NAMES = re.compile(rb"[0-9A-Za-z_.-]")
"""What host names and hashes are made of. Where it separates fields, nothing that is looked for stands free."""


def lenient(raw: bytes) -> str:
    """Decode UTF-8; bytes that are not become Latin-1 characters one by one, so that nothing is lost or joined."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def text_record(line: bytes, locator: str) -> Record:
    """Make a record with the line as its only value, of kind TEXT."""
    text = lenient(line)
    return Record(
        telemetry=Telemetry.TEXT, locator=locator, values=(Value(Kind.TEXT, "text", text),), event={"text": text}
    )
