"""Event logs by compiled loops: the frames of chunks, what numbers and times prove, and the heads of rendered events.

Of heads, what an event shares with others of its kind is compared, not decoded.

An event's JSON up to its time is the same text for all events of its kind, and so are its channel and computer; only
time, running number, activity and process differ. Both texts are remembered with the kind that the typed decoding made
of them (`windows.json_heads`). Later events that bear them to the byte are of that kind. All others, and those of
which anything between is not just so, are odd: whoever asks decodes them. Needs numba (the extra `big-lists`).
"""

from __future__ import annotations

import ctypes
from array import array
from itertools import accumulate

from nachsorge.native import is_kept, loops

_MODULE = "nachsorge.evidence.event_loops"
_LOOPS = {
    "heads": "bnnbnlbnllnbllllllnl",
    "tally": "llnlll",
    "frames": "bnnnnnl",
    "circled": "bnnnnb",
    "falls": "lnln",
    "cuts": "llnnln",
}

ROOM = 1024
"""So many events are read at a time."""
KINDS = 2048
"""So many kinds are remembered; when there are more, all are forgotten."""
_SLOTS = 4 * KINDS
_ARENA = 1 << 20
_LONGEST = 1 << 14
_FOUND = 1 << 13
"""More than three times the records that a chunk can hold."""
_MAGIC = ctypes.create_string_buffer(b"\x2a\x2a\x00\x00", 4)
_MAGIC_AT = ctypes.addressof(_MAGIC)
_FIELDS = 5
_WORDS = (
    b'"SystemTime":"',
    b'"}},"EventRecordID":',
    b',"Channel":"',
    b'","Computer":"',
    b"....-..-..T..:..:.........Z",
)
_TEXT = ctypes.create_string_buffer(b"".join(_WORDS))
_ENDS = array("q", accumulate(map(len, _WORDS)))


def kept(folder: str | None) -> bool:
    """Tell whether the functions need not be compiled."""
    return folder is not None and is_kept(_MODULE, _LOOPS, folder)


class EventKernel:
    """The functions, compiled, with what all files' heads are written to."""

    def __init__(self, folder: str | None) -> None:
        """Compile, or load; some seconds without a folder that holds it."""
        ready = loops(_MODULE, _LOOPS, folder)
        self.heads, self.tally = ready["heads"], ready["tally"]
        self.ids, self.numbers, self.times, self.odd, self.asked = (_zeros(ROOM) for _ in range(5))
        self.parts, self.out = _zeros(4 * ROOM), _zeros(3)
        words = ctypes.addressof(_TEXT)
        self.words = words, words, _address(_ENDS)
        given = (self.ids, self.numbers, self.times, self.odd, self.asked, self.parts)
        self._frames, self._circled, self._falls, self._cuts = (
            ready[name] for name in ("frames", "circled", "falls", "cuts")
        )
        self._found = _zeros(_FOUND)
        self.room = ROOM
        self.written = (*map(_address, given), ROOM, _address(self.out))

    def frames(self, raw: bytes, at: int, end: int) -> list[tuple[int, int, int]]:
        """Follow the frames of a chunk: number, begin and end of each."""
        base = _at(raw)
        count = self._frames(base, base, at, end, len(raw), _MAGIC_AT, _address(self._found))
        found = self._found[: 3 * count]
        return list(zip(found[0::3], found[1::3], found[2::3], strict=True))

    def circled(self, raw: bytes, buckets: int, count: int) -> bool:
        """Tell whether one of the chains that begin in the buckets leads back into itself."""
        base = _at(raw)
        marks = (ctypes.c_uint8 * len(raw))()
        return bool(self._circled(base, base, buckets, count, len(raw) - 4, ctypes.addressof(marks)))

    def falls(self, numbers: array[int]) -> list[int] | None:
        """Give where numbers do not rise, if they fall anywhere; None where that is too often to be told."""
        return self._places(self._falls(_address(numbers), len(numbers), _address(self._found), _FOUND))

    def cuts(self, numbers: array[int], times: array[int], backwards: int) -> list[int] | None:
        """Give where numbers jump or times fall by more than `backwards`; None where that is too often to be told."""
        given = _address(numbers), _address(times), len(numbers), backwards, _address(self._found), _FOUND
        return self._places(self._cuts(*given))

    def _places(self, count: int) -> list[int] | None:
        return None if count < 0 else self._found[:count].tolist()

    def known(self) -> Known:
        """Give room for the kinds of one file."""
        return Known(self)


class Known:
    """The kinds of one file's events, by number, and how many there were of each, from when to when."""

    def __init__(self, kernel: EventKernel) -> None:
        """Begin with none."""
        self._kernel = kernel
        self._known, self._slots = _zeros(KINDS * _FIELDS), _zeros(_SLOTS)
        self._arena, self._asked = (ctypes.c_char * _ARENA)(), (ctypes.c_uint8 * KINDS)()
        self.counts, self.lows, self.highs = (_zeros(KINDS) for _ in range(3))
        arena, asked = ctypes.addressof(self._arena), ctypes.addressof(self._asked)
        self._given = (arena, arena, _address(self._known), _address(self._slots), _SLOTS - 1, asked)
        self._tallied = tuple(map(_address, (self.counts, self.lows, self.highs)))
        self.forget()

    def forget(self) -> None:
        """Forget all kinds; what was counted of them must have been taken before."""
        self.kinds = self._filled = 0
        ctypes.memset(_address(self._slots), 0xFF, 8 * _SLOTS)

    @property
    def full(self) -> bool:
        """Tell whether there may be no room for one more kind."""
        return self.kinds == KINDS or self._filled > _ARENA - _LONGEST

    def read(self, body: bytes) -> int:
        r"""Read events, parted by `\n`, into the kernel's arrays, and say how many; -1 where they have no room."""
        at = _at(body)
        return self._kernel.heads(at, at, len(body), *self._kernel.words, *self._given, *self._kernel.written)

    def texts(self, event: str, odd: int) -> tuple[bytes, bytes] | None:
        """Give what an odd event shares with others of its kind; None where it is not of the usual form."""
        first, second, third = self._kernel.parts[4 * odd : 4 * odd + 3]
        if first < 0 or first + third - second > _LONGEST:
            return None
        raw = event.encode()
        return raw[:first], raw[second:third]

    def learn(self, texts: tuple[bytes, bytes] | None, odd: int, *, log: int, asked: bool) -> int | None:
        """Number one more kind, and remember it by its texts where there are any; None where there is no room.

        `log` tells which log the kind belongs to; of `asked` kinds the places are given.
        """
        joined = b"".join(texts or ())
        if self.full:
            return None
        kind, place = self.kinds, self._filled
        first, second = map(len, texts or (b"", b""))
        mixed = self._kernel.parts[4 * odd + 3]
        self._known[kind * _FIELDS : (kind + 1) * _FIELDS] = array("q", (mixed, place, first, second, log))
        self._asked[kind] = asked
        self.counts[kind] = 0
        self.kinds, self._filled = kind + 1, place + len(joined)
        if texts is not None:
            ctypes.memmove(self._given[0] + place, joined, len(joined))
            slot = mixed & (_SLOTS - 1)
            while self._slots[slot] >= 0:
                slot = (slot + 1) & (_SLOTS - 1)
            self._slots[slot] = kind
        return kind

    def tally(self, count: int) -> None:
        """Count the events that were read last."""
        ids, _, times = self._kernel.written[:3]
        self._kernel.tally(ids, times, count, *self._tallied)


def _zeros(count: int) -> array[int]:
    return array("q", bytes(8 * count))


def _at(data: bytes) -> int:
    """Tell where bytes lie; whoever asks holds them as long as the address is used."""
    return ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0


def _address(values: array[int]) -> int:
    return values.buffer_info()[0]
