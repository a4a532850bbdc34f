"""One DNS query for a planted name, as a packet: the positive control of both kinds of capture files."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from nachsorge.evidence.network.frames import wrapped

if TYPE_CHECKING:
    from nachsorge.evidence.seams import Plant

SECONDS = 1_680_084_672
"""2023-03-29T10:11:12Z."""


def frame(link: int, plant: Plant) -> bytes | None:
    """Make a frame of this link type; None where none can be made, and hence none be read."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in plant.host.split("."))
    question = struct.pack(">6H", 1, 0x100, 1, 0, 0, 0) + labels + b"\0\0\1\0\1"
    datagram = struct.pack(">4H", 53_000, 53, 8 + len(question), 0) + question
    client, server = bytes(map(int, plant.address.split("."))), bytes((192, 0, 2, 53))
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(datagram), 1, 0, 64, 17, 0)
    return wrapped(link, head + client + server + datagram)
