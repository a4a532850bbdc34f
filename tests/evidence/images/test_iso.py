"""ISO 9660 by our own code, with made discs."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from nachsorge.evidence.images.iso import Iso
from nachsorge.evidence.images.medium import Medium
from nachsorge.evidence.images.nodes import Node, Trouble
from nachsorge.evidence.images.volumes import Volumes
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

BLOCK = 2048


def record(name: bytes, where: int, size: int, flags: int = 0, extra: bytes = b"") -> bytes:
    body = struct.pack("<I4xI4x", where, size) + bytes([123, 3, 29, 16, 30, 0, 4]) + bytes([flags, 0, 0])
    body += bytes(4) + bytes([len(name)]) + name + b"\0" * ((len(name) + 1) % 2) + extra
    return bytes([len(body) + 2, 0]) + body


def disc(root: bytes, joliet: bytes = b"", text: bytes = b"hello\n") -> bytes:
    """Make a disc: descriptors from block 16, the root in 20, Joliet's in 21, a text in 22."""

    def descriptor(kind: int, where: int, escape: bytes = b"") -> bytes:
        block = bytearray(BLOCK)
        block[:6] = bytes([kind]) + b"CD001"
        block[88 : 88 + len(escape)] = escape
        struct.pack_into("<H", block, 128, BLOCK)
        block[156:190] = record(b"\0", where, BLOCK, 2)[:34]
        return bytes(block)

    second = descriptor(2, 21, b"%/E") if joliet else descriptor(255, 0)
    head = bytes(16 * BLOCK) + descriptor(1, 20) + second + descriptor(255, 0)
    return head.ljust(20 * BLOCK, b"\0") + root.ljust(BLOCK, b"\0") + joliet.ljust(BLOCK, b"\0") + text


def iso(data: bytes) -> Iso:
    return Iso(Medium(lambda offset, size: data[offset : offset + size], len(data)))


def nodes(data: bytes) -> dict[str, Node]:
    return {node.path: node for node in iso(data).nodes(Trouble()) if node is not None}


def test_plain_names_lose_their_version_and_times_their_zone() -> None:
    data = disc(record(b"SETUP.EXE;1", 22, 6))
    node = nodes(data)["SETUP.EXE"]
    assert (node.size, node.modified) == (6, 1_680_103_800_000_000)  # 16:30 at +01:00
    assert node.key is not None and iso(data).open(node.key)(0, 99) == b"hello\n"


def test_the_names_of_joliet_and_of_rock_ridge_go_before_the_plain_ones() -> None:
    named = b"NM" + bytes([5 + 8, 1, 0]) + b"tool.exe"
    assert list(nodes(disc(record(b"TOOL.EXE;1", 22, 6, extra=named)))) == ["tool.exe"]
    joliet = record("Töol.exe;1".encode("utf-16-be"), 22, 6)
    assert list(nodes(disc(record(b"TOOL.EXE;1", 22, 6), joliet))) == ["Töol.exe"]


def test_a_folder_that_holds_itself_is_listed_once() -> None:
    assert list(nodes(disc(record(b"LOOP", 20, BLOCK, 2) + record(b"A;1", 22, 6)))) == ["A"]


@given(st.binary(min_size=1, max_size=200), st.integers(16 * BLOCK, 21 * BLOCK))
def test_no_bytes_make_it_raise_or_run_on(noise: bytes, where: int) -> None:
    data = bytearray(disc(record(b"SETUP.EXE;1", 22, 6)))
    data[where : where + len(noise)] = noise
    try:
        assert len(nodes(bytes(data))) < 1000
    except (ReadError, ValueError):
        return  # what `FAULTS` holds is a gap


def test_a_second_view_of_the_disc_is_a_gap() -> None:
    data = bytearray(disc(record(b"README.TXT;1", 22, 6)))
    data[18 * BLOCK : 18 * BLOCK + 6] = b"\0NSR02"
    volumes = Volumes()
    volumes.find(Medium(lambda offset, size: bytes(data[offset : offset + size]), len(data)))
    assert [label for label, _, _ in volumes.systems] == ["volume"]
    ((reason, note),) = volumes.gaps
    assert reason is Reason.NOT_SUPPORTED and "UDF" in note
