"""Columns of texts that several formats have alike: times, and the addresses of a record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nachsorge.evidence.bulk import only_addresses
from nachsorge.evidence.ndjson import instant_of
from nachsorge.model.times import EARLIEST_PLAUSIBLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nachsorge.model.times import Instant

Named = tuple[str, list[str], bool]
"""A field's name, its texts, and whether they are numbers as JSON writes them."""

_SECONDS = re.compile(r"(?:[0-9]{10}\.[0-9]{6}\n)*+")
_MILLIS = re.compile(r"(?:[0-9]{10}\.[0-9]{3}\n)*+")
_ISO = re.compile(r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}(?:\+0000|Z)\n)*+")


def instants(texts: list[str]) -> list[Instant] | None:
    """Read times as the line formats do; None where one is none."""
    body = "\n".join([*texts, ""])
    found: list[Any]
    if _SECONDS.fullmatch(body):
        found = list(map(int, body.replace(".", "").split()))
    elif _MILLIS.fullmatch(body):
        found = [each * 1000 for each in map(int, body.replace(".", "").split())]
    else:
        found = _dates(texts) if _ISO.fullmatch(body) else [instant_of(text) for text in texts]
    return None if None in found or (found and min(found) < EARLIEST_PLAUSIBLE) else found


def _dates(texts: list[str]) -> list[Any]:
    try:
        import numpy as np

        stamps = np.array([text[:26] for text in texts], "datetime64[us]").astype(np.int64)
    except (ImportError, ValueError):
        return [instant_of(text) for text in texts]
    found: list[Any] = stamps.tolist()
    return found


def addresses_in(columns: Mapping[str, list[str]], names: Iterable[str]) -> list[list[str]]:
    """Give the addresses in some of the columns, row by row."""
    return [only_addresses(columns[name]) for name in names if name in columns]


def in_seconds(texts: list[str]) -> bool:
    """Tell whether all are seconds since 1970 with six digits behind the point."""
    return _SECONDS.fullmatch("\n".join([*texts, ""])) is not None
