"""Programs: the version they state, also where a tree is damaged or hostile."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pip
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.pe_version import PeVersion
from nachsorge.evidence.seams import ReadError
from nachsorge.evidence.windows.pe_made import program
from nachsorge.evidence.windows.pe_version import version_of
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry

APP = {
    "CompanyName": "3CX Ltd.",
    "ProductName": "3CX Desktop App",
    "FileVersion": "18.12.407.0",
    "ProductVersion": "18.12.407",
    "OriginalFilename": "3CXDesktopApp.exe",
    "Comments": "see evil.example",
}


def test_a_program_on_the_disk_is_evidence_of_its_version():
    (record,), reading = read_member(PeVersion(), program(APP), "x/app/3CXDesktopApp.exe")
    software = record.software
    assert (software.name, software.version, software.platform) == ("3CX Desktop App", "18.12.407", Platform.WINDOWS)
    assert (software.publisher, software.aliases) == ("3CX Ltd.", ("3CXDesktopApp.exe",))
    assert (record.telemetry, reading.status) == (Telemetry.INSTALLED_SOFTWARE, Status.READ)
    values = {(value.kind, value.text) for value in record.values}
    assert {(Kind.PATH, "3CXDesktopApp.exe"), (Kind.TEXT, "see evil.example")} <= values
    assert reading.seen[0].spans == ()


def test_versions_that_differ_are_both_stated():
    records, reading = read_member(PeVersion(), program(APP | {"ProductVersion": "18.12.416"}), "a.exe")
    assert [record.software.version for record in records] == ["18.12.416", "18.12.407.0"]
    assert len({record.locator for record in records}) == reading.records == 2


@pytest.mark.parametrize(
    ("strings", "version"),
    [
        ({"FileVersion": "1, 2, 0, 4"}, "1.2.0.4"),
        ({"FileVersion": "10.0.19041.1 (WinBuild.160101.0800)"}, "10.0.19041.1"),
        ({"ProductVersion": "1.0", "FileVersion": "1.0.0.0"}, "1.0"),
        ({"ProductName": "x"}, "0.0.0.0"),
    ],
)
def test_how_versions_are_spelled(strings, version):
    (record,), _ = read_member(PeVersion(), program(strings), "a.exe")
    assert record.software.version == version


def test_zeroes_within_a_version_count():
    records, _ = read_member(PeVersion(), program({"ProductVersion": "1.0.2", "FileVersion": "1.2"}), "a.exe")
    assert [record.software.version for record in records] == ["1.0.2", "1.2"]


def test_a_program_without_a_version_is_still_one():
    body = bytearray(program({}))
    body[body.index(b"PE\0\0") + 24 + 92 : body.index(b"PE\0\0") + 24 + 96] = bytes(4)  # no data directories
    (record,), reading = read_member(PeVersion(), bytes(body), "x/ffmpeg.dll")
    assert (record.software.name, record.software.version) == ("ffmpeg.dll", "")
    assert "states no version" in reading.note and reading.unreadable == 0


def test_who_accepts():
    body = program(APP)
    assert reader_for(body, "x").name == "pe_version"
    assert PeVersion().accepts(b"MZ" + bytes(100), "a.exe") == 0
    assert PeVersion().accepts(b"MZ", "a.exe") == 0


def test_a_program_that_is_cut_off_says_so():
    body = program(APP)
    _, reading = read_member(PeVersion(), body[:-40], "a.exe")
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.TRUNCATED)


def test_a_tree_that_leads_into_itself_ends():
    body = bytearray(program(APP))
    root = body.index(struct.pack("<II", 16, 0x80000018))
    body[root + 4 : root + 8] = struct.pack("<I", 0x80000000)  # the type's directory is the root again
    found = version_of(io.BytesIO(bytes(body)))
    assert found.strings == {}


class Counting(io.BytesIO):
    taken = 0

    def read(self, size=-1):
        data = super().read(size)
        self.taken += len(data)
        return data


def test_a_directory_that_names_itself_thousands_of_times_is_not_read_as_often():
    body = bytearray(program(APP).ljust(200_000, b"\0"))
    at = 0x200
    body[at + 12 : at + 16] = struct.pack("<HH", 0xFFFF, 0xFFFF)
    body[at + 16 : at + 16 + 8 * 4096] = struct.pack("<II", 16, 0x80000000) * 4096
    stream = Counting(bytes(body))
    assert version_of(stream).strings == {}
    assert stream.taken < 2_000_000


def test_resources_outside_of_all_sections_are_corrupt():
    body = program(APP).replace(struct.pack("<II", 0x1000, len(program(APP)) - 0x200), struct.pack("<II", 0x9000, 8))
    with pytest.raises(ReadError) as caught:
        version_of(io.BytesIO(body))
    assert caught.value.reason is Reason.CORRUPT


@given(st.data())
def test_any_change_is_a_version_or_a_read_error(data):
    body = bytearray(program(APP))
    for _ in range(data.draw(st.integers(1, 8))):
        body[data.draw(st.integers(64, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = version_of(io.BytesIO(bytes(body)))
    except ReadError as problem:
        assert problem.reason in (Reason.CORRUPT, Reason.TRUNCATED, Reason.LIMIT)
    else:
        assert all(len(text) <= 4096 for text in found.strings.values())


@given(st.dictionaries(st.text("abcXYZ", min_size=1, max_size=20), st.text(min_size=1, max_size=60), max_size=8))
def test_strings_survive(strings):
    wanted = {name: text.strip() for name, text in strings.items() if "\0" not in text and text.strip()}
    made = program(wanted) if all(map(_plain, wanted.values())) else program({})
    found = version_of(io.BytesIO(made))
    assert found.strings == (wanted if all(map(_plain, wanted.values())) else {})


def _plain(text: str) -> bool:
    return text.isprintable() and all(ord(letter) < 0xD800 for letter in text)


def test_a_real_program():
    place = Path(pip.__file__).parent / "_vendor/distlib/t64.exe"
    if not place.is_file():
        pytest.skip("NOT LOOKED AT: this pip brings no launcher for Windows")
    (record,), reading = read_member(PeVersion(), place.read_bytes(), "t64.exe")
    assert (record.software.name, record.event["OriginalFilename"]) == ("Simple Launcher", "t64.exe")
    assert record.software.version == record.event["FileVersionNumber"]
    assert (record.event["machine"], reading.status) == ("x64", Status.READ)


def der(tag, *parts):
    body = b"".join(parts)
    size = bytes([len(body)]) if len(body) < 128 else b"\x82" + struct.pack(">H", len(body))
    return bytes([tag]) + size + body


def named(name):
    return der(0x30, der(0x31, der(0x30, der(6, b"\x55\x04\x03"), der(12, name.encode()))))


def certificate(serial, name):
    to_be_signed = der(0x30, der(2, serial), der(0x30), named("Root"), der(0x30), named(name), der(0x30))
    return der(0x30, to_be_signed, der(0x30), der(3, b"\0"))


def signed(signer=b"\x1b\x66"):
    """A program with a signature of two certificates, of which one is the signer's."""
    certificates = der(0xA0, certificate(b"\x01", "Maker CA"), certificate(b"\x1b\x66", "Maker Ltd"))
    info = der(0x31, der(0x30, der(2, b"\x01"), der(0x30, named("Root"), der(2, signer))))
    data = der(0x30, der(2, b"\x01"), der(0x31), der(0x30), certificates, info)
    pkcs = der(0x30, der(6, b"\x2a"), der(0xA0, data))
    body = bytearray(program(APP))
    body += bytes(-len(body) % 8)
    table = struct.pack("<IHH", len(pkcs) + 8, 0x200, 2) + pkcs
    at = body.index(b"PE\0\0") + 24 + 96 + 32
    body[at : at + 8] = struct.pack("<II", len(body), len(table))
    return bytes(body + table)


def test_who_signed_it_is_told_and_every_certificate_is_compared():
    (record,), reading = read_member(PeVersion(), signed(), "a.exe")
    assert (record.event["signer"], record.event["signer.serial"]) == ("Maker Ltd", "1B66")
    told = {value.text for value in record.values if value.kind is Kind.CERTIFICATE}
    assert told == {"01", "1B66", "CN=Maker CA", "CN=Maker Ltd"}
    assert reading.status is Status.READ


def test_a_signature_without_its_signers_certificate_names_nobody():
    (record,), _ = read_member(PeVersion(), signed(signer=b"\x77"), "a.exe")
    assert "signer" not in record.event


def test_a_program_that_ends_within_its_signature_still_states_its_version():
    (record,), reading = read_member(PeVersion(), signed()[:-10], "a.exe")
    assert record.software.version == "18.12.407" and "signer" not in record.event
    assert (reading.status, reading.reason) == (Status.PARTLY, Reason.TRUNCATED)


def test_a_damaged_signature_is_none():
    bears_damage(PeVersion(), signed())


def test_damage_and_plant():
    bears_damage(PeVersion(), program(APP))
    shows_plant(PeVersion(), program(APP))
