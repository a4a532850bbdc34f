"""Who asked, read off a stretch of lines at one go: the client of every record without decoding the record.

Where a fleet is looked for, every line names somebody of it, and decoding a line for each would take forty times as
long as the search. So a format may say how the client of a line is found. It has to be sure of every line of the
stretch, or it says so, and the lines are decoded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nachsorge.model.words import Telemetry

Askers = set[tuple[bytes, "Telemetry"]]
"""The first address of each record, in lower case, with the record's telemetry; records without one are left out."""

_OCTET = rb"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_PLAIN = re.compile(rb"(?:" + _OCTET + rb"(?:\." + _OCTET + rb"){3}\n)*+")


def asked_in(pattern: re.Pattern[bytes], segment: bytes) -> set[bytes] | None:
    """Give the different texts of the pattern's group; None where not every line has the pattern, which takes one."""
    found = pattern.findall(segment)
    lines = segment.count(b"\n") + (not segment.endswith(b"\n"))
    return set(found) if len(found) == lines else None


def one_a_line(segment: bytes, objects: int) -> bool:
    """Tell whether each of so many JSON objects stands on a line of its own, and nothing else on any line.

    Decoders of lines take blanks between the parts of an object for what they are, line ends among them: an object that
    was torn in two they read, which whoever reads line by line does not. Within JSON no brace is followed by another
    across a line's end, so each such place is the border of two objects.
    """
    ends = segment.count(b"\n") + (not segment.endswith(b"\n"))
    return ends == objects and segment.count(b"}\n{") + segment.count(b"}\r\n{") == objects - 1


def all_plain(texts: Iterable[bytes]) -> bool:
    """Tell whether every text is an IPv4 address."""
    return _PLAIN.fullmatch(b"".join([text + b"\n" for text in texts])) is not None


def sole(texts: set[bytes] | None, telemetry: Telemetry) -> Askers | None:
    """Give the askers of a format whose records have more addresses: None where a first one is no plain address."""
    return {(text, telemetry) for text in texts} if texts is not None and all_plain(texts) else None
