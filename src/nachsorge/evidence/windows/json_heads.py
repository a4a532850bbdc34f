"""Heads of many events in the library's JSON: what repeats is matched once, and afterwards known by being equal.

An event's System part is three texts that hardly vary (what stands before the time, the process that wrote it, channel
and computer), and between them a time and a number. Each of the three is matched by an expression when it is first met;
from then on a look-up says what it is. An event that is not written just so is left to `json_event.head_of`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Generic, TypeVar

from nachsorge.evidence.windows.event import fast_instant
from nachsorge.evidence.windows.json_event import BACK, FRONT, MIDDLE
from nachsorge.model.times import EARLIEST_PLAUSIBLE, MINUTE, Instant

Kind = TypeVar("Kind")

MOST = 8192
"""So many texts of a part are remembered; a log that holds more is read, only not as fast."""

LONGEST = 2048
"""Longer parts are not remembered, so that a made log cannot fill the memory."""

_LEAST = len('{"Event":{"System":{"Provider":{"#attributes":{"Name":""}},"EventID":1')
_TIME = '"SystemTime":"'
_STAMP = len("2015-06-23T06:00:48.000000")
_NUMBER = 'Z"}},"EventRecordID":'
_CHANNEL = ',"Channel":"'
_COMPUTER = '"Computer":"'
_MINUTE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\Z", re.ASCII)


class Heads(Generic[Kind]):
    """Reads heads. `make` gets channel, provider, number and computer once for each kind of event.

    Where `make` gives None, events of this kind are never read here.
    """

    def __init__(self, make: Callable[[str, str, int, str], Kind | None]) -> None:
        """Begin with nothing known."""
        self._make = make
        self._fronts: dict[str, dict[str, Kind | None]] = {}
        self._middles: set[str] = set()
        self._minutes: dict[str, Instant] = {}
        self._back = ""

    def read(self, text: str, own: int) -> tuple[Kind, int, Instant] | None:
        """Give kind, EventRecordID and time of an event; None where `head_of` has to be asked.

        `own` is the record's number in its file. In a log itself it is the EventRecordID, in an export it is not.
        """
        at = text.find(_TIME, _LEAST) + len(_TIME)
        stop = at + _STAMP
        numbered = f"{_NUMBER}{own},"
        number, then = own, stop + len(numbered) - 1
        if not text.startswith(numbered, stop):
            first = stop + len(_NUMBER)
            then = text.find(",", first)
            stated = text[first:then]
            if text[stop:first] != _NUMBER or not (stated.isdigit() and stated.isascii()):
                return None
            number = int(stated)
        start = text.find(_CHANNEL, then)
        back = self._back
        if not back or not text.startswith(back, start):
            end = text.find('"', text.find(_COMPUTER, start) + len(_COMPUTER)) + 1
            back = self._back = text[start:end]
        # The digits of seconds and microseconds; what is no stamp of just this form is no digits either.
        digits = text[at + 17 : at + 19] + text[at + 20 : stop]
        middle, minute = text[then:start], text[at : at + 17]
        try:
            kind, begun = self._fronts[text[:at]][back], self._minutes[minute]
        except KeyError:
            if not self._learn(text[:at], back, minute):
                return None
            kind, begun = self._fronts[text[:at]][back], self._minutes[minute]
        if kind is None or not (digits.isdigit() and digits.isascii()) or text[at + 19] != ".":
            return None
        if middle not in self._middles and not self._passes(middle):
            return None
        past = int(digits)
        return (kind, number, begun + past) if past < MINUTE else None

    def _learn(self, front: str, back: str, minute: str) -> bool:
        before, after = FRONT.fullmatch(front), BACK.fullmatch(back)
        start = fast_instant(f"{minute}00Z") if _MINUTE.match(minute) else None
        if before is None or after is None or max(len(front), len(back)) > LONGEST:
            return False
        if start is None or start < EARLIEST_PLAUSIBLE:
            return False
        _room(self._minutes)[minute] = start
        backs = self._fronts.get(front)
        if backs is None:
            backs = _room(self._fronts)[front] = {}
        if back not in backs:
            number = int(before[2] or before[3])
            _room(backs)[back] = self._make(after[1], before[1], number, after[2])
        return True

    def _passes(self, middle: str) -> bool:
        if MIDDLE.fullmatch(middle) is None:
            return False
        if len(middle) <= LONGEST:
            if len(self._middles) >= MOST:
                self._middles.clear()
            self._middles.add(middle)
        return True


_Value = TypeVar("_Value")


def _room(known: dict[str, _Value]) -> dict[str, _Value]:
    if len(known) >= MOST:
        known.clear()
    return known
