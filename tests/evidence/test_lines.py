"""The short cuts of the line engine decide as the long way does."""

from __future__ import annotations

import hashlib
import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nachsorge.evidence import engine, ndjson
from nachsorge.evidence.engine import contains, finder
from nachsorge.evidence.lines import Plain, count_lines
from nachsorge.evidence.ndjson import JsonLines
from nachsorge.evidence.read import Tee
from nachsorge.evidence.readers.access_log import Requests
from nachsorge.evidence.readers.squid import SquidLog
from nachsorge.model.words import Telemetry

SQUID = b"1677628800.123    345 10.0.0.1 TCP_MISS/200 4321 GET http://a.example/x - HIER_DIRECT/192.0.2.1 text/html\n"
ACCESS = b'192.0.2.7 - bob [28/Mar/2023:10:40:00 +0000] "GET /x?y=1 HTTP/1.1" 200 12 "-" "agent (x; y)"\r\n'
PIECES = st.sampled_from(
    [b"\n", b"\r", b" ", b"\t", b"-", b"1", b"x", b"{", b"}", b'"', b"\xe9", b"\0", b"[", b",", b"/"]
)


def one_by_one(form: Plain, block: bytes) -> list[int]:
    at, found = 0, []
    for line in block.split(b"\n"):
        if line.strip() and not form.shape.match(line):
            found.append(at)
        at += len(line) + 1
    return found


@pytest.mark.parametrize(("form", "line"), [(SquidLog(), SQUID), (Requests(Telemetry.WEBSERVER), ACCESS)])
@settings(max_examples=1500, deadline=None)
@given(st.data())
def test_runs_of_lines_are_passed_over_only_where_each_has_the_shape(form, line, data):
    block = bytearray(line * 5)
    assert form.steps.lines.match(block).end() == len(block)  # the short cut is really taken
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(block) - 1))
        block[at : at + data.draw(st.integers(0, 3))] = data.draw(PIECES)
    changed = bytes(block)
    assert list(form.malformed(changed)) == one_by_one(form, changed)


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.sampled_from([b'{"a":1}\n', b"{}\n", b"\n", b"{\n", b"}\n", b" {}\n", b"x", b"\r\n"]), max_size=8))
def test_objects_are_told_from_other_lines_in_both_engines(lines):
    block = b"".join(lines)
    native = list(JsonLines().malformed(block))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ndjson, "hyperscan", None)
        assert list(JsonLines().malformed(block)) == native
    starts = [block.rfind(b"\n", 0, at) + 1 for at in range(len(block))]
    bodies = {at: block[at:].partition(b"\n")[0].strip(b"\xef\xbb\xbf \t\r") for at in set(starts)}
    assert native == sorted(
        at for at, body in bodies.items() if body and not (body.startswith(b"{") and body.endswith(b"}"))
    )


@given(st.text("a\n\r ", max_size=12).map(str.encode))
def test_lines_are_counted_the_same_with_and_without_the_engine(segment):
    counted = count_lines(segment)
    assert count_lines(segment, segment.count(b"\n")) == counted
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "hyperscan", None)
        contains.cache_clear()
        assert count_lines(segment) == counted
    contains.cache_clear()


@given(st.text("ab\\u0\n", max_size=40).map(str.encode), st.sampled_from([(rb"\u00",), (b"ab", b"\nb"), (b"a\0",), ()]))
def test_byte_runs_are_found_where_they_begin(block, literals):
    expected = {at for literal in literals for at in range(len(block)) if block.startswith(literal, at)}
    assert set(finder(literals)(block)) == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "hyperscan", None)
        finder.cache_clear()
        assert set(finder(literals)(block)) == expected
    finder.cache_clear()


def test_the_digest_is_the_same_for_small_and_large_blocks(tmp_path):
    import hashlib

    from nachsorge.evidence.read import Tee

    body = random.Random(3).randbytes(5_000_001)
    path = tmp_path / "body"
    path.write_bytes(body)
    for size in (1 << 12, 1 << 20, 1 << 22, -1):
        with path.open("rb") as stream:
            tee = Tee(stream)
            assert tee.digest is None
            while tee.read(size):
                pass
            assert tee.digest == hashlib.sha256(body).hexdigest()
            tee.close()


def test_a_silence_with_damage_in_it_is_a_gap_and_one_without_is_not():
    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.read import read_source
    from nachsorge.evidence.readers.squid import Squid
    from nachsorge.evidence.seams import Opened
    from nachsorge.matching.sieve import LiteralSieve

    def gaps(damage):
        body = SQUID + damage + SQUID.replace(b"1677628800", b"1677640000")
        source = Opened(path="x", name="x", open=lambda: io.BytesIO(body), size=len(body))
        return [gap for gap in read_source(source, Squid(), LiteralSieve([]), print, Ledger()).gaps if gap.span]

    assert gaps(b"") == []
    (gap,) = gaps(bytes(2000) + b"\n")
    assert (gap.span.end - gap.span.start) // 1_000_000 == 11_199


def test_the_digest_is_the_same_with_and_without_a_core_to_spare(monkeypatch):
    data = b"".join(b"%d some line\n" % number for number in range(200_000))
    digests = set()
    for idle in (True, False):
        monkeypatch.setattr("nachsorge.evidence.read._idle", [idle])
        tee = Tee(io.BytesIO(data))
        room = bytearray(1 << 20), bytearray(1 << 20)
        turn = 0
        while tee.readinto(room[turn]):
            turn ^= 1
        assert (tee._thread is not None) is idle
        digests.add(tee.digest)
        tee.close()
    assert digests == {hashlib.sha256(data).hexdigest()}
