"""Numbers that go with a name are kept as ranks, and come back as they were; small stores are asked as large ones."""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.index.kit import Event, incident, sighted, standings, verdicts
from tests.index.test_same_answer import ATOMIC, EVIDENCE, INVENTORIES, NOW, START, both

from nachsorge.index import build, pairs, store
from nachsorge.index.batch import Batch
from nachsorge.index.build import create
from nachsorge.index.engine import connect
from nachsorge.index.groups import grouped
from nachsorge.index.shapes import SOME, Column, Shape, Stored, read, texts_of, written
from nachsorge.matching.indexed import tokens_of
from nachsorge.model.times import DAY, MINUTE
from nachsorge.sweep import Options, gather
from nachsorge.sweep.indexing import IndexOptions, index
from nachsorge.sweep.recall import recall

SHAPE = Shape(
    "dns_query",
    True,
    "line ",
    None,
    (
        Column("host", "query", (None,), 0, "h"),
        Column("address", "answers", (None,), 1, "a"),
        Column("url", "rest", (None,), 2, "t"),
    ),
)
ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(0, 3)), max_size=60)
ALWAYS = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def always(monkeypatch):
    """Keep pairs in the smallest of parts, and no list of numbers that would make them needless."""
    monkeypatch.setattr(build, "FEW", 0)
    monkeypatch.setattr(pairs, "_OFTEN", 9.0)


@ALWAYS
@given(ROWS)
def test_ranks_come_back_as_the_numbers_they_were(rows):
    with connect() as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "_OFTEN", 9.0)
        create(connection, 3)
        stored = msgspec.json.encode(Stored()).decode()
        connection.execute("INSERT INTO shapes VALUES (0, $1, $2)", [written(SHAPE), stored])
        for number, ids in enumerate(rows):
            connection.execute("INSERT INTO rows VALUES (0, 0, $1, 0, 1, $1, 0, $2, $3, $4)", [number, *ids])
        pairs.pack(connection)
        packed = connection.execute("SELECT v0, v1, v2 FROM rows ORDER BY first_no").fetchall()
        held = connection.execute("SELECT domain, parent, rank, child FROM pairs").fetchall()
        pairs.unpack(connection)
        assert connection.execute("SELECT v0, v1, v2 FROM rows ORDER BY first_no").fetchall() == rows
    numbers = {(domain, parent, rank): child for domain, parent, rank, child in held}
    assert [(h, numbers.get(("a", h, a), 0), numbers.get(("t", h, r), 0)) for h, a, r in packed] == rows
    assert {(domain, parent, child) for domain, parent, _, child in held} == {
        (domain, row[0], row[at]) for row in rows for at, domain in ((1, "a"), (2, "t")) if row[at]
    }


def test_what_goes_with_no_name_keeps_its_number():
    """Random addresses would make pairs as many as rows."""
    with connect() as connection:
        create(connection, 3)
        stored = msgspec.json.encode(Stored()).decode()
        connection.execute("INSERT INTO shapes VALUES (0, $1, $2)", [written(SHAPE), stored])
        connection.execute(
            "INSERT INTO rows SELECT 0, 0, n, 0, 1, n, 0, n % 5 + 1, n + 1, 1 + n % 5 FROM range(500) t(n)"
        )
        pairs.pack(connection)
        ((text,),) = connection.execute("SELECT stored FROM shapes").fetchall()
        assert msgspec.json.decode(text, type=Stored).after == {2: 0}
        assert connection.execute("SELECT DISTINCT v2 FROM rows").fetchall() == [(1,)]
        assert connection.execute("SELECT max(v1) FROM rows").fetchone() == (500,)


@ALWAYS
@given(EVIDENCE, st.lists(st.sampled_from(ATOMIC), unique=True), st.sampled_from(INVENTORIES), st.booleans())
def test_with_pairs_the_answer_is_the_same(evidence, indicators, inventory, bulk):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "FEW", 0)
        patch.setattr(pairs, "_OFTEN", 9.0)
        patch.setattr(build, "BLOCK", 40)
        patch.setattr(store, "_CACHED", 100 if bulk else 1 << 28)
        if bulk:
            patch.setattr(gather, "BULKY", 0)
        raw, kept = both(Path(folder), evidence, indicators, inventory)
    assert sighted(kept) == sighted(raw)
    assert standings(kept) == standings(raw)
    assert verdicts(kept) == verdicts(raw)
    assert kept.coverage == raw.coverage


def test_after_forgetting_pairs_are_made_anew(tmp_path, always):
    events = [
        Event(START + day * DAY + n * MINUTE, "10.0.0.5", f"{'evil' if n % 2 else 'good'}.example", f"/{n % 4}")
        for day in (0, 5)
        for n in range(60)
    ]
    wanted = [("domain", "evil.example"), ("ip", "192.0.2.1"), ("url", "http://evil.example/3")]
    evidence = [("dns.log", events, True), ("eve.json", events, True)]
    raw, kept = both(tmp_path, evidence, wanted, INVENTORIES[0])
    assert sighted(kept) == sighted(raw)
    index([], tmp_path / "index", IndexOptions(jobs=1, now=NOW, forget_before=START + DAY))
    later = recall([incident(*wanted)], tmp_path / "index", INVENTORIES[0], Options(jobs=1, now=NOW))
    assert sighted(later)
    assert sighted(later) == {key: time for key, time in sighted(raw).items() if time and time >= START + DAY}


def test_a_field_that_some_records_have_as_another_is_no_text_of_its_own():
    peers = [f"198.51.100.{n}" for n in range(100)]
    some = [peer if n % 3 else "" for n, peer in enumerate(peers)]
    batch = Batch(
        telemetry="proxy",
        place="line ",
        keys=(("address", "peer"), ("tokens", "hierarchy")),
        columns=[peers, some],
        times=list(range(100)),
        numbers=list(range(100)),
    )
    group = grouped(batch)
    shape = read(group.shape)
    assert shape.columns[1].parts == (0,)
    assert shape.columns[1].domain == SOME
    assert group.slots[1].texts == []
    texts = {("a", n): text for n, text in enumerate(group.slots[0].texts, 1)}
    assert texts_of(shape, (2, 1), texts) == [peers[1], peers[1]]
    assert texts_of(shape, (1, 0), texts) == [peers[0], ""]


def test_a_path_in_a_field_of_its_own_is_kept_once():
    hosts, paths = [f"h{n}.example" for n in range(100)], [f"/{n}/index" for n in range(100)]
    urls = [f"http://{host}{path}" for host, path in zip(hosts, paths, strict=True)]
    batch = Batch(
        telemetry="proxy",
        place="line ",
        keys=(("host", "host"), ("url", "uri"), ("url", "url")),
        columns=[hosts, paths, urls],
        times=list(range(100)),
        numbers=list(range(100)),
    )
    group = grouped(batch)
    shape = read(group.shape)
    assert shape.columns[2].parts == ("http://", 0, 1)
    assert len(group.slots) == 2
    domains = [(slot.domain, slot.texts) for slot in group.slots]
    texts = {(domain, n): text for domain, listed in domains for n, text in enumerate(listed, 1)}
    assert texts_of(shape, (7, 7), texts) == [hosts[6], paths[6], urls[6]]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("at 12:34:56.789 and 00:00:01", ()),
        ("mac 00:11:22:33:44:55", ()),
        ("from 2001:db8::1 port 5", ("2001:db8::1",)),
        ("from 1:2:3:4:5:6:7:8 on", ("1:2:3:4:5:6:7:8",)),
    ],
)
def test_a_time_is_no_address(text, tokens):
    assert tuple(one for one in tokens_of(text) if ":" in one) == tokens
