"""The compiled loops of event logs are a shortcut: nobody can tell from records or account whether they were used."""

from __future__ import annotations

import json
import struct
from array import array
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.evidence_kit import Literals, read_bytes

from nachsorge.evidence import fast, numbered
from nachsorge.evidence.continuity import Continuity
from nachsorge.evidence.evtx_file import CHUNK, HEADER, Chunk, _frames, _in_a_circle
from nachsorge.evidence.evtx_records import Rendered
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.readers.evtx import Evtx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("numba")

once = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> Iterator[None]:
    assert fast.prepare_events()
    yield
    fast.forget_events()


def both(call):
    """Give what a call gives without the loops, and with them."""
    fast.forget_events()
    slow = call()
    assert fast.prepare_events()
    return slow, call()


def account(ledger: Ledger) -> tuple[object, ...]:
    spoilt = ledger.unreadable, ledger.unreadable_at, ledger.notes, ledger.own_leases()
    return ledger.records, ledger.seen(), ledger.gaps, ledger.log_sources(), ledger.first, ledger.last, spoilt


def same_of(body: bytes, *literals: bytes) -> int:
    """Read a log both ways, and give how many records there are in it."""

    def read():
        records, ledger = read_bytes(Evtx(), body, *literals)
        return records, account(ledger), ledger.records

    slow, quick = both(read)
    assert slow == quick
    return int(slow[2])


@pytest.fixture(scope="module")
def system(shared_data: Path) -> bytes:
    return (shared_data / "evtx-plaso-benign" / "System.evtx").read_bytes()


@pytest.mark.parametrize("literals", [(), (b"winlogon.exe",), (b"not there at all",), (b"\xe2\x80\x8e8/",)])
def test_a_real_log_is_read_the_same(system, literals):
    assert same_of(system, *literals) == 5009


def test_samples_of_many_logs_are_read_the_same(shared_data):
    """Security, Sysmon, PowerShell, and logs that were cleared."""
    files = sorted((shared_data / "evtx-attack-samples").rglob("*.evtx"))
    assert sum(same_of(path.read_bytes()) for path in files) == 502


def test_chunks_of_different_logs_in_one_file_are_read_the_same(shared_data):
    """As forwarded events lie: the kinds of one batch belong to several logs."""
    files = sorted((shared_data / "evtx-attack-samples").rglob("*.evtx"))
    bodies = [path.read_bytes() for path in files]
    chunks = [body[HEADER : HEADER + CHUNK] for body in bodies if len(body) >= HEADER + CHUNK]
    assert same_of(bodies[0][:HEADER] + b"".join(chunks), b"powershell") > 400


@once
@given(
    damage=st.lists(st.tuples(st.integers(0, CHUNK - 17), st.binary(min_size=1, max_size=16)), min_size=1, max_size=6)
)
def test_a_damaged_log_is_read_the_same(system, damage):
    body = bytearray(system[: HEADER + CHUNK])
    for offset, noise in damage:
        body[HEADER + offset : HEADER + offset + len(noise)] = noise
    same_of(bytes(body))


words = st.sampled_from(["System", "Security", "PC1", "PC2", 'a"b', "C:\\x", "Ä", ""])
stamps = st.sampled_from(
    [
        "2023-03-29T01:02:03.000004Z",
        "2024-02-29T23:59:59.999999Z",
        "2000-12-31T00:00:00.000000Z",
        "2023-02-29T00:00:00.000000Z",
        "2023-04-31T00:00:00.000000Z",
        "2023-13-01T00:00:00.000000Z",
        "2023-03-29T24:00:00.000000Z",
        "2023-03-29T00:60:00.000000Z",
        "2023-03-29T00:00:60.000000Z",
        "2023-03-29T01:02:03Z",
        "2023-03-29T01:02:03.000004",
        "1989-12-31T00:00:00.000000Z",
        "1601-01-01T00:00:00.000000Z",
        "0000-00-00T00:00:00.000000Z",
    ]
) | st.datetimes().map(lambda time: time.isoformat(timespec="microseconds") + "Z")
between = st.sampled_from(
    [
        {"Correlation": None, "Execution": {"#attributes": {"ProcessID": 4, "ThreadID": 8}}},
        {"Correlation": {"#attributes": {"ActivityID": "AB-CD"}}},
        {"Correlation": {"#attributes": {"ActivityID": '",\\"Channel\\":\\"'}}},
        {"Correlation": {"Channel": "posed", "Computer": "posed"}},
        {"Correlation": 'x","Channel":"posed","Computer":"posed"'},
        {},
    ]
)
behind = st.sampled_from([{}, {"Security": None}, {"Security": {"#attributes": {"UserID": "S-1-5-18"}}}])
bodies = st.sampled_from(
    [None, {"param1": "x\ny"}, {"System": {"Channel": "posed"}}, {"SystemTime": "2023-03-29T00:00:00.000000Z"}]
)


@st.composite
def events(draw) -> str:
    number = draw(st.integers(0, 60) | st.sampled_from([104, 1102, 7036]))
    name = draw(st.sampled_from(["X", "Microsoft-Windows-Sysmon", "Microsoft-Windows-Eventlog", "Ä"]))
    system = {
        "Provider": {"#attributes": {"Name": name}},
        "EventID": draw(st.sampled_from([number, {"#attributes": {"Qualifiers": 1}, "#text": number}, str(number)])),
        "TimeCreated": {"#attributes": {"SystemTime": draw(stamps)}},
        "EventRecordID": draw(st.integers(0, 40) | st.sampled_from([-1, 2**62, 2**63, 10**17, 10**18])),
        **draw(between),
        "Channel": draw(words),
        "Computer": draw(words),
        **draw(behind),
    }
    for gone in draw(st.sets(st.sampled_from(sorted(system)), max_size=1) if draw(st.booleans()) else st.just(set())):
        del system[gone]
    tree = {"Event": {"System": system, "EventData": draw(bodies)}}
    return json.dumps(tree, separators=(",", ":"), ensure_ascii=False)


damaged = st.sampled_from(["", "no JSON", "a\nb", "\n", '{"Event":{}}', '"SystemTime":"'])
texts = events() | st.tuples(events(), st.integers(0, 500)).map(lambda pair: pair[0][: pair[1]]) | damaged


@once
@given(st.lists(st.lists(texts, max_size=12), max_size=3), st.sampled_from([None, b"posed", b"Qualifiers"]))
def test_whatever_is_rendered_is_read_the_same(batches, literal):
    def read():
        ledger = Ledger()
        run = Rendered(ledger, None if literal is None else Literals((literal,)), Continuity(ledger), "host")
        records = []
        for batch in batches:
            # Twice: what was new the first time is known the second time.
            for _ in range(2):
                records += list(run.take(list(range(len(batch))), batch))
            run.settle()
        run.continuity.settle()
        return records, account(ledger), run.last_host, run.own_numbers

    slow, quick = both(read)
    assert slow == quick


def test_the_usual_events_are_read_by_the_loops(system):
    """Else the tests above would compare the slow way with itself."""
    ledger = Ledger()
    run = Rendered(ledger, Literals((b"nothing",)), Continuity(ledger), None)
    assert run.compiled is not None
    text = (
        '{"Event":{"System":{"Provider":{"#attributes":{"Name":"X"}},"EventID":7,'
        '"TimeCreated":{"#attributes":{"SystemTime":"2023-03-29T01:02:03.000004Z"}},"EventRecordID":%d,'
        '"Correlation":null,"Channel":"System","Computer":"PC1","Security":null},"EventData":null}}'
    )
    batch = [text % number for number in range(50)]
    body = "\n".join(batch).encode()
    found = run.compiled.read(batch, body)
    assert found is not None
    assert (found.numbers.tolist(), set(found.times)) == (list(range(50)), {1_680_051_723_000_004})
    assert run.compiled.read(batch, body) is not None
    assert run.compiled._kernel.out[0] == 0, "nothing was odd the second time"
    assert [(records, first) for _, records, first, _ in run.compiled.counted()] == [(100, 1_680_051_723_000_004)]


def test_more_kinds_than_there_is_room_for_are_read_the_same():
    def read():
        ledger = Ledger()
        run = Rendered(ledger, Literals((b"PC77",)), Continuity(ledger), None)
        found = 0
        for start in range(0, 6000, 100):
            batch = [
                '{"Event":{"System":{"Provider":{"#attributes":{"Name":"X"}},"EventID":7,"TimeCreated":{"#attributes":'
                f'{{"SystemTime":"2023-03-29T01:02:03.000004Z"}}}},"EventRecordID":{number},"Channel":"System",'
                f'"Computer":"PC{number}"}},"EventData":null}}}}'
                for number in range(start, start + 100)
            ]
            found += len(list(run.take(list(range(start, start + 100)), batch)))
            run.settle()
        return found, account(ledger)

    slow, quick = both(read)
    assert slow == quick
    assert slow[0] == 11, "PC77 and PC770 to PC779"


@once
@given(st.lists(st.sampled_from([b"**\0\0", b"\0", struct.pack("<I", 28), struct.pack("<I", 60)]), max_size=80))
def test_frames_are_followed_the_same(pieces):
    body = bytes(512) + b"".join(pieces)
    record = b"**\0\0" + struct.pack("<IQ", 32, 5) + bytes(12) + struct.pack("<I", 32)
    raw = (body + record * 3 + b"".join(pieces) + record).ljust(CHUNK, b"\0")

    def walk():
        chunk = Chunk(0, raw, len(raw))
        _frames(chunk, CHUNK)
        return chunk.frames

    slow, quick = both(walk)
    assert slow == quick
    assert len(slow) >= 3


@once
@given(st.lists(st.tuples(st.integers(0, 63), st.integers(0, 40)), max_size=30), st.lists(st.integers(0, 45)))
def test_circles_are_found_the_same(starts, links):
    raw = bytearray(CHUNK)
    for bucket, place in starts:
        struct.pack_into("<I", raw, 128 + 4 * bucket, 600 + 4 * place)
    for place, link in enumerate(links):
        struct.pack_into("<I", raw, 600 + 4 * place, CHUNK - link if link > 40 else 600 + 4 * link)
    slow, quick = both(lambda: _in_a_circle(bytes(raw)))
    assert slow == quick


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5 * numbered.BACKWARDS)), max_size=40))
def test_numbers_and_times_are_judged_the_same(pairs):
    numbers, times = array("q", (n for n, _ in pairs)), array("q", (t for _, t in pairs))
    slow, quick = both(lambda: (numbered._falls(numbers), numbered.cuts_of(numbers, times)))
    assert slow == quick


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5)), min_size=1, max_size=40))
def test_numbers_are_put_in_order_with_their_times(pairs):
    log = numbered.NumberedLog(array("q", (n for n, _ in pairs)), array("q", (t for _, t in pairs)))
    rising = all(number <= following for (number, _), (following, _) in pairwise(pairs))
    assert list(log.ordered()) == (pairs if rising else sorted(pairs))
