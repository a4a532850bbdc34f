"""A file read in parts gives what it gives when it is read whole, to the last byte of the account."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import domain_pack, t

from nachsorge.evidence import blocks, samples
from nachsorge.evidence.units import units
from nachsorge.matching.tests import tests_of as compiled
from nachsorge.sweep import executors, split
from nachsorge.sweep.outcome import Orders
from nachsorge.sweep.pool import Pool
from nachsorge.sweep.split import Board
from nachsorge.sweep.work import Worker

ADDRESSES = frozenset({"10.0.0.5", "10.0.0.7"})
ORDERS = Orders(tests=compiled([domain_pack()]), now=t("2023-05-01"), addresses=ADDRESSES)
START = t("2023-03-01") // 1_000_000
EVERY = (
    *("zeek_tsv", "zeek_json", "suricata_eve", "squid", "access_log", "w3c", "syslog", "bind", "dnsmasq"),
    *("cef", "leef", "ndjson", "plain_text"),
)


def _when(at, form):
    return datetime.fromtimestamp(at, UTC).strftime(form)


def _row(kind, at, name, client):
    """Write one record of a kind of log."""
    match kind:
        case "zeek_tsv":
            return f"{at}.000001\tC{at}\t{client}\t10.0.0.1\t{name}"
        case "zeek_json":
            return f'{{"ts":{at}.5,"uid":"C{at}","id.orig_h":"{client}","id.resp_h":"10.0.0.1","query":"{name}"}}'
        case "suricata_eve":
            stamp = _when(at, "%Y-%m-%dT%H:%M:%S.000000+0000")
            dns = f'"dns":{{"type":"query","rrname":"{name}"}}'
            return f'{{"timestamp":"{stamp}","event_type":"dns","src_ip":"{client}","dest_ip":"10.0.0.1",{dns}}}'
        case "squid":
            return f"{at}.123    200 {client} TCP_TUNNEL/200 4321 CONNECT {name}:443 - HIER_DIRECT/203.0.113.7 -"
        case "access_log":
            return f'{client} - - [{_when(at, "%d/%b/%Y:%H:%M:%S +0000")}] "GET http://{name}/ HTTP/1.1" 200 1 "-" "x"'
        case "w3c":
            return f"{_when(at, '%Y-%m-%d %H:%M:%S')} {client} GET {name} /index.html 200"
        case "syslog":
            return f"{_when(at, '%Y-%m-%dT%H:%M:%S+00:00')} pc{at % 3} app[1]: asked {name} for {client}"
        case "bind":
            stamp = _when(at, "%d-%b-%Y %H:%M:%S")
            return f"{stamp}.000 client {client}#5353 ({name}): query: {name} IN A + (10.0.0.1)"
        case "dnsmasq":
            return f"{_when(at, '%b %e %H:%M:%S')} gate dnsmasq[1]: query[A] {name} from {client}"
        case "cef":
            return f"CEF:0|Maker|Product|1|100|dns|3|rt={at}000 src={client} dst=10.0.0.1 dhost={name} app=DNS"
        case "leef":
            return f"LEEF:1.0|Maker|Product|1|dns|devTime={at}000\tsrc={client}\tdst=10.0.0.1\tdhost={name}"
        case "ndjson":
            return f'{{"@timestamp":"{_when(at, "%Y-%m-%dT%H:%M:%SZ")}","client":"{client}","query":"{name}"}}'
        case _:
            return f"free words about {name} and {client}, never with a time"


STEPS = (1, 7, 60, 900, 8000)
"""Seconds from a record to the next; the largest leaves a silence."""

HEADS = {
    "zeek_tsv": "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tquery\n",
    "w3c": "#Version: 1.0\n#Fields: date time c-ip cs-method cs-host cs-uri-stem sc-status\n",
}


def made(kind, rows, seed, *, disorder=0.0, dirt=0.0, newline="\n", ended=True, steps=STEPS):
    """Make a log with gaps in time; `disorder` sets clocks back, `dirt` puts in lines of no known shape."""
    chance = random.Random(seed)
    at, body = START, []
    for _ in range(rows):
        at += chance.choice(steps)
        late = at - 20_000 if chance.random() < disorder else at
        name = "evil.example" if chance.random() < 0.05 else f"host-{chance.randrange(900)}.example.org"
        client = f"10.0.0.{chance.randrange(1, 9)}"
        body.append(_row(kind, max(late, START), name, client))
        if chance.random() < dirt:
            body.append(chance.choice(("", "broken off in the mi", "   ", "\\x00 evil.example")))
    return (HEADS.get(kind, "") + newline.join(body) + (newline if ended else "")).encode()


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of 4 KiB with 16 samples, so that small files have many of them."""
    monkeypatch.setattr(blocks, "BLOCK", 4096)
    monkeypatch.setattr(samples, "SEGMENT", 256)
    monkeypatch.setattr(split, "LARGE", 4096)
    monkeypatch.setattr(split, "LEAST", 4096)


_worker = cache(Worker)


def whole_and_parts(folder, body, orders=ORDERS, workers=3):
    """Read a file in both ways; gives both outcomes, into how many tasks it was cut, and whether they were joined."""
    (folder / "some.log").write_bytes(body)
    (unit,) = units([str(folder / "some.log")], {})
    worker = _worker(orders)
    board = Board([unit], workers=workers)
    done = [board.take(number, worker.work(task)) for number, task in reversed(list(enumerate(board.tasks)))]
    (outcome,) = (found for found in done if found) if not board.torn else ((0, worker.work(unit)),)
    return worker.work(unit), outcome[1], len(board.tasks), not board.torn


@pytest.mark.parametrize("kind", EVERY)
def test_every_kind_of_log_that_is_split_is_the_same_in_parts(kind, tmp_path, small_blocks):
    whole, parts, tasks, joined = whole_and_parts(tmp_path, made(kind, 900, 1, disorder=0.02, dirt=0.02))
    assert whole[0].reading.reader == kind
    assert tasks > 5
    assert joined
    assert len(whole[0].hits) > 10
    assert parts == whole


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(EVERY),
    rows=st.integers(60, 500),
    seed=st.integers(0, 10_000),
    disorder=st.sampled_from((0.0, 0.3)),
    dirt=st.sampled_from((0.0, 0.2)),
    newline=st.sampled_from(("\n", "\r\n", "\n\n")),
    ended=st.booleans(),
    sieve=st.booleans(),
)
def test_order_dirt_and_line_ends_make_no_difference(
    kind, rows, seed, disorder, dirt, newline, ended, sieve, tmp_path, small_blocks
):
    body = made(kind, rows, seed, disorder=disorder, dirt=dirt, newline=newline, ended=ended)
    orders = Orders(tests=ORDERS.tests, now=ORDERS.now, sieve=sieve, addresses=ADDRESSES)
    whole, parts, _, _ = whole_and_parts(tmp_path, body, orders)
    assert parts == whole


def test_a_new_header_in_the_middle_makes_the_file_be_read_whole(tmp_path, small_blocks):
    other = b"#fields\tts\tuid\tquery\tid.orig_h\tid.resp_h\n"
    body = made("zeek_tsv", 400, 2) + other + made("zeek_tsv", 400, 3).split(b"\n", 3)[3]
    whole, parts, tasks, joined = whole_and_parts(tmp_path, body)
    assert (tasks > 5, joined) == (True, False)
    assert parts == whole


def test_a_last_line_that_closes_the_log_does_not(tmp_path, small_blocks):
    whole, parts, _, joined = whole_and_parts(tmp_path, made("zeek_tsv", 3000, 2) + b"#close\t2023-04-01-00-00-00\n")
    assert joined
    assert parts == whole


def test_a_lease_that_takes_two_events_makes_the_file_be_read_whole(tmp_path, small_blocks):
    lease = b'{"timestamp":"2023-03-02T00:00:00.000000+0000","event_type":"dhcp","src_ip":"10.0.0.5","dhcp":{"client_mac":"00:00:5e:00:53:01","hostname":"pc1"}}\n'  # noqa: E501
    answer = b'{"timestamp":"2023-03-02T00:00:01.000000+0000","event_type":"dhcp","src_ip":"10.0.0.1","dhcp":{"client_mac":"00:00:5e:00:53:01","type":"reply","dhcp_type":"ack","assigned_ip":"10.0.0.5"}}\n'  # noqa: E501
    whole, parts, _, joined = whole_and_parts(tmp_path, lease + made("suricata_eve", 400, 2) + answer)
    assert not joined
    assert parts == whole


def test_a_line_beyond_a_border_makes_the_file_be_read_whole(tmp_path, small_blocks, monkeypatch):
    monkeypatch.setattr("nachsorge.evidence.parts._LOOK_BACK", 512)
    body = made("plain_text", 100, 2) + b"x" * 9000 + b"\n" + made("plain_text", 100, 3)
    whole, parts, tasks, joined = whole_and_parts(tmp_path, body)
    assert (tasks > 3, joined) == (True, False)
    assert parts == whole


def test_a_file_that_grows_meanwhile_is_read_whole(tmp_path, small_blocks):
    place = tmp_path / "some.log"
    place.write_bytes(made("squid", 600, 2))
    (unit,) = units([str(place)], {})
    board, worker = Board([unit], workers=2), Worker(ORDERS)
    place.write_bytes(place.read_bytes() + made("squid", 5, 3))
    done = [board.take(number, worker.work(task)) for number, task in enumerate(board.tasks)]
    assert done == [None] * len(board.tasks)
    assert board.torn == [0]


@pytest.mark.parametrize("body", [b"a,b\n1,2\n" * 3000, b"PK\x03\x04" + bytes(9000), b"\x00\x01" * 9000])
def test_what_cannot_be_split_exactly_is_not_split(body, tmp_path, small_blocks):
    *_, tasks, _ = whole_and_parts(tmp_path, body)
    assert tasks == 1


def test_one_worker_or_many_equal_files_need_no_parts(tmp_path, small_blocks):
    for number in range(20):
        (tmp_path / f"{number}.log").write_bytes(made("squid", 200, number))
    many = list(units([str(tmp_path)], {}))
    assert len(Board(many, workers=2).tasks) == 20
    assert len(Board(many[:1], workers=1).tasks) == 1
    assert len(Board(many[:1], workers=2).tasks) > 2


def test_processes_read_a_split_file_as_one(tmp_path, monkeypatch):
    # Children import the module afresh: blocks have their real size there.
    monkeypatch.setattr(split, "LARGE", 4096)
    monkeypatch.setattr(split, "LEAST", 4096)
    monkeypatch.setattr(executors, "SMALL", 0)
    (tmp_path / "some.log").write_bytes(made("squid", 60_000, 5, steps=(1, 2)))
    files = list(units([str(tmp_path)], {}))
    told = []
    alone = Pool(jobs=1, total=0, progress=lambda *step: None).run(ORDERS, files)
    parted = Pool(jobs=2, total=files[0].size, progress=lambda *step: told.append(step)).run(ORDERS, files)
    assert parted == alone
    assert len(told) == 8  # six parts of a megabyte, a short one, and the digest of it all
    assert told[-1][0] == files[0].size
