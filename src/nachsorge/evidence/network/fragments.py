"""Put fragments of IP datagrams together, within bounds.

Format: RFC 791, section 3.2; RFC 8200, section 4.5. Where fragments overlap, the first one to come is believed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_OPEN = 1024
"""Datagrams that may lack fragments at a time; beyond, the oldest is given up."""

LARGEST = 65_535

Key = tuple[bytes, bytes, int, int]
"""Source, destination, identification, protocol."""


@dataclass(slots=True)
class _Open:
    parts: dict[int, bytes] = field(default_factory=dict)
    size: int = 0
    total: int | None = None
    frames: int = 0


class Fragments:
    """Datagrams of which some fragments are there. `lost` counts the frames whose datagram never became whole."""

    def __init__(self) -> None:
        """Begin empty."""
        self._open: dict[Key, _Open] = {}
        self.lost = 0

    def add(self, key: Key, offset: int, more: bool, data: bytes) -> bytes | None:
        """Take one fragment (offset in bytes); give the whole payload once its last piece is in."""
        waiting = self._open.setdefault(key, _Open())
        waiting.frames += 1
        if offset not in waiting.parts and offset + len(data) <= LARGEST:
            waiting.parts[offset] = data
            waiting.size += len(data)
        if not more:
            waiting.total = offset + len(data)
        if waiting.total is not None and waiting.size >= waiting.total:
            whole = _joined(waiting)
            if whole is not None:
                del self._open[key]
                return whole
        if len(self._open) > MOST_OPEN or waiting.size > 2 * LARGEST:
            self.lost += self._open.pop(next(iter(self._open))).frames
        return None

    def close(self) -> None:
        """Give up what is still incomplete."""
        self.lost += sum(waiting.frames for waiting in self._open.values())
        self._open.clear()


def _joined(waiting: _Open) -> bytes | None:
    whole = bytearray()
    for offset, data in sorted(waiting.parts.items()):
        if offset > len(whole):
            return None
        whole += data[len(whole) - offset :]
    return bytes(whole[: waiting.total])
