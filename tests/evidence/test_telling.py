"""What a log of traffic without a word of what was let through covers: nothing, however it is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evidence_kit import Literals, opened
from tests.sweep.test_split import whole_and_parts

from nachsorge.evidence import blocks, fast
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.read import read_source
from nachsorge.evidence.readers import READERS
from nachsorge.model.words import Reason, Telemetry
from nachsorge.sweep import split

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nachsorge.model.evidence import Reading

START = 1_680_000_000
"""2023-03-28T10:40:00Z"""
BY_NAME = {reader.name: reader for reader in READERS}
HEADS = {
    "zeek_tsv": "#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tid.resp_h\tquery\n",
    "w3c": "#Version: 1.0\n#Fields: date time c-ip s-action cs-method cs-host cs-uri-path sc-status\n",
    "iis": "#Fields: date time s-sitename c-ip cs-method cs-uri-stem sc-status sc-win32-status\n",
    "csv_table": "time,client_ip,url,action\n",
}
READER = {"iis": "w3c", "forward": "access_log"}
KINDS = ("squid", "w3c", "iis", "access_log", "forward", "csv_table", "cef", "zeek_tsv", "zeek_json")
ALL_PASS = ("zeek_tsv", "zeek_json")
"""A sensor sees what passes: nothing in its rows is refused."""
COLUMNS = {
    "squid": ("url", "status"),
    "w3c": ("url", "status"),
    "iis": ("url", "status", "client"),
    "csv_table": ("url", "status"),
    "cef": ("url", "status"),
    "zeek_tsv": ("url",),
    "zeek_json": ("url",),
}
"""What may be emptied in each, so that nothing is left that shows what was let through, or with whom."""


def row(kind: str, minute: int, *, through: bool, without: str = "") -> str:
    """Write a request one minute after the other; `without` names the column that holds nothing."""
    second = START + 60 * minute
    clock = f"{(second // 3600) % 24:02}:{(second // 60) % 60:02}:00"
    day = 28 + (second - 1_679_961_600) // 86_400
    url = "" if without == "url" else "good.example"
    client = "-" if without == "client" else "10.0.0.5"
    none = without == "status"
    match kind:
        case "squid":
            code = "NONE_NONE/000" if none else "TCP_TUNNEL/200" if through else "TCP_DENIED/403"
            return f"{second}.123    200 10.0.0.5 {code} 4321 CONNECT {url or '-'} - HIER_NONE/- -"
        case "w3c":
            action, status = ("-", "-") if none else ("TCP_MISS", 200) if through else ("TCP_DENIED", 403)
            return f"2023-03-{day} {clock} 10.0.0.5 {action} GET {url or '-'} /a {status}"
        case "iis":
            status = "-" if none else 200 if through else 404
            return f"2023-03-{day} {clock} W3SVC1 {client} GET {'/a' if url else '-'} {status} 0"
        case "access_log":
            return f'10.0.0.5 - - [{day}/Mar/2023:{clock} +0000] "GET /a HTTP/1.1" {200 if through else 403} 1 "-" "x"'
        case "forward":
            status = 200 if through else 407
            return f'10.0.0.5 - - [{day}/Mar/2023:{clock} +0000] "GET http://{url}/ HTTP/1.1" {status} 1 "-" "x"'
        case "csv_table":
            action = "" if none else "allowed" if through else "blocked"
            return f"2023-03-{day}T{clock}Z,10.0.0.5,{'http://' + url + '/' if url else ''},{action}"
        case "cef":
            action = "" if none else "permit" if through else "deny"
            asked = f"request=http://{url}/ " if url else ""
            return f"CEF:0|Maker|Product|1|100|web|3|rt={second}000 act={action} src=10.0.0.5 {asked}x=1"
        case "zeek_json":
            asked = f',"query":"{url}"' if url else ""
            return f'{{"_path":"dns","ts":{second}.000001,"id.orig_h":"10.0.0.5","id.resp_h":"192.0.2.1"{asked}}}'
        case _:
            return f"{second}.000001\t10.0.0.5\t192.0.2.1\t{url or '-'}"


def log(kind: str, rows: Sequence[str]) -> bytes:
    return (HEADS.get(kind, "") + "".join(f"{each}\n" for each in rows)).encode()


def reading(kind: str, body: bytes, addresses: frozenset[str] = frozenset({"10.0.0.5"})) -> Reading:
    source = opened(body, addresses=addresses)
    return read_source(source, BY_NAME[READER.get(kind, kind)], Literals((b"never",)), lambda _: None, Ledger())


def covered(kind: str, body: bytes) -> tuple[set[tuple[int, int]], ...]:
    """Give the stretches of requests that count, and those in which the client appears."""
    told = reading(kind, body)
    asked = (Telemetry.PROXY, Telemetry.WEBSERVER, Telemetry.DNS_QUERY)
    seen = {(span.start, span.end) for seen in told.seen if seen.telemetry in asked for span in seen.spans}
    there = {(span.start, span.end) for one in told.presence if one.telemetry in asked for span in one.spans}
    return seen, there


def within(less: set[tuple[int, int]], more: set[tuple[int, int]]) -> bool:
    return all(any(a <= start and end <= b for a, b in more) for start, end in less)


@pytest.mark.parametrize("kind", KINDS)
def test_one_request_that_was_let_through_shows_that_the_log_has_them(kind: str) -> None:
    rows = [row(kind, minute, through=minute == 7) for minute in range(20)]
    seen, there = covered(kind, log(kind, rows))
    assert seen == there == {(seen_from(kind), seen_from(kind) + 19 * 60_000_000)}


def seen_from(kind: str) -> int:
    fraction = {"squid": 123_000, "zeek_tsv": 1, "zeek_json": 1}.get(kind, 0)
    return START * 1_000_000 + fraction


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ALL_PASS])
def test_a_log_of_denied_requests_only_covers_nothing_and_says_so(kind: str) -> None:
    told = reading(kind, log(kind, [row(kind, minute, through=False) for minute in range(20)]))
    assert covered(kind, log(kind, [row(kind, minute, through=False) for minute in range(20)])) == (set(), set())
    (gap,) = [gap for gap in told.gaps if gap.telemetry]
    assert gap.reason is Reason.NOT_PROVIDED
    assert gap.note.startswith("all 20 records are refusals, errors or alarms")
    assert told.records == 20 and told.first is not None, "it was read all the same"


@pytest.mark.parametrize(("kind", "column"), [(kind, each) for kind, some in COLUMNS.items() for each in some])
def test_a_column_that_is_always_empty_covers_nothing_that_needs_it(kind: str, column: str) -> None:
    rows = [row(kind, minute, through=True, without=column) for minute in range(20)]
    assert covered(kind, log(kind, rows)) == (set(), set())
    one = [*rows, row(kind, 20, through=True)]
    assert covered(kind, log(kind, one))[0], "one row that has it is enough"


def test_the_account_names_the_column_that_is_empty() -> None:
    notes = {kind: reading(kind, log(kind, [row(kind, 1, through=True, without="url")] * 3)).note for kind in KINDS}
    assert "3 rows have nothing in cs-host: they were" in notes["w3c"]
    assert "3 rows have nothing in cs-uri-stem: they were" in notes["iis"]
    assert "3 rows have nothing in url: they were" in notes["csv_table"]
    assert "3 rows have nothing in query: they were" in notes["zeek_tsv"]
    assert "3 rows have nothing in query: they were" in notes["zeek_json"]


def test_a_log_without_the_columns_at_all_covers_nothing() -> None:
    bare = b"#Fields: date time c-ip s-action\n2023-03-28 10:40:00 10.0.0.5 TCP_MISS\n"
    assert covered("w3c", bare) == (set(), set())
    nobody = b"#Fields: date time cs-method cs-uri-stem sc-win32-status\n2023-03-28 10:40:00 GET /a 0\n"
    assert covered("w3c", nobody) == (set(), set())
    assert "1 rows have nothing in c-ip" in reading("w3c", nobody).note


ROWS = st.lists(st.tuples(st.integers(0, 600), st.booleans(), st.sampled_from(["", "", "url", "status"])), max_size=12)


@settings(deadline=None, max_examples=50)
@given(kind=st.sampled_from(KINDS), rows=ROWS, kept=st.lists(st.booleans(), min_size=12, max_size=12))
def test_removing_lines_never_covers_more(kind: str, rows: list[tuple[int, bool, str]], kept: list[bool]) -> None:
    written = [row(kind, minute, through=through, without=empty) for minute, through, empty in sorted(rows)]
    fewer = [line for line, keep in zip(written, kept, strict=False) if keep]
    before, after = covered(kind, log(kind, written)), covered(kind, log(kind, fewer))
    assert all(within(less, more) for less, more in zip(after, before, strict=True))


@settings(deadline=None, max_examples=50)
@given(kind=st.sampled_from(sorted(COLUMNS)), rows=ROWS, data=st.data())
def test_emptying_a_column_never_covers_more(kind: str, rows: list[tuple[int, bool, str]], data: st.DataObject) -> None:
    column = data.draw(st.sampled_from(COLUMNS[kind]))
    written = [row(kind, minute, through=through, without=empty) for minute, through, empty in sorted(rows)]
    emptied = [row(kind, minute, through=through, without=column) for minute, through, _ in sorted(rows)]
    before, after = covered(kind, log(kind, written)), covered(kind, log(kind, emptied))
    assert all(within(less, more) for less, more in zip(after, before, strict=True))
    assert after == (set(), set())


@pytest.mark.parametrize("kind", ["squid", "w3c", "access_log", "zeek_tsv", "zeek_json"])
@pytest.mark.parametrize("addresses", [frozenset(), frozenset({"10.0.0.5"})])
def test_the_kernel_changes_nothing(kind: str, addresses: frozenset[str]) -> None:
    """What is accounted for a block at a time takes the same way, also where the one line that tells is the last."""
    pytest.importorskip("numba")
    rows = [row(kind, n // 200, through=False, without="url") for n in range(30_000)]
    bodies = [log(kind, rows), log(kind, [*rows, row(kind, 151, through=True)])]
    slow = [reading(kind, body, addresses) for body in bodies]
    assert fast.prepare()
    try:
        assert [reading(kind, body, addresses) for body in bodies] == slow
    finally:
        fast.forget()
    tells = [bool(spans) for told in slow for seen in told.seen for spans in [seen.spans]]
    assert tells == [False, True]


@pytest.mark.parametrize("kind", ["squid", "w3c", "access_log", "zeek_tsv", "zeek_json"])
def test_a_file_read_in_parts_says_the_same(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 4096)
    monkeypatch.setattr(split, "LARGE", 4096)
    monkeypatch.setattr(split, "LEAST", 4096)
    deaf = [row(kind, n // 9, through=False, without="url") for n in range(500)]
    denied = [row(kind, 60, through=False, without="url" if kind in ALL_PASS else "") for n in range(200)]
    for rows in (deaf, [*deaf, *denied], [*deaf, row(kind, 61, through=True)]):
        whole, parts, tasks, joined = whole_and_parts(tmp_path, log(kind, rows))
        assert (tasks > 5, joined) == (True, True)
        assert parts == whole
        assert bool(whole[0].reading.seen[0].spans) == (len(rows) == 501)


def test_what_squid_answers_itself_is_no_request_that_was_let_through() -> None:
    made = "1680000000.123 0 10.0.0.5 {} 0 {} - HIER_NONE/- -\n"
    for code, asked in (
        ("NONE/400", "NONE error:invalid-request"),
        ("NONE_NONE/000", "CONNECT good.example:443"),
        ("TAG_NONE/503", "GET http://good.example/"),
        ("TCP_DENIED_REPLY/403", "GET http://good.example/"),
    ):
        assert covered("squid", made.format(code, asked).encode()) == (set(), set()), code
    for code in ("TAG_NONE/200", "TCP_MISS/403", "TCP_MISS_ABORTED/000"):
        assert covered("squid", made.format(code, "CONNECT good.example:443").encode())[0], code


def test_a_row_without_an_end_tells_as_well() -> None:
    assert covered("squid", row("squid", 0, through=True).encode())[0]
    assert re.search(r"\n\Z", row("squid", 0, through=True)) is None
