"""Lists of installed packages of Debian and Alpine as text."""

from __future__ import annotations

from time import process_time

import pytest
from tests.evidence.artefact_kit import bears_damage, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.package_list import WHOLE, PackageList
from nachsorge.model.times import Span, parse_instant
from nachsorge.model.words import Kind, Reason

READER = PackageList()
DPKG = (
    b"Desired=Unknown/Install/Remove/Purge/Hold\n"
    b"| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n"
    b"|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n"
    b"||/ Name             Version         Architecture Description\n"
    b"+++-================-===============-============-===============================\n"
    b"ii  bash             5.2.15-2+b7     amd64        GNU Bourne Again SHell\n"
    b"ii  liblzma5:amd64   5.6.1-1         amd64        XZ-format compression library\n"
    b"rc  gone             1.0-1           all          was removed\n"
)
APT = (
    b"Listing...\nbash/stable,now 5.2.15-2+b7 amd64 [installed]\n"
    b"liblzma5/now 5.6.1-1 amd64 [installed,local]\ngone/stable 1.0-1 all\n"
    b"xz/stable 9 amd64 [upgradable from: 8]\n"
)
APK = (
    b"bash-5.2.37-r0 x86_64 {bash} (GPL-3.0-or-later) [installed]\n"
    b"liblzma5-5.6.1-r1 x86_64 {xz} (0BSD AND GPL) [installed]\ngone-1.0-r0 x86_64 {gone} (MIT)\n"
)
INFO = b"bash-5.2.37-r0\nliblzma5-5.6.1-r1\n"
VERBOSE = b"bash-5.2.37-r0 - The GNU Bourne Again shell\nliblzma5-5.6.1-r1 - a library\n"
MADE = parse_instant("2024-04-01")


@pytest.mark.parametrize(
    ("body", "version", "purl"),
    [
        (DPKG, "5.6.1-1", "pkg:deb/debian/liblzma5@5.6.1-1"),
        (APT, "5.6.1-1", "pkg:deb/ubuntu/liblzma5@5.6.1-1"),
        (APK, "5.6.1-r1", "pkg:apk/alpine/liblzma5@5.6.1-r1"),
        (INFO, "5.6.1-r1", "pkg:apk/alpine/liblzma5@5.6.1-r1"),
        (VERBOSE, "5.6.1-r1", "pkg:apk/alpine/liblzma5@5.6.1-r1"),
    ],
    ids=["dpkg -l", "apt list", "apk list", "apk info -v", "apk info -vv"],
)
def test_each_list(body: bytes, version: str, purl: str):
    found = reader_for(body, "packages.txt")
    assert found is not None and found.name == "package_list"
    records, ledger = read_bytes(READER, body, modified=MADE)
    programs = {r.software.name: r for r in records if r.software}
    assert {"bash", "liblzma5"} <= programs.keys() and "gone" not in programs
    shown = programs["liblzma5"]
    assert shown.software is not None and shown.software.version == version
    assert purl in {v.text for v in shown.values if v.kind is Kind.PACKAGE} and shown.time == MADE
    assert (ledger.unreadable, ledger.records) == (0, len(body.splitlines()))
    assert reader_for(body.replace(b"\n", b"\r\n"), "packages.txt") is found


def test_what_is_not_installed_is_searched_and_is_no_program():
    records, _ = read_bytes(READER, DPKG, b"gone")
    assert [(r.event["package"], r.software) for r in records] == [("gone", None)]
    assert not [v for v in records[0].values if v.kind is Kind.PACKAGE]


def test_an_offer_is_not_what_is_installed():
    for body in (APT, b"xz-9-r0 x86_64 {xz} (0BSD) [upgradable from: xz-8-r1]\n" + APK):
        records, _ = read_bytes(READER, body)
        offered = next(r for r in records if r.event.get("package") == "xz")
        assert offered.software is not None and offered.software.version in ("8", "8-r1")


def test_a_list_may_be_a_selection_and_covers_nothing():
    _, ledger = read_bytes(READER, DPKG, modified=MADE)
    assert ledger.seen()[0].spans == () and "selection" in ledger.notes[0]
    many = DPKG + b"".join(b"ii  p%d 1.0 all x\n" % number for number in range(WHOLE))
    assert read_bytes(READER, many, modified=MADE)[1].seen()[0].spans == (Span(MADE, MADE),)
    assert {gap.reason for gap in read_bytes(READER, many)[1].gaps} == {Reason.NO_TIME}
    assert read_bytes(READER, many + b"torn\n", modified=MADE)[1].seen()[0].spans == ()
    old = many.replace(b"+++-================-", b"+++-==============-")
    _, ledger = read_bytes(READER, old, modified=MADE)
    assert ledger.seen()[0].spans == () and "cut off" in ledger.notes[0]


def test_a_hostile_line_takes_no_time():
    start = process_time()
    for line in (b"1-" * 200_000, b"a" * 400_000, b"a/" * 200_000, b"ii  " + b"a" * 400_000):
        read_bytes(READER, APK + line + b"\n" + APK)
        reader_for(line + b"\n" + APK, "x")
    assert process_time() - start < 5


@pytest.mark.parametrize("body", [DPKG, APT, APK, INFO])
def test_damage_and_plant(body: bytes):
    bears_damage(READER, body, 30)
    shows_plant(READER, body)
    assert READER.accepts(b"some prose\nand more\n", "x") == 0
