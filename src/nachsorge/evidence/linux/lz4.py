"""One block of LZ4, as the journal of systemd 230 to 245 compresses long fields.

A block is a row of sequences: a token with two lengths, literal bytes, then how far back to copy from, and how much.
Source: lz4, "LZ4 Block Format Description". Fields are short, so plain Python is fast enough and no library is needed.
"""

from __future__ import annotations

_LEAST_COPY = 4


def unpacked(block: bytes, size: int) -> bytes | None:
    """Give the `size` bytes that a block stands for; None where it is damaged or stands for another number."""
    made, at, end = bytearray(), 0, len(block)
    try:
        while at < end:
            token = block[at]
            literals, at = _length(block, at + 1, token >> 4)
            made += block[at : at + literals]
            at += literals
            if at >= end or len(made) > size:
                break
            back = block[at] | block[at + 1] << 8
            copied, at = _length(block, at + 2, token & 15)
            if not _copy(made, back, copied + _LEAST_COPY, size):
                return None
    except IndexError:  # a length or a distance behind the end
        return None
    return bytes(made) if at == end and len(made) == size else None


def _length(block: bytes, at: int, nibble: int) -> tuple[int, int]:
    """Read a length that goes on in further bytes where it is 15; give it, and the place behind it."""
    total, goes_on = nibble, nibble == 15
    while goes_on:
        total += block[at]
        goes_on = block[at] == 255
        at += 1
    return total, at


def _copy(made: bytearray, back: int, count: int, size: int) -> bool:
    """Copy what stands so far back; the copy may run into itself, and then repeats."""
    if not 0 < back <= len(made) or len(made) + count > size:
        return False
    piece = made[len(made) - back :]
    made += (piece * (count // back + 1))[:count]
    return True
