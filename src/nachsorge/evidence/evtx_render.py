"""Chunks of EVTX rendered to JSON by the parsing library, many records at a time."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from evtx import PyEvtxParser

from nachsorge.evidence.expendable import deadline
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.evtx_file import Chunk, FileHeader

GROUP, GROUP_TEXT = 128, 4 << 20
"""So many records, or characters of them, are searched and accounted for at a time; few enough to stay in cache."""


def rendered(header: FileHeader, batch: list[Chunk]) -> Iterator[tuple[list[int], list[str]]]:
    """Give numbers and JSON texts of all records that the library can render, many at a time."""
    if not batch:
        return
    body = io.BytesIO(b"".join((header.raw, *(chunk.raw for chunk in batch))))
    try:
        results = PyEvtxParser(body).records_json()
    except (RuntimeError, OSError) as error:
        raise ReadError(Reason.CORRUPT, f"the file header is not understood: {error}") from error
    more = True
    while more:
        owns: list[int] = []
        texts: list[str] = []
        with deadline():
            more = _fill(results, owns, texts)
        yield owns, texts


def _fill(results: Iterator[Any], owns: list[int], texts: list[str]) -> bool:
    """Take records until they are enough; False where there are no more."""
    room = GROUP_TEXT
    while True:
        try:
            for result in results:
                if result is None:
                    return False
                text = result["data"]
                owns.append(result["event_record_id"])
                texts.append(text)
                room -= len(text)
                if room < 0 or len(texts) >= GROUP:
                    return True
        except (RuntimeError, OSError, ValueError):
            # The library names a record or a whole chunk; either way the numbers it did not give tell which.
            continue
        return False
