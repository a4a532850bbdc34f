"""Alpine's log of packages."""

from __future__ import annotations

from tests.evidence.artefact_kit import shows_plant
from tests.evidence.reader_contract import holds_with_and_without_sieve, survives_anything
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.apk_log import ApkLog
from nachsorge.model.evidence import Software
from nachsorge.model.times import Span, parse_instant
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

READER = ApkLog()
BODY = (
    b"Running `apk add --no-cache xz evil@edge` at 2024-03-29 10:00:00\n"
    b"apk-tools 3.0.8-r0, compiled for x86_64.\n"
    b"(1/2) Installing xz-libs (5.6.1-r0)\n"
    b"( 2/2) Installing evil@edge (1.0-r0)\n"
    b"Executing busybox-1.37.0-r30.trigger\n"
    b"OK: 129.7 MiB in 208 packages\n"
    b"\n"
    b"Running `apk upgrade` at 2024-03-29 10:30:04\n"
    b"(1/2) Upgrading xz-libs (5.6.1-r0 -> 5.6.1-r2)\n"
    b"(2/2) Purging evil (1.0-r0)\n"
)
FIRST, LAST = "2024-03-29T10:00:00Z", "2024-03-29T10:30:04Z"


def test_runs_and_their_changes():
    found = reader_for(BODY, "apk.log")
    assert found is not None and found.name == "apk_log"
    records, ledger = read_bytes(READER, BODY)
    changes = [record for record in records if record.software]
    assert [(r.event["action"], r.software.name, r.software.version) for r in changes if r.software] == [
        ("installing", "xz-libs", "5.6.1-r0"),
        ("installing", "evil", "1.0-r0"),
        ("upgrading", "xz-libs", "5.6.1-r0"),  # it was there until then
        ("upgrading", "xz-libs", "5.6.1-r2"),
        ("purging", "evil", "1.0-r0"),
    ]
    assert changes[0].software == Software(name="xz-libs", version="5.6.1-r0", platform=Platform.LINUX)
    assert (Kind.PACKAGE, "pkg:apk/alpine/xz-libs@5.6.1-r0") in {(v.kind, v.text) for v in changes[0].values}
    assert changes[0].event["command"].startswith("apk add")
    assert [r.time for r in changes] == [parse_instant(FIRST)] * 2 + [parse_instant(LAST)] * 3
    assert (ledger.unreadable, ledger.platform, len(records)) == (0, Platform.LINUX, ledger.records)


def test_it_covers_from_run_to_run():
    _, ledger = read_bytes(READER, BODY)
    seen = {each.telemetry: each.spans for each in ledger.seen()}
    assert seen == {
        Telemetry.SOFTWARE_INSTALL: (Span(parse_instant(FIRST), parse_instant(LAST)),),
        Telemetry.TEXT: (),
    }


def test_a_log_whose_beginning_was_cut_off():
    body = BODY[BODY.index(b"(1/2)") :]
    found = reader_for(body, "renamed.txt")
    assert found is not None and found.name == "apk_log"
    records, ledger = read_bytes(READER, body)
    assert records[0].software is not None and records[0].time is None
    assert [gap.reason for gap in ledger.gaps] == [Reason.NO_TIME] and "2 changes" in ledger.gaps[0].note


def test_contract():
    holds_with_and_without_sieve(READER, BODY, b"xz-libs")
    survives_anything(READER, BODY)
    shows_plant(READER, BODY)
    _, ledger = read_bytes(READER, b"Running `apk add x` at 2024-99-29 10:00:00\n")
    assert ledger.unreadable == 1
