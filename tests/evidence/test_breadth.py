"""How broad a list of programs is: a list filtered by name, publisher or version never counts as a whole one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.evidence_kit import read_bytes

from nachsorge.evidence.breadth import FEW, Breadth
from nachsorge.evidence.readers.csv_table import CsvTable
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nachsorge.evidence.ledger import Ledger


class Row(NamedTuple):
    host: str
    name: str
    version: str
    publisher: str


PROGRAMS = [
    ("3CX Desktop App", "18.12.425", "3CX Ltd."),
    ("3CX Phone System", "18.0.5", "3CX Ltd."),
    ("7-Zip 22.01 (x64)", "22.01", "Igor Pavlov"),
    ("Adobe Acrobat (64-bit)", "23.1", "Adobe"),
    ("Git", "2.39.2", "The Git Development Community"),
    ("Google Chrome", "111.0.5563.111", "Google LLC"),
    ("Java 8 Update 201", "8.0.2010.9", "Oracle Corporation"),
    ("Java 8 Update 351", "8.0.3510.10", "Oracle Corporation"),
    ("Microsoft Edge", "111.0.1661.54", "Microsoft Corporation"),
    ("Microsoft OneDrive", "23.048", "Microsoft Corporation"),
    ("Microsoft Update Health Tools", "3.70", "Microsoft Corporation"),
    ("Microsoft Visual C++ 2015 x64", "14.0.24215", "Microsoft Corporation"),
    ("Microsoft Visual C++ 2022 x64", "14.34.31938", "Microsoft Corporation"),
    ("Mozilla Firefox (x64 de)", "111.0.1", "Mozilla"),
    ("Notepad++", "8.5.1", "Notepad++ Team"),
    ("PuTTY release 0.78", "0.78", "Simon Tatham"),
    ("VLC media player", "3.0.18", "VideoLAN"),
    ("Zoom", "5.14.0", "Zoom Video Communications, Inc."),
]
HOSTS = [f"pc{number}" for number in range(6)]
ALL = [Row(host, *program) for host in HOSTS for program in PROGRAMS]
NAMES = [name for name, _, _ in PROGRAMS]
TEXTS = sorted({name[at : at + size] for name in NAMES for size in (2, 3, 5) for at in range(len(name) - size + 1)})


def table(rows: Iterable[Row]) -> bytes:
    lines = (",".join(f'"{cell}"' for cell in (*row, "2023-04-20")) for row in rows)
    return "\n".join(["host,name,version,publisher,last_seen", *lines, ""]).encode()


def covered(ledger: Ledger) -> set[str | None]:
    return {seen.host for seen in ledger.seen() if seen.spans}


def read(rows: Iterable[Row]) -> Ledger:
    _, ledger = read_bytes(CsvTable(), table(rows))
    return ledger


def by_text(text: str) -> Callable[[Row], bool]:
    return lambda row: text.casefold() in row.name.casefold()


def by_few(names: list[str]) -> Callable[[Row], bool]:
    return lambda row: row.name in names


FILTERS = st.one_of(
    st.sampled_from([text for text in TEXTS if text.isalnum()]).map(by_text),
    st.sampled_from(PROGRAMS).map(lambda each: lambda row: row.publisher == each[2]),
    st.sampled_from(PROGRAMS).map(lambda each: lambda row: row.version == each[1]),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=FEW - 1).map(by_few),
)


@given(FILTERS, st.lists(st.sampled_from(ALL), min_size=1, unique=True))
def test_a_filtered_list_clears_no_host_of_anything(asked, rows):
    answer = [row for row in rows if asked(row)]
    assume(answer)
    ledger = read(answer)
    assert covered(ledger) == set()
    assert ledger.records == len(answer)
    (gap,) = ledger.gaps
    assert (gap.reason, gap.telemetry) == (Reason.NOT_PROVIDED, Telemetry.INSTALLED_SOFTWARE)
    assert "rules out nothing" in gap.note


@given(st.permutations(ALL))
def test_a_whole_list_clears_its_hosts_in_any_order(rows):
    ledger = read(rows)
    assert covered(ledger) == set(HOSTS)
    assert ledger.gaps == []


def test_a_host_with_few_programs_in_a_broad_list_is_not_cleared():
    lone = [Row("pc8", "Zoom", "5", "Zoom"), Row("pc9", "Git", "2", "Git"), Row("pc9", "VLC", "3", "VideoLAN")]
    ledger = read([*ALL, *lone])
    assert covered(ledger) == set(HOSTS)
    (gap,) = ledger.gaps
    assert gap.note.startswith("2 of 8 hosts have fewer than 5 programs") and gap.note.endswith("of pc8, pc9")


def test_numbers_make_no_other_program():
    java = [(f"Java 8 Update {number}", str(number), "Oracle") for number in range(191, 200)]
    ledger = read([Row("pc1", *program) for program in [*java, ("Zoom", "5", "Zoom")]])
    assert covered(ledger) == set()
    assert "fewer than 5 programs a host" in ledger.gaps[0].note


def test_rows_without_a_name_do_not_make_a_list_broad():
    breadth = Breadth()
    for name in ("3CX Desktop App", "", "3CX Phone System"):
        breadth.add(name, host="pc1")
    assert breadth.sign().startswith("all names in this list are alike")


@pytest.mark.parametrize(
    ("publisher", "narrow"), [("Red Hat, Inc.", False), ("Microsoft Corporation", True), ("", False)]
)
def test_who_makes_a_whole_system_is_the_publisher_of_all_of_it(publisher, narrow):
    breadth = Breadth()
    for at, name in enumerate(("bash", "coreutils", "glibc", "openssl", "vim", "xz")):
        breadth.add(name, str(at), publisher)
    assert bool(breadth.sign()) is narrow


def test_one_version_of_everything_is_narrow():
    breadth = Breadth()
    for name in ("bash", "coreutils", "glibc", "openssl", "vim"):
        breadth.add(name, "18.12.416")
    assert "(18.12.416)" in breadth.sign()


def test_a_list_about_one_machine_names_no_host():
    body = b"name,version,last_seen\n" + b"".join(f"{n},{v},2023-04-20\n".encode() for n, v, _ in PROGRAMS)
    _, ledger = read_bytes(CsvTable(), body)
    assert covered(ledger) == {None}
    _, ledger = read_bytes(CsvTable(), b"name,version,last_seen\n3CX Desktop App,18.13.1,2023-04-20\n")
    assert covered(ledger) == set()
