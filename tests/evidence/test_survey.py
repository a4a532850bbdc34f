"""With and without the kernel every format of lines is read the same: records, account, gaps."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nachsorge.evidence import fast, survey
from nachsorge.evidence.blocks import whole
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.read import read_source
from nachsorge.evidence.readers import READERS, w3c, windns
from nachsorge.evidence.seams import Opened
from nachsorge.evidence.shapes import Cells, either
from nachsorge.matching.sieve import LiteralSieve

pytest.importorskip("numba", reason="the kernel needs the extra big-lists")

ZEEK = b"#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tquery\n"
LINES: dict[str, tuple[bytes, list[bytes]]] = {
    "squid": (
        b"",
        [
            b"1677628800.123    345 10.0.0.1 TCP_MISS/200 4321 GET http://a.example/x - HIER_DIRECT/192.0.2.1 a/b",
            b"1677628801.123    345 10.0.0.1 TCP_DENIED/403 4321 CONNECT a.example:443 - HIER_NONE/- -",
        ],
    ),
    "access_log": (
        b"",
        [
            b'192.0.2.7 - bob [28/Mar/2023:10:40:00 +0000] "GET /x?y=1 HTTP/1.1" 200 12 "-" "agent (x; y)"',
            b'192.0.2.7 - - [28/Mar/2023:10:40:07 +0000] "GET http://bad.example/ HTTP/1.1" 304 - "-" "agent"\r',
        ],
    ),
    "w3c": (
        b"#Fields: date time c-ip cs-host cs-uri-stem s-sitename\n",
        [b"2023-03-28 10:40:00 192.0.2.7 bad.example /x W3SVC1", b"2023-03-28 10:40:09 192.0.2.7 - /x+y W3SVC1\r"],
    ),
    "zeek_tsv": (
        ZEEK,
        [b"1680000000.5\tC1\t10.0.0.1\tbad.example", b"1680000001.5\tC2\t10.0.0.2\t-", b"#close\t2023-03-28-00-00-00"],
    ),
    "zeek_json": (
        b"",
        [
            b'{"_path":"dns","ts":1680000000.5,"uid":"C1","id.orig_h":"10.0.0.1","query":"bad.example"}',
            b'{"ts":1680000001.5,"uid":"C1","id.orig_h":"10.0.0.1","id.resp_h":"10.0.0.2","conn_state":"SF"}',
            b'{"_path": "http","ts":1680000002.5,"uid":"C1","id.orig_h":"10.0.0.1","host":"b.example","uri":"/"}',
        ],
    ),
    "suricata_eve": (
        b"",
        [
            b'{"timestamp":"2023-03-28T10:40:00.0+0000","flow_id":1,"event_type":"tls","src_ip":"10.0.0.1",'
            b'"tls":{"sni":"bad.example"}}',
            b'{"timestamp":"2023-03-28T10:40:01.0+0000","flow_id":1,"event_type" : "dns","src_ip":"10.0.0.1"}',
            b'{"timestamp":"2023-03-28T10:40:02.0+0000","flow_id":1,"src_ip":"10.0.0.1","x":{"event_type":"dns"},'
            b'"event_type":"http"}',
        ],
    ),
    "dnsmasq": (
        b"",
        [
            b"Mar  1 00:00:01 gw1 dnsmasq[812]: query[A] bad.example from 10.1.227.114",
            b"Mar  1 00:00:01 gw1 dnsmasq[812]: reply bad.example is 192.0.2.1",
            b"Mar  1 00:00:02 gw1 kernel: [12.3] x",
        ],
    ),
    "syslog": (
        b"",
        [
            b"Mar  1 00:00:01 gw1 sshd[812]: Accepted publickey for bob from 10.1.227.114 port 22",
            b"Mar  1 00:00:02 gw2 INFO run-parts: bad.example",
            b"2023-03-01T00:00:03.123456+01:00 gw1 kernel: [12.3] x",
            b"Mar  1 00:00:04 gw1 dhcpd: DHCPACK on 10.0.0.9 to 00:11:22:33:44:55 (pc9) via eth0",
            b"",
        ],
    ),
    "windns": (
        b"DNS Server log file creation at 3/28/2023 1:00:00 AM\r\n\r\n",
        [
            b"3/28/2023 1:00:01 AM 0E7C PACKET  0000D47CFF02 UDP Rcv 10.0.33.72      b131   Q [0001   D   NOERROR] A"
            b"      (3)bad(7)example(0)\r",
            b"3/28/2023 1:00:02 AM 0E7C PACKET  0000D47CFF02 UDP Snd 10.0.33.72      b131 R Q [8081   DR  NOERROR] A"
            b"      (1)x(0)\r",
            b"\r",
            b"3/28/2023 1:00:03 AM 0E7C EVENT   The DNS server has started (2)x(3)yy.\r",
        ],
    ),
    "ndjson": (b"", [b'{"time":"2023-03-28T10:40:00Z","query":"bad.example"}', b'{"time":"2023-03-28T10:40:01Z"}']),
}
PIECES = st.sampled_from(
    [b"\n", b"\r", b" ", b"\t", b"-", b"1", b"x", b"{", b"}", b'"', b"\xe9", b"\0", b"[", b",", b"#"]
)
BY_NAME = {reader.name: reader for reader in READERS}


@pytest.fixture(autouse=True)
def _kernel_put_away():
    yield
    fast.forget()


def read(name: str, body: bytes) -> tuple[object, ...]:
    source = Opened(path="evidence", name="evidence", open=lambda: io.BytesIO(body), size=len(body))
    records: list[object] = []
    ledger = Ledger()
    reading = read_source(source, BY_NAME[name], LiteralSieve(["bad.example"]), records.append, ledger)
    return records, reading, ledger.seen()


@pytest.mark.parametrize("name", sorted(LINES))
@settings(max_examples=250, deadline=None)
@given(st.data())
def test_the_kernel_changes_nothing(name, data):
    header, lines = LINES[name]
    body = bytearray(header + b"".join(data.draw(st.sampled_from(lines)) + b"\n" for _ in range(24)))
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(PIECES)
    fast.forget()
    expected = read(name, bytes(body))
    assert fast.prepare()
    assert read(name, bytes(body)) == expected


@pytest.mark.parametrize("name", sorted(LINES))
def test_the_kernel_is_really_used(name, monkeypatch):
    header, lines = LINES[name]
    taken = []
    real = survey.survey

    def spy(block, form):
        found = real(block, form)
        taken.append(found is not None)
        return found

    monkeypatch.setattr("nachsorge.evidence.lines.survey", spy)
    assert fast.prepare()
    read(name, header + lines[0] + b"\n" + lines[0] + b"\n")
    assert any(taken)


def test_many_odd_lines_are_left_to_the_format():
    fast.prepare()
    body = b"".join(b"no request %d\n" % number for number in range(3000))
    _, reading, _ = read("squid", LINES["squid"][1][0] + b"\n" + body)
    assert (reading.records, reading.unreadable) == (3001, 3000)  # type: ignore[attr-defined]


def test_blocks_end_where_lines_end_whatever_their_length(monkeypatch):
    monkeypatch.setattr("nachsorge.evidence.blocks.BLOCK", 1000)
    line = LINES["squid"][1][0]
    body = b"".join(line + b"x" * (number * 37 % 2500) + b"\n" for number in range(100))
    fast.forget()
    expected = read("squid", body)
    assert expected[1].records == 100  # type: ignore[attr-defined]
    fast.prepare()
    assert read("squid", body) == expected
    assert replace(expected[1], path="") == replace(read("squid", body)[1], path="")  # type: ignore[type-var]


CELLS = st.lists(
    st.sampled_from([b" ", b" ", b"a", b"bc" * 40, b"\n", b"\r", b"\r\n", b'"', b"\t", b"\v", b"\f", b"-", b"#"]),
    max_size=40,
).map(b"".join)


@settings(max_examples=1500, deadline=None)
@given(CELLS, st.sampled_from([b"", b"x y z\n" * 30, b"x y z\r\n" * 30]), st.integers(0, 70))
def test_cells_are_told_at_a_glance_as_step_by_step(body, behind, shift):
    steps = w3c._cells_in_a_row(3)
    assert steps is not None and fast.prepare()
    kernel = fast.kernel()
    block = whole(b"a b " + b"c" * shift + b"\n" + behind + body + b"\n")
    assert kernel is not None and block.ready(kernel)
    found, walked = Cells(3).odd(kernel, block, -1), either(steps).odd(kernel, block, -1)
    assert found is not None and walked is not None
    assert found[:3] == walked[:3]


LABELS = st.lists(
    st.sampled_from(
        [b"(", b")", b"(3)", b"(0)", b"(12)", b"(1234)", b"abc", b"a" * 252, b".", b" ", b"\n", b"\r", b"()"]
    ),
    max_size=14,
).map(b"".join)
DATES = st.lists(
    st.sampled_from(
        [b"1/2/2023 ", b"13/1/2023\n", b"4/14/2023\t", b"5/5/2023 ", b"at 7/8/2023 ", b"\n", b"x", b"1/2/20233 "]
    ),
    max_size=8,
).map(b"".join)


BEHIND = st.sampled_from([b"", b"-" * 300, b"(3)abc(0)\n" * 20])
"""So much behind that many bytes are looked at together."""


@settings(max_examples=800, deadline=None)
@given(LABELS, BEHIND)
def test_names_in_counted_labels_are_written_with_dots_by_both_engines(body, behind):
    fast.prepare()
    assert windns._in_dots(body + behind) == windns._NAME.sub(windns._undotted, body + behind)


@settings(max_examples=400, deadline=None)
@given(st.lists(LABELS, max_size=6).map(b"\n".join), st.integers(1, 400), st.booleans())
def test_names_are_written_with_dots_however_the_stream_is_read(body, size, prepared):
    (fast.prepare if prepared else fast.forget)()
    view, given = memoryview(bytearray(size)), b""
    with windns._Dotted(io.BytesIO(body)) as stream:
        while got := stream.readinto(view):
            given += view[:got]
    assert given == windns._NAME.sub(windns._undotted, body)


@settings(max_examples=800, deadline=None)
@given(DATES, st.sampled_from([b"", b"-" * 300, b"1/2/2023 \n" * 20, b"1/2/2023 x" * 20 + b"at 13/1/2024\n"]))
def test_dates_are_told_apart_by_both_engines(body, behind):
    fast.forget()
    expected = windns._dates(whole(body + behind))
    fast.prepare()
    assert windns._dates(whole(body + behind)) == expected
