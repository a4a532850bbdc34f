"""A bare list: the look of a value tells its type, or the line is named."""

from __future__ import annotations

import pytest

from nachsorge.packs.importers import choose
from nachsorge.packs.importers.listing import listing_of
from nachsorge.packs.importers.text import TextImporter


@pytest.mark.parametrize(
    ("line", "type", "value"),
    [
        ("c2.example", "domain", "c2.example"),
        ("c2[.]example # seen at noon", "domain", "c2.example"),
        ("192.0.2.1", "ip", "192.0.2.1"),
        ("2001:DB8::1", "ip", "2001:db8::1"),
        ("192.0.2.0/24", "cidr", "192.0.2.0/24"),
        ("A" * 64, "sha256", "a" * 64),
        ("b" * 40, "sha1", "b" * 40),
        ("0" * 32, "md5", "0" * 32),
        ("hxxps://c2[.]example/x#y", "url", "https://c2.example/x#y"),
        ("c2.example/gate.php", "url_pattern", "c2.example/gate.php"),
        ("pkg:npm/chalk@5.6.1", "package", "pkg:npm/chalk@5.6.1"),
        (r"C:\Windows\Temp\a.dll", "path", r"C:\Windows\Temp\a.dll"),
        (r"%APPDATA%\x\y", "path", r"%APPDATA%\x\y"),
        ("/Library/Graphics/Quartz", "path", "/Library/Graphics/Quartz"),
        ("~/Library/x", "path", "~/Library/x"),
        (r"HKLM\Software\X", "registry", r"HKLM\Software\X"),
        ("evil.exe", "file_name", "evil.exe"),
        ("evil@c2.example", "email", "evil@c2.example"),
    ],
)
def test_the_type_is_guessed_from_the_look(line: str, type: str, value: str) -> None:
    [item] = listing_of(TextImporter(), f"# list\n{line}\n".encode()).items
    assert (item.type.value, item.value, item.place) == (type, value, "line 2")


def test_a_line_that_shows_no_type_is_listed() -> None:
    listing = listing_of(TextImporter(), b"c2.example\nsomething else\n\nabc\n")
    assert len(listing.items) == 1
    assert [each.split(":")[0] for each in listing.not_understood] == ["line 2", "line 4"]


@pytest.mark.parametrize("content", [b'{"type": "bundle"}', b"<html>", b"PK\x03\x04\x00\x00", b"\x00\x01"])
def test_other_formats_are_not_taken_for_a_list(content: bytes) -> None:
    assert not isinstance(choose(content, "x"), TextImporter)
