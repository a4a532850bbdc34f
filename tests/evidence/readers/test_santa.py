"""The log of Santa."""

from __future__ import annotations

from tests.evidence.artefact_kit import shows_plant
from tests.evidence.reader_contract import holds_with_and_without_sieve, survives_anything
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.santa import Santa
from nachsorge.model.times import MINUTE, Span, parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

READER = Santa()
HASH = "ab" * 32
EXEC = (
    f"[2023-03-29T10:00:00.123Z] I santad: action=EXEC|decision=ALLOW|reason=CERT|sha256={HASH}|cert_cn=A=B|pid=1"
    "|uid=501|user=kim|mode=M|path=/usr/bin/curl|args=curl a|b http://evil.example/?x=1\n"
).encode()
FILE = b"[2023-03-29T10:00:01.000Z] I santad: action=RENAME|path=/tmp/a|newpath=/tmp/b|pid=2|process=mv|user=kim\n"
LOST = b"[2023-03-29T10:00:02.000Z] *** LOG MESSAGE QUOTA EXCEEDED - SOME MESSAGES HAVE BEEN DISCARDED ***\n"
DISK = b"[2023-03-29T10:00:03.000Z] I santad: action=DISKAPPEAR|mount=/Volumes/X|volume=X|serial=(null)\n"
BODY = EXEC + FILE + DISK


def test_executions_have_hash_path_and_arguments():
    assert reader_for(BODY, "santa.log").name == "santa"
    (run, file, disk), ledger = read_bytes(READER, BODY)
    assert run.telemetry is Telemetry.PROCESS_CREATION
    assert (run.event["Image"], run.event["User"]) == ("/usr/bin/curl", "kim")
    # A bar or an equals sign within the arguments does not end them.
    assert run.event["CommandLine"] == "curl a|b http://evil.example/?x=1"
    assert {(Kind.HASH, HASH), (Kind.PATH, "/usr/bin/curl")} <= {(v.kind, v.text) for v in run.values}
    assert (file.telemetry, file.event["newpath"]) == (Telemetry.FILE_EVENT, "/tmp/b")
    assert disk.telemetry is Telemetry.SYSLOG and "serial" not in disk.event
    assert ledger.platform is Platform.MACOS and ledger.gaps == []
    assert {seen.telemetry for seen in ledger.seen() if seen.spans} == {
        Telemetry.PROCESS_CREATION,
        Telemetry.FILE_EVENT,
        Telemetry.SYSLOG,
    }


def test_messages_that_the_logger_discarded_are_gaps_whatever_is_looked_for():
    for literals in ((), (b"nothing of this",)):
        _, ledger = read_bytes(READER, EXEC + LOST + FILE, *literals)
        time = parse_instant("2023-03-29T10:00:02Z")
        found = {(gap.reason, gap.telemetry, gap.span) for gap in ledger.gaps}
        span = Span(time, time + MINUTE)
        assert found == {
            (Reason.RECORD_JUMP, Telemetry.PROCESS_CREATION, span),
            (Reason.RECORD_JUMP, Telemetry.FILE_EVENT, span),
        }
        assert ledger.unreadable == 0


def test_contract():
    holds_with_and_without_sieve(READER, BODY, b"evil.example")
    survives_anything(READER, BODY)
    shows_plant(READER, BODY)
