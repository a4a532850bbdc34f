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
    from nachsorge.model.times import Span

START = 1_680_000_000
"""2023-03-28T10:40:00Z"""
BY_NAME = {reader.name: reader for reader in READERS}
HEADS = {
    "zeek_tsv": "#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tid.resp_h\tquery\n",
    "w3c": "#Version: 1.0\n#Fields: date time c-ip s-action cs-method cs-host cs-uri-path sc-status\n",
    "iis": "#Fields: date time s-sitename c-ip cs-method cs-uri-stem sc-status sc-win32-status\n",
    "csv_table": "time,client_ip,url,action\n",
}
EVE = {
    "eve_dns": '"event_type":"dns","dns":{{"type":"query","rrname":"{}"}}',
    "eve_http": '"event_type":"http","http":{{"hostname":"{}","url":"\\/a","status":{}}}',
    "eve_tls": '"event_type":"tls","tls":{{"version":"TLS 1.3","sni":"{}"}}',
    "eve_flow": '"event_type":"flow","dest_ip":"{}","flow":{{"alerted":{}}}',
    "eve_stopped": '"event_type":"flow","dest_ip":"{}","flow":{{"action":"{}"}}',
}
EVE_SAYS = {"eve_http": ("200", "403"), "eve_flow": ("false", "true"), "eve_stopped": ("pass", "drop")}
READER = {"iis": "w3c", "forward": "access_log", "zeek_http": "zeek_json", **dict.fromkeys(EVE, "suricata_eve")}
KINDS = (
    *("squid", "w3c", "iis", "access_log", "forward", "csv_table", "cef", "zeek_tsv", "zeek_json", "zeek_http"),
    *EVE,
)
LINES = ("squid", "w3c", "access_log", "zeek_tsv", "zeek_json", "eve_dns", "eve_flow")
"""Read by the kernel where there is one, and in parts where they are large."""
ALL_PASS = ("zeek_tsv", "zeek_json", "eve_dns", "eve_tls")
"""A sensor sees what passes: nothing in its rows is refused."""
COLUMNS = {
    "squid": ("url", "status"),
    "w3c": ("url", "status"),
    "iis": ("url", "status", "client"),
    "csv_table": ("url", "status"),
    "cef": ("url", "status"),
    "zeek_tsv": ("url",),
    "zeek_json": ("url",),
    "zeek_http": ("url",),
    **dict.fromkeys(EVE, ("url",)),
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
        case "zeek_http":
            asked = f'"host":"{url}","uri":"/a"' if url else '"uri":"/a"'
            return (
                f'{{"_path":"http","ts":{second}.000000,"id.orig_h":"10.0.0.5",{asked},'
                f'"status_code":{200 if through else 407}}}'
            )
        case each if each in EVE:
            said = EVE[each].format(url, EVE_SAYS.get(each, ("", ""))[not through])
            return f'{{"timestamp":"2023-03-{day}T{clock}.000000+0000","src_ip":"10.0.0.5",{said}}}'
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
    asked = (Telemetry.PROXY, Telemetry.WEBSERVER, Telemetry.DNS_QUERY, Telemetry.TLS, Telemetry.NETWORK_CONNECTION)
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
    assert "3 rows have nothing in rrname: they were" in notes["eve_dns"]
    assert "3 rows have nothing in hostname, url: they were" in notes["eve_http"]
    assert "3 rows have nothing in sni: they were" in notes["eve_tls"]
    assert "3 rows have nothing in dest_ip: they were" in notes["eve_flow"]


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


@pytest.mark.parametrize("kind", LINES)
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


@pytest.mark.parametrize("kind", LINES)
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


def kinds_covered(told: Reading) -> set[Telemetry]:
    there = {one.telemetry for one in told.presence}
    covered = {seen.telemetry for seen in told.seen if seen.spans}
    assert there == covered, "nobody is there in what covers nothing"
    return covered


def gaps(told: Reading) -> dict[Telemetry | None, str]:
    return {gap.telemetry: gap.note for gap in told.gaps}


SEVERAL = {
    "zeek": ("zeek_json", "zeek_http"),
    "several heads": ("zeek_tsv", "tsv_http"),
    "names and requests": ("eve_dns", "eve_http"),
    "TLS and flows": ("eve_tls", "eve_flow"),
}
TSV_HEADS = {
    "zeek_tsv": HEADS["zeek_tsv"],
    "tsv_http": "#path\thttp\n#fields\tts\tid.orig_h\tid.resp_h\thost\tstatus_code\n",
}
ABOUT = {
    **{"zeek_json": Telemetry.DNS_QUERY, "zeek_http": Telemetry.PROXY, "zeek_tsv": Telemetry.DNS_QUERY},
    **{"tsv_http": Telemetry.PROXY, "eve_dns": Telemetry.DNS_QUERY, "eve_http": Telemetry.PROXY},
    **{"eve_tls": Telemetry.TLS, "eve_flow": Telemetry.NETWORK_CONNECTION},
}


def several(*rows: tuple[str, int, bool, str]) -> bytes:
    """Write a log of several kinds; Zeek's own form has a new head wherever the kind changes."""
    written, last = [], ""
    for kind, minute, through, without in rows:
        if kind in TSV_HEADS and kind != last:
            written.append(TSV_HEADS[kind].rstrip("\n"))
        last = kind
        if kind == "tsv_http":
            host = "-" if without else "good.example"
            seconds = START + 60 * minute
            written.append(f"{seconds}.000001\t10.0.0.5\t192.0.2.1\t{host}\t{200 if through else 403}")
        else:
            written.append(row(kind, minute, through=through, without=without))
    return "".join(f"{line}\n" for line in written).encode()


@pytest.mark.parametrize("names", SEVERAL)
@pytest.mark.parametrize("turned", [False, True])
def test_a_kind_that_is_whole_says_nothing_of_another_in_the_same_file(names: str, turned: bool) -> None:
    one, other = SEVERAL[names]
    reader = READER.get(one, one)
    rows = [(one, minute, True, "") for minute in range(10)] + [(other, minute, True, "url") for minute in range(10)]
    told = reading(reader, several(*(rows[::-1] if turned else rows)))
    assert kinds_covered(told) == {ABOUT[one]}
    assert list(gaps(told)) == [ABOUT[other]]
    assert gaps(told)[ABOUT[other]].startswith("10 rows have nothing in ")
    told = reading(reader, several(*rows, (other, 11, True, "")))
    assert kinds_covered(told) == {ABOUT[one], ABOUT[other]} and not told.gaps


@pytest.mark.parametrize(
    ("one", "other"),
    [("zeek_json", "zeek_http"), ("zeek_tsv", "tsv_http"), ("eve_dns", "eve_http"), ("eve_dns", "eve_flow")],
)
def test_of_several_kinds_each_is_asked_whether_all_of_it_was_refused(one: str, other: str) -> None:
    rows = [(kind, minute, False, "") for minute in range(5) for kind in (one, other)]
    told = reading(READER.get(one, one), several(*rows))
    assert kinds_covered(told) == {ABOUT[one]}
    assert gaps(told)[ABOUT[other]].startswith("all 5 records are refusals")


@pytest.mark.parametrize("fast_path", [False, True])
def test_events_of_a_security_product_are_asked_by_kind(fast_path: bool) -> None:
    web = [row("cef", minute, through=True) for minute in range(5)]
    ends = "CEF:0|V|P|1|1|x|3|rt={}000 act={} src=10.0.0.5 dst=192.0.2.1"
    stopped = [ends.format(START + 60 * minute, "blocked") for minute in range(5)]
    passed = ends.format(START, "allow")
    both = {Telemetry.PROXY, Telemetry.NETWORK_CONNECTION}
    if fast_path:
        pytest.importorskip("numba")
        assert fast.prepare()
    try:
        told = reading("cef", log("cef", web + stopped))
        assert kinds_covered(told) == {Telemetry.PROXY}
        assert gaps(told)[Telemetry.NETWORK_CONNECTION].startswith("all 5 records are refusals")
        assert kinds_covered(reading("cef", log("cef", [*web, *stopped, passed]))) == both
    finally:
        fast.forget()


def test_a_name_in_the_syslog_head_is_no_alarm() -> None:
    line = "<134>Mar 28 10:40:00 attack-ids CEF:0|V|P|1|1|x|3|rt={}000 act=allow src=10.0.0.5 dst=192.0.2.1\n"
    assert kinds_covered(reading("cef", line.format(START).encode())) == {Telemetry.NETWORK_CONNECTION}


@pytest.mark.parametrize("names", SEVERAL)
@pytest.mark.parametrize("fast_path", [False, True])
def test_a_kind_is_looked_for_wherever_its_first_line_that_tells_stands(names: str, fast_path: bool) -> None:
    """Over block borders, behind many lines that need not be looked at, and in the last line, without an end."""
    one, other = SEVERAL[names]
    rows = [(one, n // 300, True, "") for n in range(18_000)]
    deaf = [*rows, *((other, 61, True, "url") for _ in range(9000)), *((one, 62, True, "") for _ in range(9000))]
    last = (other, 63, True, "")
    if fast_path:
        pytest.importorskip("numba")
        assert fast.prepare()
    try:
        found = [kinds_covered(reading(READER.get(one, one), several(*body))) for body in (deaf, [*deaf, last])]
        found.append(kinds_covered(reading(READER.get(one, one), several(*deaf, last).rstrip(b"\n"))))
    finally:
        fast.forget()
    both = {ABOUT[one], ABOUT[other]}
    assert found == [{ABOUT[one]}, both, both]


@pytest.mark.parametrize("names", [name for name in SEVERAL if name != "several heads"])
def test_several_kinds_read_in_parts_say_the_same(names: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 4096)
    monkeypatch.setattr(split, "LARGE", 4096)
    monkeypatch.setattr(split, "LEAST", 4096)
    one, other = SEVERAL[names]
    deaf = [(kind, n // 9, True, "url" if kind == other else "") for n in range(300) for kind in (one, other)]
    for rows in (deaf, [*deaf, (other, 61, True, "")]):
        whole, parts, tasks, joined = whole_and_parts(tmp_path, several(*rows))
        assert (tasks > 5, joined) == (True, True)
        assert parts == whole
        assert len([seen for seen in whole[0].reading.seen if seen.spans]) == (1 if len(rows) == len(deaf) else 2)


SEVERAL_ROWS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 59), st.booleans(), st.sampled_from(["", "", "url"])), max_size=14
)
"""Within an hour: lines of all kinds show that all that time was recorded, and removing one may join what was torn."""
KEPT = st.lists(st.booleans(), min_size=14, max_size=14)


def _to_the_second(span: Span) -> tuple[int, int]:
    """Rows of one minute differ by a microsecond, and stand in any order: the first may not be the earliest."""
    return span.start // 1_000_000, span.end // 1_000_000


@settings(deadline=None, max_examples=60)
@given(names=st.sampled_from(sorted(SEVERAL)), rows=SEVERAL_ROWS, kept=KEPT)
def test_removing_lines_never_covers_more_of_any_kind(
    names: str, rows: list[tuple[bool, int, bool, str]], kept: list[bool]
) -> None:
    timely = sorted(rows, key=lambda each: each[1])
    written = [(SEVERAL[names][which], minute, through, empty) for which, minute, through, empty in timely]
    fewer = [line for line, keep in zip(written, kept, strict=False) if keep]
    reader = READER.get(SEVERAL[names][0], SEVERAL[names][0])
    before, after = (
        {seen.telemetry: {_to_the_second(span) for span in seen.spans} for seen in reading(reader, several(*some)).seen}
        for some in (written, fewer)
    )
    assert all(within(spans, before.get(kind, set())) for kind, spans in after.items())


ALERT = '{{"timestamp":"2023-03-28T10:{:02}:00.000000+0000","event_type":"alert","src_ip":"10.0.0.5","alert":{{}}}}'


def test_alerts_cover_nothing_and_a_log_of_them_alone_says_so() -> None:
    alerts = [ALERT.format(minute) for minute in range(8)]
    told = reading("suricata_eve", log("", alerts))
    assert kinds_covered(told) == set() and told.records == 8 and told.first is not None
    assert gaps(told)[Telemetry.NETWORK_NOTICE].startswith("all 8 records are alerts or notices")
    beside = reading("suricata_eve", log("", [*alerts, row("eve_dns", 9, through=True)]))
    assert kinds_covered(beside) == {Telemetry.DNS_QUERY} and not beside.gaps


@pytest.mark.parametrize("kind", EVE)
@pytest.mark.parametrize("through", [False, True])
def test_an_array_says_what_its_lines_say(kind: str, through: bool) -> None:
    rows = [*(row(kind, minute, through=False, without="url") for minute in range(4)), ALERT.format(1)]
    rows += [row(kind, 5, through=True)] if through else []
    lines, array = (reading("suricata_eve", body) for body in (log("", rows), f"[{','.join(rows)}]".encode()))
    assert kinds_covered(lines) == kinds_covered(array)
    assert len(kinds_covered(array)) == through
    assert gaps(lines) == gaps(array)


def test_notices_of_zeek_cover_nothing() -> None:
    line = '{{"_path":"notice","ts":{}.5,"id.orig_h":"10.0.0.5","id.resp_h":"192.0.2.1","note":"Scan"}}\n'
    told = reading("zeek_json", "".join(line.format(START + n) for n in range(5)).encode())
    assert [(seen.telemetry, seen.spans) for seen in told.seen] == [(Telemetry.NETWORK_NOTICE, ())]
    head = "#separator \\x09\n#path\tnotice\n#fields\tts\tid.orig_h\tnote\n"
    told = reading("zeek_tsv", (head + f"{START}.1\t10.0.0.5\tScan\n").encode())
    assert [(seen.telemetry, seen.spans) for seen in told.seen] == [(Telemetry.NETWORK_NOTICE, ())]
