"""Lines of a stream one by one, for formats in which a record is more than one line. Memory stays bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger

CHUNK = 256 * 1024
LONGEST_LINE = 4 * 1024 * 1024
"""A longer line is no line of a log; it is passed over and named as a gap."""


def numbered_lines(stream: BinaryIO, ledger: Ledger) -> Iterator[tuple[int, bytes]]:
    """Yield every line with its number, from 1, without its end; empty ones as well.

    A line beyond the limit is counted as an unreadable record and named.
    """
    number, rest, skipping = 1, b"", False
    while chunk := stream.read(CHUNK):
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        for line in lines:
            if not skipping:
                yield number, line.removesuffix(b"\r")
            skipping = False
            number += 1
        if skipping or len(rest) > LONGEST_LINE:
            if not skipping:
                _pass_over(number, ledger)
            rest, skipping = b"", True
    if rest:
        yield number, rest.removesuffix(b"\r")


def _pass_over(number: int, ledger: Ledger) -> None:
    ledger.gap(Reason.LIMIT, f"line {number} is longer than {LONGEST_LINE // 2**20} MiB and was not read")
    ledger.records += 1
    ledger.spoil(f"line {number}")
