"""Paths: no case on Windows, any separator, variables, users, globs, devices; names whole."""

from __future__ import annotations

import pytest
from tests.matching.kit import found

PATH = r"%APPDATA%\Vendor\evil.exe"
INSIDE = r"Users\bob\AppData\Roaming\Vendor\evil.exe"

SEEN = [
    (PATH, "path", "C:\\" + INSIDE),
    (PATH, "path", ("c:/" + INSIDE).replace("\\", "/").lower()),
    (PATH, "path", "D:\\" + INSIDE.upper()),
    (PATH, "path", "\\Device\\HarddiskVolume3\\" + INSIDE),
    (PATH, "path", "\\??\\C:\\" + INSIDE),
    (PATH, "path", "\\\\?\\C:\\" + INSIDE),
    (PATH, "path", "\\\\.\\C:\\" + INSIDE),
    (PATH, "path", f'"C:\\{INSIDE}"'),
    (PATH, "path", f'"C:\\{INSIDE}" -k netsvcs'),
    (PATH, "path", f"C:\\{INSIDE} /service"),
    (PATH, "path", f"C:\\{INSIDE}:Zone.Identifier"),
    (PATH, "text", f'cmd /c "C:\\{INSIDE}" /x'),
    (PATH, "text", ('{"path":"C:\\' + INSIDE + '"}').replace("\\", "\\\\")),
    (PATH, "text", "load \\Device\\HarddiskVolume12\\" + INSIDE),
    (r"\Device\HarddiskVolume3\x\evil.exe", "path", r"C:\x\evil.exe"),
    (r"C:\x\evil.exe", "text", r"start C:\x\evil.exe."),
    (r"C:\Users\<user>\evil.exe", "path", r"C:\Users\Anna M\evil.exe"),
    (r"C:\Temp\ev*.exe", "path", r"C:\Temp\ev12.exe"),
    (r"C:\Temp\ev*.exe", "text", r"x C:\Temp\ev12.exe y"),
    (r"C:\Temp\ev?l.exe", "path", r"C:\Temp\evil.exe"),
    (r"C:\Temp\**\evil.exe", "path", r"C:\Temp\a\b\evil.exe"),
    (r"\\srv\share\evil.exe", "path", r"\\SRV\share\evil.exe"),
    (r"\\srv\share\evil.exe", "path", r"\\?\UNC\srv\share\evil.exe"),
    (r"\\srv\share\evil.exe", "text", r"run \\srv\share\evil.exe x"),
    (r"Vendor\evil.exe", "path", r"C:\x\Vendor\evil.exe"),
    (r"\Vendor\evil.exe", "path", r"C:\x\Vendor\evil.exe"),
    ("~/Library/evil.plist", "path", "/Users/bob/Library/evil.plist"),
    ("~/.config/evil", "path", "/root/.config/evil"),
    ("~/Library/evil.plist", "text", "rm /Users/bob/Library/evil.plist"),
    ("/tmp/Evil", "path", "/tmp/Evil"),
    ("/usr/*/evil", "text", "see /usr/lib/evil now"),
    (r"%OWN%\evil.exe", "path", r"C:\any\where\evil.exe"),
]
NOT_SEEN = [
    (PATH, "path", r"C:\Users\bob\AppData\Local\Vendor\evil.exe"),
    (PATH, "path", r"C:\Users\bob\x\AppData\Roaming\Vendor\evil.exe"),
    (PATH, "path", r"C:\Users\bob\AppData\Roaming\Vendor\notevil.exe"),
    (PATH, "path", r"C:\Users\bob\AppData\Roaming\Vendor\evil.exe.bak"),
    (PATH, "text", f"C:\\{INSIDE}.bak"),
    (r"C:\Users\<user>\evil.exe", "path", r"C:\Users\anna\x\evil.exe"),
    (r"C:\Temp\ev*.exe", "path", r"C:\Temp\ev\x.exe"),
    (r"C:\Temp\ev*.exe", "text", r"C:\Temp\other.exe"),
    (r"Vendor\evil.exe", "path", r"C:\xVendor\evil.exe"),
    ("/tmp/Evil", "path", "/tmp/evil"),
    ("/tmp/Evil", "path", "/x/tmp/Evil"),
    (r"C:\x\\u212aevil.exe".replace("\\\\u212a", "\\k"), "path", "C:\\x\\\u212aevil.exe"),
]


@pytest.mark.parametrize(("indicator", "field", "text"), SEEN)
def test_a_path_is_found(indicator, field, text):
    assert found("path", indicator, field, text)


@pytest.mark.parametrize(("indicator", "field", "text"), NOT_SEEN)
def test_another_path_is_not_it(indicator, field, text):
    assert not found("path", indicator, field, text)


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("path", r"C:\x\evil.exe", True),
        ("path", "EVIL.exe", True),
        ("path", "/opt/evil.exe", True),
        ("path", r"C:\x\my evil.exe", False),
        ("path", r"C:\x\notevil.exe", False),
        ("path", r"C:\evil.exe\other.dll", False),
        ("url", "http://a.example/x/evil.exe?q", True),
        ("url", "/x/evil.exe?q", True),
        ("url", "http://a.example/x/notevil.exe", False),
        ("text", "cmd /c evil.exe -x", True),
        ("text", "http://a.example/evil.exe", True),
        ("text", r"\"C:\x y\evil.exe\"", True),
        ("text", "xevil.exe", False),
        ("text", "my-evil.exe", False),
        ("text", "evil.exe.bak", False),
        ("text", "evil.exec", False),
    ],
)
def test_a_file_name_is_found_in_paths_urls_and_command_lines(field, text, expected):
    assert found("file_name", "evil.exe", field, text) is expected


@pytest.mark.parametrize(("text", "expected"), [("ev1.exe", True), ("x_ev1.exe", False), ("dev1.exe", False)])
@pytest.mark.parametrize("field", ["path", "text"])
def test_a_file_name_may_hold_wildcards(field, text, expected):
    assert found("file_name", "ev*.exe", field, text) is expected
