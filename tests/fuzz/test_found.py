"""What the fuzz run found, kept: every one of these files once hung a reader, made it fail, or lost records unsaid."""

from __future__ import annotations

import io
import json
import plistlib
import struct
import time
from typing import TYPE_CHECKING

import pytest
from tests.evidence.artefact_kit import read_member
from tests.evidence.ole_kit import compound
from tests.evidence.readers import (
    test_apt_history,
    test_fleet_export,
    test_gemfile_lock,
    test_journal_export,
    test_journal_file,
    test_jump_lists,
    test_msi,
    test_pnpm_lock,
    test_recycle_bin,
    test_rpm_database,
    test_task_job,
    test_windns,
    test_windows_xml,
)
from tests.evidence.windows.hive_kit import hive, text

from nachsorge.evidence.json_array import Elements
from nachsorge.evidence.readers import winget
from nachsorge.evidence.readers.access_log import Requests
from nachsorge.evidence.readers.apt_history import AptHistory
from nachsorge.evidence.readers.background_items import BackgroundItems
from nachsorge.evidence.readers.cargo_lock import CargoLock
from nachsorge.evidence.readers.cyclonedx import CycloneDx
from nachsorge.evidence.readers.fleet_export import FleetExport
from nachsorge.evidence.readers.gemfile_lock import GemfileLock
from nachsorge.evidence.readers.journal_export import JournalExport
from nachsorge.evidence.readers.journal_file import JournalFile
from nachsorge.evidence.readers.jump_lists import JumpLists
from nachsorge.evidence.readers.launch_items import LaunchItems
from nachsorge.evidence.readers.mft import Mft
from nachsorge.evidence.readers.msi import Msi
from nachsorge.evidence.readers.netflow import Netflow
from nachsorge.evidence.readers.pip_requirements import PipRequirements
from nachsorge.evidence.readers.pnpm_lock import PnpmLock
from nachsorge.evidence.readers.python_lock import PythonLock
from nachsorge.evidence.readers.recycle_bin import RecycleBin
from nachsorge.evidence.readers.rpm_database import RpmDatabase
from nachsorge.evidence.readers.task_job import TaskJob
from nachsorge.evidence.readers.w3c import W3cLog
from nachsorge.evidence.readers.windns import _dotted
from nachsorge.evidence.readers.windows_xml import WindowsXml
from nachsorge.evidence.windows.hive import Hive
from nachsorge.evidence.windows.ntfs_made import made_table
from nachsorge.model.words import Reason, Status, Telemetry
from nachsorge.packs.importers import extract

if TYPE_CHECKING:
    from nachsorge.evidence.seams import Reader


class Counting(json.JSONDecoder):
    """Counts how often, and over how much text, elements are looked for."""

    def __init__(self):
        super().__init__(strict=False)
        self.asked = self.looked_at = self.furthest = 0

    def raw_decode(self, text, at=0):
        self.asked, self.furthest = self.asked + 1, max(self.furthest, at)
        try:
            return super().raw_decode(text, at)
        except json.JSONDecodeError as error:
            self.looked_at += error.pos - at
            raise


def counted(body: bytes) -> tuple[Counting, int]:
    elements = Elements(io.BytesIO(body), r'\{\s*"')
    elements._parse = counting = Counting()
    return counting, sum(element.broken for element in elements)


def test_json_nested_without_end_is_not_tried_at_every_level():
    counting, broken = counted(b'[{"a":1},' + b'{"a":' * 60_000)
    assert broken and counting.asked < 2_000


def test_json_nested_and_broken_again_and_again_is_looked_at_some_times_only():
    body = (b'{"a":' * 800 + b"!") * 40
    counting, broken = counted(body)
    assert broken and counting.looked_at < 30 * len(body)


def test_a_json_error_is_never_far_into_the_text():
    """Python counts the lines before each error: with a megabyte before every one it takes minutes."""
    counting, broken = counted(b'[\n{"a":1}\n' + b'{"a"!}\n' * 50_000)
    assert broken == 50_000 and counting.furthest < 70_000


def test_what_stands_in_a_broken_element_is_still_found():
    elements = Elements(io.BytesIO(b'{"records": [{"a":1}, {"a":2}, {"a":'), r'\{\s*"')
    assert [e.raw for e in elements if not e.broken] == [b'{"a":1}', b'{"a":2}']
    assert not elements.complete


def test_a_log_of_thousands_of_columns_has_no_shape_of_its_own():
    log = W3cLog()
    log.direct(b"#Fields: " + b"cs-host " * 5_000)
    assert len(log.names) == 5_000 and log.steps is None
    log.direct(b"#Fields: " + b"cs-host " * 20)
    assert log.steps is not None


def test_a_dns_log_with_long_lines_gives_as_much_as_is_asked_for_and_loses_nothing():
    body = test_windns.HEAD + b"x" * 3_000 + b"\n" + b"y" * 500
    with _dotted(io.BytesIO(body)) as stream:
        pieces = list(iter(lambda: stream.read(1_000), b""))
    assert max(map(len, pieces)) == 1_000 and b"".join(pieces) == body


def shared(levels: int) -> object:
    """A list in which every level names the one below four times; written once each in a binary list."""
    tree: object = ["deep"]
    for _ in range(levels):
        tree = [tree] * 4
    return tree


def test_a_property_list_that_names_its_parts_many_times_is_gone_through_once():
    item = {"Label": "x", "ProgramArguments": ["/x"], "more": shared(9)}
    body = plistlib.dumps(item, fmt=plistlib.FMT_BINARY)
    assert len(body) < 400
    (record,), reading = read_member(LaunchItems(), body, "LaunchAgents/x.plist")
    assert reading.status is Status.READ and "deep" in {value.text for value in record.values}
    many = plistlib.dumps({"SessionItems": [{"Alias": b"x"}, shared(9)]}, fmt=plistlib.FMT_BINARY)
    assert read_member(BackgroundItems(), many, "x")[1].records == 1


def test_a_number_too_large_for_decimal_is_no_fault():
    item = b"<key>executablePath</key><string>/x</string><key>n</key><integer>0x" + b"f" * 9_000 + b"</integer>"
    body = b'<?xml version="1.0"?><plist version="1.0"><dict>' + item + b"</dict></plist>"
    (record,), reading = read_member(BackgroundItems(), body, "backgrounditems.btm")
    assert reading.status is Status.READ and record.event["n"].startswith("0xfff")


def test_a_summary_of_four_billion_values_is_not_counted_out():
    pytest.importorskip("olefile", reason="NOT LOOKED AT: the extra `windows` is not installed")
    good = test_msi.summary()
    vector = good.replace(struct.pack("<II", 30, 5), struct.pack("<II", 0x1003, 0xFFFFFFFF))
    assert vector != good
    _, reading = read_member(Msi(), test_msi.package(summary=vector), "a.msi")
    assert (reading.status, reading.records) == (Status.READ, 1)
    beyond = good[:60] + struct.pack("<I", 0x7FFFFFFF) + good[64:]
    _, reading = read_member(Msi(), test_msi.package(summary=beyond), "a.msi")
    assert (reading.status, reading.reason, reading.records) == (Status.PARTLY, Reason.CORRUPT, 1)


def rpm_pages() -> bytes:
    """A table whose two last pages stand in each other's place."""
    body = test_rpm_database.bdb(test_rpm_database.header("a", pad=900))
    return body[:-1024] + body[-512:] + body[-1024:-512]


def rpm_slots() -> bytes:
    return test_rpm_database.ndb(test_rpm_database.XZ, test_rpm_database.BASH).replace(b"Slot", b"Slat", 3)


def journal_without(at: int, value: int) -> bytes:
    body = bytearray(test_journal_file.journal(test_journal_file.ENTRIES))
    struct.pack_into("<Q", body, at, value)
    struct.pack_into("<Q", body, 152, 0)  # it says that it has no entries
    return bytes(body)


GEMS = test_gemfile_lock.BODY
PNPM = b"lockfileVersion: '9.0'\n\npackages:\n\n  a@1.0.0:\n    resolution: {}\n"
AWS = b"2 1 e 10.0.0.5 192.0.2.7 5 443 6 20 42 1680084000 1680084005 ACCEPT OK\n"

UNSAID: dict[str, tuple[Reader, bytes, str]] = {
    "journal: objects fewer than stated": (JournalFile(), journal_without(136, 0), "system.journal"),
    "journal: an impossible head": (JournalFile(), journal_without(88, 1 << 40), "system.journal"),
    "jump list: no list of destinations": (JumpLists(), compound({"1": test_jump_lists.link("C:\\x")}), "automatic"),
    "jump list: a link's mark is gone": (
        JumpLists(),
        test_jump_lists.custom("C:\\a", "C:\\b").replace(test_jump_lists.link("C:\\b")[:20], bytes(20)),
        test_jump_lists.NAME,
    ),
    "recycle bin: the index ends in its last path": (
        RecycleBin(),
        test_recycle_bin.info2(test_recycle_bin.PATH, test_recycle_bin.PATH)[:-300],
        "INFO2",
    ),
    "task: the last run is no time": (TaskJob(), test_task_job.job(ran=(2023, 99, 2, 28, 10, 40, 1, 500)), "x.job"),
    "rpm: pages in the wrong place": (RpmDatabase(), rpm_pages(), "Packages"),
    "rpm: a row of the table is none": (RpmDatabase(), rpm_slots(), "Packages.db"),
    "gems: a section is called otherwise": (GemfileLock(), GEMS.replace(b"GEM\n", b"GEN\n"), "Gemfile.lock"),
    "gems: the list has no head": (GemfileLock(), GEMS.replace(b"  specs:", b"  spebs:"), "Gemfile.lock"),
    "pnpm: a part is called otherwise": (PnpmLock(), PNPM.replace(b"packages:", b"pacages:"), "pnpm-lock.yaml"),
    "pnpm: a name of slashes": (PnpmLock(), PNPM.replace(b"a@1.0.0", b"'//@1.0.0'"), "pnpm-lock.yaml"),
    "bill of materials: an encoding that nobody knows": (
        CycloneDx(),
        b'<?xml version="1.0" encoding="UaaTF-8"?><bom xmlns="http://cyclonedx.org/schema/bom/1.4"/>',
        "bom.xml",
    ),
    "$MFT: ends within a record": (Mft(), made_table("C:\\x\\evil.exe", 1024)[:-300], "$MFT"),
    "apt: a change is called otherwise": (AptHistory(), test_apt_history.LOG.replace(b"\nInstall", b"\nInstbll"), "x"),
    "fleet: no list of hosts": (FleetExport(), b"<a>" + test_fleet_export.HOSTS, "hosts.json"),
    "flows: lines before the columns": (Netflow(), AWS.replace(b"2 1 e", b"2 1 e e") + AWS, "x.log"),
}


@pytest.mark.parametrize("case", UNSAID)
def test_what_is_lost_is_said(case):
    reader, body, name = UNSAID[case]
    _, reading = read_member(reader, body, name)
    assert reading.gaps or reading.unreadable or "are no flows" in reading.note
    assert reading.reason is not Reason.FAILED


def test_a_key_of_thousands_of_colons_is_looked_at_once():
    """Told by its end: with a pattern that goes back, this takes minutes."""
    _, reading = read_member(PnpmLock(), PNPM + b"  " + b"{a: " * 40_000 + b"\n", "pnpm-lock.yaml")
    assert (reading.status, reading.unreadable) == (Status.PARTLY, 1)


def test_a_key_that_says_it_has_no_keys_but_lists_some():
    body = bytearray(hive({"Run": {"evil": text("x")}}))
    (root,) = struct.unpack_from("<I", body, 36)
    node = 4096 + root + 4
    assert body[node : node + 2] == b"nk" and body[node + 20] == 1
    body[node + 20] = 0
    found = Hive(bytes(body))
    assert list(found.key(root, "", 0).subkeys()) == []
    assert found.faults.count == 1


def test_a_line_that_a_report_repeats_is_taken_apart_once(monkeypatch):
    pytest.importorskip("ioc_finder")
    asked = []
    found = extract._finder()
    monkeypatch.setattr(extract, "_finder", lambda: lambda *call, **how: asked.append(1) or found(*call, **how))
    extract._in_piece.cache_clear()
    line = "it asks evil[.]example for orders"
    assert {m.value for _ in range(500) for m in extract.mentions(line)} == {"evil.example"}
    assert len(asked) == 2, "for links and for names"


def test_two_events_that_lost_what_stood_between_them_are_named():
    whole = test_windows_xml.event(1) + test_windows_xml.event(2)
    torn = whole[: whole.index("<Security/>")] + whole[whole.rindex("<EventRecordID>") :]
    assert torn.count("<EventRecordID>") == 2
    _, reading = read_member(WindowsXml(), torn.encode(), "x.xml")
    assert (reading.records, reading.unreadable, reading.status) == (1, 1, Status.UNREAD)


def test_two_journal_entries_that_lost_the_line_between_them_are_named():
    body = test_journal_export.ONE.removesuffix(b"\n") + test_journal_export.TWO
    _, reading = read_member(JournalExport(), body, "x.export")
    assert (reading.records, reading.unreadable, reading.reason) == (1, 1, Reason.CORRUPT)


def test_a_list_of_packages_that_is_not_at_the_left_margin_is_not_passed_over():
    body = test_pnpm_lock.V5.replace(b"\npackages:", b"\n   packages:")
    assert body != test_pnpm_lock.V5
    _, reading = read_member(PnpmLock(), body, "pnpm-lock.yaml")
    assert reading.unreadable and reading.unreadable_at == ("line 9",)
    named = test_pnpm_lock.V5.replace(b"chalk: 5.6.0", b"chalk: 5.6.0\n    packages:")
    assert read_member(PnpmLock(), named, "pnpm-lock.yaml")[1].unreadable == 0, "a package may be called so"


def test_a_row_of_a_mebibyte_is_cut_once_and_not_letter_by_letter():
    """Each letter was joined to a growing cell: half a minute for a line that a listing never has."""
    before = time.process_time()
    for line in ("x" * 2**20, "é" * 2**20):
        assert [len(cell) for cell in winget._cells(line, [0, 10, 20])] == [10, 10, 2**20 - 20]
    assert time.process_time() - before < 2


@pytest.mark.parametrize("key", ["a" + ".a" * 60_000 + " = 1", "[" + "a. " * 60_000 + "a]", "'a'." * 60_000 + "a = 1"])
@pytest.mark.parametrize("reader", [PythonLock(), CargoLock(), PipRequirements()])
def test_a_key_of_thousands_of_parts_is_a_limit_and_no_wait(reader, key):
    before = time.process_time()
    text = f'[project]\nname = "x"\nversion = "1.0.0"\n{key}\n'
    _, reading = read_member(reader, text.encode(), "pyproject.toml")
    assert reading.unreadable == 1 and Reason.LIMIT in {gap.reason for gap in reading.gaps}
    assert "line 4 has a name of more than 32 parts" in reading.note
    assert time.process_time() - before < 2


def test_a_request_of_blanks_alone_is_taken_apart_in_one_go() -> None:
    """A pattern over the whole request tried each of 200,000 blanks as the last one before the protocol."""
    line = b'10.0.0.5 - - [28/Mar/2023:10:40:00 +0000] "GET http://x.example' + b"\t" * 200_000 + b'y" 200 1'
    began = time.process_time()
    record = Requests(Telemetry.PROXY).parse(line, "line 1")
    assert time.process_time() - began < 2
    assert record is not None and record.event["cs-method"] == "GET"
