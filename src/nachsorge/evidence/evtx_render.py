"""Chunks of EVTX rendered to JSON by the parsing library, many records at a time."""

from __future__ import annotations

import io
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from evtx import PyEvtxParser

from nachsorge.evidence.expendable import deadlines
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.evtx_file import Chunk, FileHeader

GROUP, GROUP_TEXT = 128, 4 << 20
"""So many records, or about so many characters of them, are searched and accounted for at a time: few enough to stay
in cache, and not to have the allocator give memory back and fetch it again."""

_STEP = 32
"""So many records are taken before their characters are counted: a damaged or made one may be rendered to megabytes."""
_number_and_text = itemgetter("event_record_id", "data")


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
    with deadlines() as begin:
        while more:
            owns: list[int] = []
            texts: list[str] = []
            begin()
            more = _fill(results, owns, texts)
            yield owns, texts


def _fill(results: Iterator[Any], owns: list[int], texts: list[str]) -> bool:
    """Take records until they are enough; False where there are no more."""
    room = GROUP_TEXT
    while len(texts) < GROUP and room > 0:
        taken: list[tuple[int, str]] = []
        ended = False
        try:
            # What was taken before an error stays in the list.
            taken.extend(map(_number_and_text, islice(iter(results.__next__, None), _STEP)))
            ended = len(taken) < _STEP
        except (RuntimeError, OSError, ValueError):
            # The library names a record or a whole chunk; either way the numbers it did not give tell which.
            pass
        if taken:
            numbers, new = zip(*taken, strict=True)
            owns += numbers
            texts += new
            room -= sum(map(len, new))
        if ended:
            return False
    return True
