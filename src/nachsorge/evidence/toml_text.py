"""TOML from hostile files: the standard library compares every part of a dotted key with all that stand before it."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

DEEPEST = 32
"""Parts of one key; lock files have six. A key of 100,000 took minutes."""

_DEEP = re.compile(rf"(?<![\w\"'-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){{{DEEPEST}}}")


def toml_of(text: str) -> dict[str, Any]:
    """Decode a document; ReadError with LIMIT where a key has too many parts, ValueError where it is no TOML."""
    if (found := _DEEP.search(text)) is not None:
        line = text.count("\n", 0, found.start()) + 1
        raise ReadError(Reason.LIMIT, f"line {line} has a name of more than {DEEPEST} parts")
    return tomllib.loads(text)
