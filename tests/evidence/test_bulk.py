"""What is read in bulk is what the reader's own `parse` gives record by record; who asked is told alike at a glance."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nachsorge.evidence import clients
from nachsorge.evidence.bulk import Table, bulk_of, read_in_bulk
from nachsorge.evidence.bulk_formats import form_of
from nachsorge.evidence.presence import Everyone, anyone, scanner
from nachsorge.evidence.seams import Opened
from nachsorge.evidence.text import text_record
from nachsorge.model.words import Kind

HEADER = "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tquery\tanswers\n"
ADDRESSES = ["10.0.0.5", "10.0.0.50", "10.0.0.53", "110.0.0.5", "2001:db8::5", "010.0.0.1", "-", "", "x"]
HOSTS = [
    "evil.example",
    "203.0.113.9",
    "-",
    "",
    "bücher.example",
    "a" * 32,
    "http://a.example/",
    "::1",
    "12:30:01",
    "v-1",
]
FEW = settings(max_examples=60, deadline=None)

ADDRESS, HOST = st.sampled_from(ADDRESSES), st.sampled_from(HOSTS)
SECONDS = st.integers(0, 5_000_000).map(lambda n: f"16776{n // 10:05}.{n % 1000000:06}"[:17])


def zeek(ts, uid, a, b, query, answer):
    return f"{ts}\t{uid}\t{a}\t{b}\t{query}\t{answer}"


def zeek_object(ts, uid, a, b, query, answer):
    tree = {"_path": "dns", "ts": float(ts), "uid": uid, "id.orig_h": a, "id.resp_h": b, "query": query}
    return json.dumps({**tree, "answers": [answer, query], "rejected": False, "rtt": None}, ensure_ascii=uid == "C1")


HTTP = HEADER.replace("dns", "http").replace("query\tanswers", "host\turi")


def zeek_http_object(ts, uid, a, b, query, answer):
    tree = {"_path": "http", "ts": float(ts), "id.orig_h": a, "id.resp_h": b, "host": query, "uri": f"/{answer}"}
    return json.dumps({**tree, "tx_hosts": [a, b][: len(uid) - 1]} if uid == "7" else tree)


def eve(ts, uid, a, b, query, answer):
    tls = {"sni": query, "subject": f"CN={query}", "chain": [answer] * (len(a) % 3)}
    tree = {"timestamp": "2023-03-01T00:00:00.089690+0000", "flow_id": 5, "event_type": "tls", "src_ip": a}
    return json.dumps({**tree, "src_port": 53 if uid == "C1" else 1024, "dest_ip": b, "proto": uid, "tls": tls})


def squid(ts, uid, a, b, query, answer):
    route = f"http://{query or '-'}/{uid} - HIER_DIRECT/{b or '-'} text/html"
    return f"{ts[:14]}    200 {a or '-'} TCP_MISS/200 52 GET {route}"


FORMS = {
    "zeek_tsv": (zeek, HEADER),
    "zeek_tsv http": (zeek, HTTP),
    "zeek_json": (zeek_object, ""),
    "zeek_json http": (zeek_http_object, ""),
    "suricata_eve": (eve, ""),
    "squid": (squid, ""),
}


def form_for(name):
    return form_of(name.partition(" ")[0], b'{"timestamp"}')


ODD = st.sampled_from(
    ["", "garbage", "{}", '{"a": 1}', "#path\thttp", '{"event_type": "http", "timestamp": 5}', "\t" * 5, "\r"]
)
LINES = st.lists(
    st.tuples(SECONDS, st.sampled_from(["C1", "C2", "7"]), ADDRESS, ADDRESS, HOST, HOST), min_size=1, max_size=12
)


def read(name, text):
    body = text.encode()
    source = Opened(path="log", name="log", open=lambda: io.BytesIO(body), size=len(body))
    form = form_for(name)
    assert form is not None
    found = {}
    for one in read_in_bulk(source, form):
        if isinstance(one, Table):
            for at, number in enumerate(one.numbers):
                values = [(*key, column[at]) for key, column in zip(one.keys, one.columns, strict=True) if column[at]]
                addresses = tuple(column[at] for column in one.addresses if column[at])
                found[f"line {number}"] = one.telemetry, one.times[at], values, addresses
        else:
            found[one.locator] = plain(one)
    return found


def plain(record):
    values = [(value.kind, value.field, value.text) for value in record.values]
    return record.telemetry, record.time, values, record.addresses


def parsed(name, text):
    form = form_for(name)
    found = {}
    for number, line in enumerate(text.encode().split(b"\n"), 1):
        if form.directive and line.startswith(form.directive):
            form.direct(line.strip())
        elif line.strip():
            bad = list(form.malformed(line.rstrip(b"\r") + b"\n"))
            record = None if bad else form.parse(line.rstrip(b"\r"), f"line {number}")
            found[f"line {number}"] = plain(record or text_record(line.rstrip(b"\r"), f"line {number}"))
    return found


@pytest.mark.parametrize("name", sorted(FORMS))
@FEW
@given(lines=LINES, odd=st.none() | ODD)
def test_every_record_is_what_the_format_itself_makes_of_its_line(name, lines, odd):
    write, header = FORMS[name]
    texts = [write(*line) for line in lines]
    texts[len(texts) // 2 : len(texts) // 2] = [] if odd is None else [odd]
    text = header + "".join(f"{each}\n" for each in texts)
    assert read(name, text) == parsed(name, text)


@pytest.mark.parametrize("name", sorted(FORMS))
def test_a_common_log_is_read_in_tables(name):
    write, header = FORMS[name]
    lines = [
        write("1677628801.557287", "C2", f"10.0.0.{n}", "10.0.0.53", "evil.example", "a.example") for n in range(9)
    ]
    body = (header + "\n".join([*lines, ""])).encode()
    form = form_for(name)
    source = Opened(path="log", name="log", open=lambda: io.BytesIO(body), size=len(body))
    (table,) = read_in_bulk(source, form)
    assert isinstance(table, Table)
    assert len(table.numbers) == 9
    assert Kind.HOST in {kind for kind, _ in table.keys}


def one_by_one(segment, form):
    """Ask for every address by itself, as a sweep does."""
    return {
        found for address in anyone(segment) for found in clients.clients(segment, form, scanner(frozenset({address})))
    }


@pytest.mark.parametrize("name", sorted(FORMS))
@FEW
@given(lines=LINES, odd=st.none() | ODD, busy=st.integers(0, 80))
def test_who_asked_is_the_same_for_all_at_once(name, lines, odd, busy):
    write, header = FORMS[name]
    form = form_for(name)
    for line in header.encode().splitlines():
        form.direct(line)
    # Where lines are decoded, a busy server is asked so often that its own requests come too late to be looked at.
    often = [("1677628801.557287", "C2", "10.0.0.9", "10.0.0.53", "a.example", "10.0.0.5")] * busy
    texts = [write(*line) for line in (*often, *lines)]
    texts += [] if odd is None or (form.directive and odd.startswith("#")) else [odd]
    segment = "".join(f"{each}\n" for each in texts).encode()
    assert clients.clients(segment, form, scanner(Everyone())) == one_by_one(segment, form)


def test_a_format_without_a_bulk_is_asked_line_by_line():
    class Other:
        pass

    assert bulk_of(Other()) is None  # type: ignore[arg-type]
    assert form_of("csv_table", b"a,b\n") is None
