"""QCOW2 by our own code, with made images."""

from __future__ import annotations

import struct
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from nachsorge.evidence.images.medium import Medium
from nachsorge.evidence.images.qcow import disk_of_qcow
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

BITS = 9
CLUSTER = 1 << BITS
PLAIN, PACKED, HOLE, ZERO = range(4)


def image(
    *kinds: int, version: int = 3, features: int = 0, crypt: int = 0, backing: bytes = b"", zstd: bool = False
) -> bytes:
    """Make an image of one cluster a kind, filled with its number; the tables lie in clusters 1 and 2."""
    features |= 8 if zstd else 0
    head = b"QFI\xfb" + struct.pack(
        ">IQIIQII", version, 300 if backing else 0, len(backing), BITS, len(kinds) * CLUSTER, crypt, 1
    )
    head += struct.pack(">QQIIQQQQIIB", CLUSTER, 0, 0, 2, 0, features, 0, 0, 4, 112, zstd)
    entries, body, at = [], b"", 3 * CLUSTER
    for number, kind in enumerate(kinds):
        data = bytes([number]) * CLUSTER
        if kind == PLAIN:
            body += bytes(-at % CLUSTER)
            at += -at % CLUSTER
            entries.append(at | 1 << 63)
        elif kind == PACKED:
            packer = zlib.compressobj(9, zlib.DEFLATED, -12)
            data = zstandard.compress(data) if zstd else packer.compress(data) + packer.flush()
            entries.append(at | 1 << 62 | (len(data) // 512) << (62 - (BITS - 8)))
        else:
            entries.append(at | 1 if kind == ZERO else 0)
            data = b""
        body += data
        at += len(data)
    second = struct.pack(f">{len(entries)}Q", *entries).ljust(CLUSTER, b"\0")
    front = head.ljust(300, b"\0") + backing
    return (
        front.ljust(CLUSTER, b"\0") + struct.pack(">Q", 2 * CLUSTER).ljust(CLUSTER, b"\0") + second + body + bytes(512)
    )


def disk(data: bytes) -> Medium:
    return disk_of_qcow(Medium(lambda offset, size: data[offset : offset + size], len(data)))


@pytest.mark.parametrize("zstd", [False, True])
def test_every_kind_of_cluster_gives_its_bytes(zstd: bool) -> None:
    whole = disk(image(PACKED, PACKED, PLAIN, HOLE, ZERO, PLAIN, zstd=zstd))
    expected = b"".join(bytes([n if n in (0, 1, 2, 5) else 0]) * CLUSTER for n in range(6))
    assert whole.at(0, whole.size) == expected
    assert whole.at(CLUSTER - 3, 6) == b"\0\0\0\1\1\1"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (image(PLAIN, crypt=1), Reason.ENCRYPTED),
        (image(PLAIN, crypt=2), Reason.ENCRYPTED),
        (image(PLAIN, backing=b"base.qcow2"), Reason.MISSING),
        (image(PLAIN, features=4), Reason.MISSING),
        (image(PLAIN, features=16), Reason.NOT_SUPPORTED),
        (image(PLAIN, version=1), Reason.NOT_SUPPORTED),
        (image(PLAIN)[:516], Reason.CORRUPT),
    ],
)
def test_what_would_be_read_wrongly_is_refused(data: bytes, reason: Reason) -> None:
    with pytest.raises(ReadError) as raised:
        disk(data)
    assert raised.value.reason is reason


@given(st.integers(3 * CLUSTER, 3 * CLUSTER + 2000))
def test_an_image_cut_short_never_gives_other_bytes(cut: int) -> None:
    whole = image(PLAIN, PLAIN, PLAIN, PACKED)
    some = disk(whole[:cut])
    for number in range(4):
        try:
            data = some.at(number * CLUSTER, CLUSTER)
        except OSError:
            continue
        # The last cluster of a file may be shorter; what is lacking counts as zeros.
        assert not data.strip(bytes([number, 0]))


@given(st.binary(min_size=1, max_size=64), st.integers(4, 3 * CLUSTER))
def test_no_bytes_make_it_raise_anything_else(noise: bytes, where: int) -> None:
    data = bytearray(image(PLAIN, PACKED, ZERO))
    data[where : where + len(noise)] = noise
    try:
        whole = disk(bytes(data))
        assert len(whole.at(0, 4 * CLUSTER)) <= 4 * CLUSTER
    except (ReadError, OSError):
        return
