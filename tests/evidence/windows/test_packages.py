"""Names of update packages and of the folders that they are unpacked to."""

from __future__ import annotations

import pytest

from nachsorge.evidence.windows.packages import folder_in, packages_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3CXDesktopApp-18.12.416-full.nupkg", [("3CXDesktopApp", "18.12.416")]),
        ("get http://x/e/My-App-1.0.0-beta-delta.nupkg and B-2.1-full.NUPKG", [("My-App", "1.0.0-beta"), ("B", "2.1")]),
        ("App-full.nupkg", []),
        ("App-1-full.nupkg", []),
        ("x" * 100_000 + "-1.2-full.nupkg", [("x" * 185, "1.2")]),
    ],
)
def test_packages(text, expected):
    assert [(name, version) for _, name, version in packages_in(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("to C:\\U\\a b\\3CXDesktopApp\\app-18.12.416\\x", ("3CXDesktopApp", "18.12.416")),
        ("/home/My App/app-1.0", ("My App", "1.0")),
        ("C:\\U\\3CXDesktopApp\\app\\x", None),
        ("app-1.0", None),
    ],
)
def test_folders(text, expected):
    assert folder_in(text) == expected
