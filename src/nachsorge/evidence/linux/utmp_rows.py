"""The rows of `utmp`, `wtmp` and `btmp` (Linux) and `utmpx` (macOS).

Linux has two layouts: 384 bytes where times are 32 bits for the sake of 32-bit programs (x86, and most others), and
400 bytes elsewhere (aarch64, s390x). Sources: utmp(5), glibc `bits/utmp.h`; macOS `utmpx.h`.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from ipaddress import ip_address

from nachsorge.evidence.stamps import plausible
from nachsorge.evidence.text import lenient
from nachsorge.model.times import SECOND, Instant

TYPES = {
    0: "empty",
    1: "run level",
    2: "boot",
    3: "new time",
    4: "old time",
    5: "init process",
    6: "login process",
    7: "login",
    8: "logout",
    9: "accounting",
    10: "signature",
    11: "shutdown",
}
SIGNATURE = b"utmpx-1.00\0"
_PRINTABLE = re.compile(rb"[ -~\x80-\xff]*\Z")
_LINUX_TEXTS = {"line": (8, 32), "id": (40, 4), "user": (44, 32), "host": (76, 256)}
_MAC_TEXTS = {"user": (0, 256), "id": (256, 4), "line": (260, 32), "host": (308, 256)}


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a row's parts lie. `time` is how seconds and microseconds are packed, at `at`."""

    name: str
    size: int
    order: str
    texts: dict[str, tuple[int, int]]
    kind: int
    pid: int
    time: str
    at: int
    address: int | None


LAYOUTS = (
    Layout("macos", 628, "<", _MAC_TEXTS, 296, 292, "ii", 300, None),
    *(Layout(f"linux-384{order}", 384, order, _LINUX_TEXTS, 0, 4, "ii", 340, 348) for order in "<>"),
    *(Layout(f"linux-400{order}", 400, order, _LINUX_TEXTS, 0, 4, "qq", 344, 360) for order in "<>"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `type` is empty where it is none that systems write."""

    type: str
    texts: dict[str, str]
    pid: int
    time: Instant | None
    address: str


def row_of(raw: bytes, layout: Layout) -> Row | None:
    """Decode one row; None where its texts are no text or its type is none."""
    (kind,) = struct.unpack_from(f"{layout.order}h", raw, layout.kind)
    if kind not in TYPES:
        return None
    (pid,) = struct.unpack_from(f"{layout.order}i", raw, layout.pid)
    seconds, micros = struct.unpack_from(f"{layout.order}{layout.time}", raw, layout.at)
    texts: dict[str, str] = {}
    for name, (start, size) in layout.texts.items():
        text = raw[start : start + size].partition(b"\0")[0]
        if not _PRINTABLE.match(text):
            return None
        texts[name] = lenient(text)
    if pid < 0 or seconds < 0 or not 0 <= micros < 1_000_000:
        return None
    time = plausible(seconds * SECOND + micros)
    return Row(TYPES[kind], texts, pid, time, _address(raw, layout))


def _address(raw: bytes, layout: Layout) -> str:
    """Give the address of a remote login; four bytes of sixteen are one of version 4 (utmp(5))."""
    if layout.address is None:
        return ""
    packed = raw[layout.address : layout.address + 16]
    if not any(packed):
        return ""
    return str(ip_address(packed if any(packed[4:]) else packed[:4]))


def layout_of(head: bytes) -> Layout | None:
    """Choose the layout in which the first rows make sense; None where none does."""
    if head.startswith(SIGNATURE):
        return LAYOUTS[0]
    best, most = None, 0.0
    for layout in LAYOUTS[1:]:
        if len(head) < layout.size or row_of(head[: layout.size], layout) is None:
            continue
        raws = [head[at : at + layout.size] for at in range(0, min(len(head), 20 * layout.size), layout.size)]
        rows = [row_of(raw, layout) for raw in raws if len(raw) == layout.size]
        dated = sum(row is not None and row.time is not None and row.type != "empty" for row in rows)
        share = sum(row is not None for row in rows) / len(rows) if rows else 0
        if rows and dated and share + dated / len(rows) > most and share >= 0.5:
            best, most = layout, share + dated / len(rows)
    return best
