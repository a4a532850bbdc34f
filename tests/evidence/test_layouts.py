"""Lines that are compared with a layout are sorted as lines that are walked step by step."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nachsorge.evidence import fast, layouts
from nachsorge.evidence.messages import _LINES
from nachsorge.evidence.readers.windns import _PACKETS
from nachsorge.evidence.shapes import DIGITS, VISIBLE, Either, Run, Steps, literal, without
from nachsorge.model.words import Telemetry

pytest.importorskip("numba", reason="the kernel needs the extra big-lists")

ALL = bytes(range(256))
RUNS = st.builds(
    Run,
    st.sampled_from(
        [b"a", b"b", b" ", b"ab", b"abc", b"0", b"a0", DIGITS, VISIBLE, without(ALL, b"]\r\n"), b"[", b"]"]
    ),
    st.integers(0, 2),
    st.sampled_from([2, 3, 1 << 30]),
)
LOOK = st.builds(Run, st.sampled_from([b"a", b" \r\n", b"\n"]), st.just(1), st.just(0))


@st.composite
def shapes(draw: st.DrawFn) -> Either:
    common = draw(st.lists(RUNS, max_size=4))
    each = []
    for _ in range(draw(st.integers(1, 3))):
        runs = tuple(common + draw(st.lists(RUNS, min_size=1, max_size=5)) + draw(st.lists(LOOK, max_size=1)))
        taking = sum(1 for run in runs if run.most)
        first = draw(st.integers(0, taking - 1))
        host = draw(st.sampled_from([None, (first, draw(st.integers(first, taking - 1)))]))
        telemetry = draw(st.sampled_from([Telemetry.SYSLOG, Telemetry.DNS_QUERY]))
        each.append(Steps(runs, telemetry=telemetry, host=host, bare=draw(st.booleans())))
    return Either(tuple(each), draw(st.sampled_from([(), (b"ab",), (b"0", b"[]")])))


def line_of(shape: Either) -> st.SearchStrategy[bytes]:
    """Lines that mostly begin as a sequence of the shape does."""

    def text(run: Run) -> st.SearchStrategy[bytes]:
        codes = run.codes if len(run.codes) < 100 else b"ab 0[]"
        return st.lists(st.sampled_from(sorted(codes)), min_size=run.least, max_size=run.least + 3).map(bytes)

    begun = st.sampled_from(shape.steps).flatmap(
        lambda steps: st.tuples(*(text(run) for run in steps.runs if run.most))
    )
    return st.one_of(begun.map(b"".join), st.binary(max_size=6), st.sampled_from([b"", b"\r"])).map(
        lambda line: line.replace(b"\n", b"")
    )


def expected(shape: Either, lines: list[bytes]) -> tuple[int, list[int], Counter[tuple[Telemetry | None, bytes]]]:
    at, filled, odd = 0, 0, []
    counts: Counter[tuple[Telemetry | None, bytes]] = Counter()
    for line in lines:
        if line.strip(b"\r") or len(line) > 1:
            filled += 1
            found = next((of for steps in shape.steps if (of := walked(steps, line + b"\n"))), None)
            if found is None or (found[0].bare and any(word in line for word in shape.words)):
                odd.append(at)
            else:
                counts[found[0].telemetry, found[1]] += 1
        at += len(line) + 1
    return filled, odd, counts


def walked(steps: Steps, line: bytes) -> tuple[Steps, bytes] | None:
    at, ends = 0, [0]
    for run in steps.runs:
        if run.most == 0:
            if line[at] not in run.codes:
                return None
            ends.append(at)
            continue
        begin = at
        while at - begin < run.most and line[at] in run.codes:
            at += 1
        if at - begin < run.least:
            return None
        ends.append(at)
    text = b"" if steps.host is None else line[ends[steps.host[0]] : ends[steps.host[1] + 1]]
    return steps, text


@settings(max_examples=1500, deadline=None)
@given(st.data())
def test_layouts_change_nothing(data):
    shape = data.draw(shapes())
    lines = data.draw(st.lists(line_of(shape), min_size=1, max_size=14))
    # Behind the lines so many bytes that all of them may be compared with a layout.
    lines.append(b"a" * data.draw(st.sampled_from([0, 200])))
    body = b"".join(line + b"\n" for line in lines)
    fast.prepare()
    kernel = fast.kernel()
    raw, base = kernel.array(body)
    for _ in range(2):  # with what was learned the first time
        found = kernel.sort(raw, base, 0, len(body), -1, shape._sequences)
        counts: Counter[tuple[Telemetry | None, bytes]] = Counter()
        for which, text, records in found.groups:
            counts[shape.steps[which].telemetry, text] += records
        assert (found.filled, found.odd, counts) == expected(shape, lines)
    fast.forget()


def test_the_common_formats_are_compared_with_layouts():
    for shape in (_LINES, _PACKETS):
        assert layouts.layable(shape.steps, shape.words) == (True,) * len(shape.steps)


def test_a_step_that_might_have_gone_on_is_always_walked():
    steps = Steps((Run(b"ab"), Run(b"bc"), Run(b"c")))
    assert layouts.layable((steps,), ()) == (False,)
    assert layouts.layable((Steps((Run(b"ab"), *literal(b"cd"))),), ()) == (True,)
    assert layouts.layable((Steps((Run(b"a", 0, 2), Run(b"b", 0, 2))),), ()) == (False,)


def test_a_step_that_varies_takes_no_more_than_it_may():
    shape = Either(
        (Steps((*literal(b"x"), Run(b"a", 1, 3), Run(b" ", 0, 1), *literal(b"b")), telemetry=Telemetry.SYSLOG),)
    )
    body = b"xab\nxaab\nxa b\nxaaa b\nxaaaa b\n" + b"-" * 200 + b"\n"
    fast.prepare()
    raw, base = fast.kernel().array(body)
    for _ in range(2):
        assert fast.kernel().sort(raw, base, 0, len(body), -1, shape._sequences).odd == [21, 29]
    fast.forget()


def test_a_line_that_an_earlier_sequence_might_take_is_always_walked():
    first = Steps((Run(b"abc"), *literal(b" ")), telemetry=Telemetry.SYSLOG)
    other = Steps((Run(b"ab"), *literal(b" ")), telemetry=Telemetry.DNS_QUERY)
    assert layouts.layable((first, other), ()) == (True, False)


@given(st.binary(min_size=1).map(lambda codes: bytes(sorted(set(codes)))))
def test_ranges_hold_what_they_are_of(codes):
    held = {(low + more) % 256 for low, width in layouts.ranges_of(codes) for more in range(width + 1)}
    assert held == set(codes)
