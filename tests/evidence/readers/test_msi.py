"""Windows Installer packages: product and version from the Property table."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.artefact_kit import bears_damage, read_member, shows_control
from tests.evidence.ole_kit import compound

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.msi import Msi
from nachsorge.evidence.windows import msi
from nachsorge.evidence.windows.msi import PACKAGE, PATCH, packed, strings
from nachsorge.model.evidence import Software
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry

olefile = pytest.importorskip("olefile", reason="NOT LOOKED AT: the extra `windows` is not installed")

PROPERTIES = {
    "ProductName": "3CX Desktop App",
    "ProductVersion": "18.12.416",
    "Manufacturer": "3CX Ltd. Ä",
    "ProductCode": "{11111111-2222-3333-4444-555555555555}",
    "ARPURLINFOABOUT": "http://evil.example/x",
}


def package(properties=None, clsid=PACKAGE, codepage=65001, width=2, summary=b""):
    properties = PROPERTIES if properties is None else properties
    texts = [text for pair in properties.items() for text in pair]
    codec = {65001: "utf-8", 1252: "cp1252"}[codepage]
    raw = [text.encode(codec) for text in texts]
    pool = struct.pack("<I", codepage | (0x80000000 if width == 3 else 0))
    pool += b"".join(struct.pack("<HH", len(text), 1) for text in raw)
    names = range(1, len(texts) + 1, 2)
    table = b"".join(n.to_bytes(width, "little") for n in (*names, *(n + 1 for n in names)))
    streams = {packed("_StringPool"): pool, packed("_StringData"): b"".join(raw), packed("Property"): table}
    return compound(streams | ({"\x05SummaryInformation": summary} if summary else {}), clsid)


def summary():
    """Code page 1252, a title, a template, a creation time."""
    title, template = b"T\xe4st\0", b"x64;1033\0"
    properties = [
        (1, struct.pack("<II", 2, 1252)),
        (2, struct.pack("<II", 30, len(title)) + title.ljust(8, b"\0")),
        (7, struct.pack("<II", 30, len(template)) + template.ljust(12, b"\0")),
        (12, struct.pack("<IQ", 64, 133_226_336_000_000_000)),
    ]
    at, table, bodies = 8 + 8 * len(properties), b"", b""
    for number, body in properties:
        table += struct.pack("<II", number, at + len(bodies))
        bodies += body
    section = struct.pack("<II", at + len(bodies), len(properties)) + table + bodies
    return struct.pack("<HHI16xI", 0xFFFE, 0, 2, 1) + bytes(16) + struct.pack("<I", 48) + section


@pytest.mark.parametrize(("codepage", "width"), [(65001, 2), (1252, 2), (65001, 3)])
def test_a_package_states_its_product(codepage, width):
    (record,), reading = read_member(Msi(), package(codepage=codepage, width=width, summary=summary()), "a.msi")
    assert record.software == Software(
        name="3CX Desktop App", version="18.12.416", platform=Platform.WINDOWS, publisher="3CX Ltd. Ä"
    )
    assert (record.telemetry, reading.status, reading.seen[0].spans) == (Telemetry.FILESYSTEM, Status.READ, ())
    assert record.event["ProductCode"] == PROPERTIES["ProductCode"]
    assert (record.event["template"], record.event["title"]) == ("x64;1033", "Täst")
    assert record.event["created"] == "2023-03-07T03:33:20Z"
    assert (Kind.TEXT, "http://evil.example/x") in {(value.kind, value.text) for value in record.values}


@pytest.mark.parametrize(
    ("path", "installed"),
    [
        ("x/C/Windows/Installer/1a2b.msi", True),
        ("C:\\WINDOWS\\installer\\1a2b.msi", True),
        ("x/Windows/Installer/sub/1a2b.msi", False),
        ("x/Downloads/3CXDesktopApp-18.12.416.msi", False),
    ],
)
def test_in_the_cache_of_windows_the_product_was_installed(path, installed):
    (record,), _ = read_member(Msi(), package(), path)
    assert (record.telemetry is Telemetry.INSTALLED_SOFTWARE) is installed


def test_who_accepts():
    body = package()
    assert Msi().accepts(body, "x") == 96
    assert reader_for(body, "x").name == "msi"
    plain = package(clsid=bytes(16))
    assert (Msi().accepts(plain, "x"), Msi().accepts(plain, "X.MSI")) == (0, 90)
    assert Msi().accepts(b"text", "x.msi") == 0


def test_a_patch_is_named_as_not_read():
    _, reading = read_member(Msi(), compound({"a": b"x"}, PATCH), "x.msp")
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.NOT_SUPPORTED)


def test_a_package_without_a_name_is_searched_and_is_no_product():
    (record,), _ = read_member(Msi(), package({"Odd": "evil.example"}), "x.msi")
    assert record.software is None
    assert "evil.example" in {value.text for value in record.values}


def test_without_the_extra_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(msi, "olefile", None)
    _, reading = read_member(Msi(), package(), "x.msi")
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.MISSING_EXTRA)
    assert "nachsorge[windows]" in reading.note


def test_a_long_text_takes_two_entries_and_a_gap_keeps_its_number():
    pool = struct.pack("<I", 1252) + struct.pack("<HHHHHHHH", 0, 1, 4, 1, 0, 0, 2, 1)
    texts, width = strings(pool, b"a" * 65540 + b"zz")
    assert (width, texts[1][:3], texts[3]) == (2, "aaa", "zz")
    assert 2 not in texts


@given(st.binary(min_size=4, max_size=200), st.binary(max_size=200))
def test_any_pool_is_bounded(pool, data):
    texts, width = strings(pool, data)
    assert len(texts) <= len(pool) // 4 and width in (2, 3)


def test_names_of_tables_are_packed_as_msi_packs_them():
    # The names of these streams as msitools 0.101 writes them.
    assert packed("Property") == "\u4840\u4559\u44f2\u4568\u4737"


def test_damage_and_control():
    bears_damage(Msi(), package(summary=summary()))
    shows_control(Msi())
