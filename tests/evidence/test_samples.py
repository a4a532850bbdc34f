"""Of which lines the time is read: of two in a busy log, of more where these are far apart or out of order."""

from __future__ import annotations

from collections import Counter

import pytest

from nachsorge.evidence.blocks import whole
from nachsorge.evidence.readers.squid import SquidLog
from nachsorge.evidence.samples import SEGMENT, Samples, alone
from nachsorge.model.times import MINUTE, SECOND

START = 1_680_000_000
REQUEST = "{}.000 1 192.0.2.10 TCP_MISS/200 1 GET http://a.example/{} - HIER_DIRECT/192.0.2.9 text/html\n"


class Counting(SquidLog):
    """Squid's lines, and how often a time was asked."""

    def __init__(self) -> None:
        self.asked: Counter[bytes] = Counter()

    def time(self, line: bytes) -> int | None:
        self.asked[line] += 1
        return super().time(line)


def block(times: list[int]) -> bytes:
    """Make lines of these seconds, a hundred bytes each."""
    return "".join(REQUEST.format(START + second, "x" * 20) for second in times).encode()


def test_a_busy_block_is_asked_twice():
    form = Counting()
    samples = Samples(whole(block([n // 10 for n in range(8000)])), form)
    assert len(samples.spans) > 8
    assert samples.steady() == (START * SECOND, (START + 799) * SECOND)
    assert form.asked.total() == 2


@pytest.mark.parametrize("hours", [2, 3, 7])
def test_lines_further_apart_than_an_hour_are_asked_for_what_lies_between(hours):
    form = Counting()
    samples = Samples(whole(block([n * hours * 3600 // 8000 for n in range(8001)])), form)
    assert samples.steady() == (START * SECOND, (START + hours * 3600) * SECOND)
    assert hours < form.asked.total() <= len(samples.spans) + 1
    assert max(form.asked.values()) == 1


def test_a_silence_of_more_than_an_hour_is_never_steady():
    times = [n // 10 for n in range(8000)]
    for at in range(0, 8000, 777):
        assert (
            Samples(whole(block([*times[:at], *(t + 3700 for t in times[at:])])), SquidLog()).steady() is None
            or at == 0
        )


def test_times_out_of_order_and_lines_without_a_time_are_not_steady():
    later = [n // 10 for n in range(4000)]
    assert Samples(whole(block([7200 + t for t in later] + later)), SquidLog()).steady() is None
    assert Samples(whole(b"no time\n" + block(later)), SquidLog()).steady() is None


def test_segments_are_whole_lines_without_a_gap():
    data = block([n // 10 for n in range(3000)])
    spans = Samples(whole(data), SquidLog()).spans
    assert [start for start, _ in spans] == [0, *(end for _, end in spans[:-1])]
    assert spans[-1][1] == len(data)
    assert all(data[end - 1 : end] == b"\n" and end - start >= SEGMENT for start, end in spans[:-1])


def test_all_lines_of_one_kind_are_counted_with_their_ends():
    data = block(list(range(2000))) + b"\n" + block([2000])
    piece = whole(data)
    found = alone(piece, Samples(piece, SquidLog()).spans, None, SquidLog())
    assert found is not None
    assert (found.lines, found.ends) == (2001, 2002)


def test_minutes_are_what_they_are_said_to_be():
    assert Samples(whole(block([0, 60])), SquidLog()).steady() == (START * SECOND, START * SECOND + MINUTE)
