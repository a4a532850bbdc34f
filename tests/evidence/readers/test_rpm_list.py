"""Lists of installed RPM packages as text."""

from __future__ import annotations

import pytest
from tests.evidence.artefact_kit import bears_damage, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.rpm_list import WHOLE, RpmList
from nachsorge.model.times import Span, parse_instant
from nachsorge.model.words import Kind, Reason

READER = RpmList()
PLAIN = b"xz-libs-5.6.1-1.fc40.x86_64\nbash-5.2.26-3.fc40.x86_64\ngpg-pubkey-a15b79cc-63d04c2c\n"
LAST = (
    b"xz-libs-5.6.1-1.fc40.x86_64                   Thu 28 Mar 2024 03:04:05 PM CET\n"
    b"bash-5.2.26-3.fc40.x86_64                     Thu Mar 28 10:00:00 2024\n"
)
ROWS = (
    b"Installed Packages\nbash.x86_64             5.1.8-6.el9        @System\n"
    b"vim-minimal.x86_64      2:8.2.2637-20.el9_1  @baseos\n"
)
MADE = parse_instant("2024-04-01")


def test_rpm_qa():
    assert reader_for(PLAIN, "rpm-qa.txt").name == "rpm_list"
    records, _ = read_bytes(READER, PLAIN, modified=MADE)
    assert [(r.software.name, r.software.version) for r in records[:2]] == [
        ("xz-libs", "5.6.1-1.fc40"),
        ("bash", "5.2.26-3.fc40"),
    ]
    assert "pkg:rpm/fedora/xz-libs@5.6.1-1.fc40" in {v.text for v in records[0].values if v.kind is Kind.PACKAGE}
    assert records[0].time == MADE


def test_last_says_since_when():
    assert reader_for(LAST, "x").name == "rpm_list"
    one, two = read_bytes(READER, LAST, modified=MADE)[0]
    assert (one.time, two.time) == (parse_instant("2024-03-28T15:04:05Z"), parse_instant("2024-03-28T10:00:00Z"))


def test_dnf_list():
    assert reader_for(ROWS, "x").name == "rpm_list"
    records, _ = read_bytes(READER, ROWS)
    assert [r.software.version for r in records if r.software] == ["5.1.8-6.el9", "8.2.2637-20.el9_1"]


def test_a_short_list_may_be_a_selection_and_covers_nothing():
    _, ledger = read_bytes(READER, PLAIN, modified=MADE)
    assert ledger.seen()[0].spans == () and "selection" in ledger.notes[0]
    many = b"".join(b"p%d-1.0-1.el9.noarch\n" % number for number in range(WHOLE))
    assert read_bytes(READER, many, modified=MADE)[1].seen()[0].spans == (Span(MADE, MADE),)
    assert {gap.reason for gap in read_bytes(READER, many)[1].gaps} == {Reason.NO_TIME}
    assert read_bytes(READER, many + b"torn\n", modified=MADE)[1].seen()[0].spans == ()


@pytest.mark.parametrize("body", [PLAIN, LAST, ROWS])
def test_damage_sieve_and_plant(body: bytes):
    bears_damage(READER, body, 30)
    shows_plant(READER, body)
    some, ledger = read_bytes(READER, body, b"bash")
    assert len(some) == 1 and ledger.records == len(body.splitlines())
