"""YAML as package managers write their lock files: one key or item a line, told apart by how far they are set in.

A general YAML parser takes minutes for the lock files of big projects. What such a tool never writes (anchors, several
documents, keys that go on over lines) is no form of such a file; a reader names a line that it cannot place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Entry:
    """A line: its number, how many columns its key is set in, whether a hyphen of a list stands before it.

    Without a key the line is a value alone. Quotes are taken off both.
    """

    number: int
    depth: int
    item: bool
    key: str
    value: str


def entries(text: str) -> Iterator[Entry]:
    """Give the lines that are neither blank nor comments."""
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        if not bare or bare.startswith("#") or bare == "---":
            continue
        depth = len(line) - len(line.lstrip(" "))
        item = bare.startswith("- ")
        if item:
            inner = bare[2:].lstrip()
            depth += len(bare) - len(inner)
            bare = inner
        key, colon, value = bare.partition(": ")
        if not colon:
            key, value = (bare[:-1], "") if bare.endswith(":") else ("", bare)
        yield Entry(number, depth, item, unquoted(key), unquoted(value))


def unquoted(text: str) -> str:
    """Take quotes off a scalar."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        inner = text[1:-1]
        return inner.replace("''", "'") if text[0] == "'" else inner.replace('\\"', '"')
    return text
