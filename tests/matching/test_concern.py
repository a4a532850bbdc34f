"""Which paths may be a product: names meet paths without blanks, signs and case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachsorge.matching.concern import Concern

NAMES = ("3CX Desktop App", "3CXDesktopApp", "3CXDesktopApp.exe", "com.electron.3cx-desktop-app")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (r"C:\Users\a\AppData\Local\Programs\3CXDesktopApp\app\3CXDesktopApp.exe", True),
        (r"C:\Users\a\AppData\Local\Programs\3cxdesktopapp\app\update.exe", True),
        ("/Applications/3CX Desktop App.app/Contents/MacOS/x", True),
        (r"D:\share\3CXDesktopApp-18.12.416-full.nupkg", True),
        (r"C:\Windows\System32\kernel32.dll", False),
        (r"C:\3CX\DesktopTool.exe", False),
    ],
)
def test_a_path_with_a_products_name(path, expected):
    assert Concern(NAMES).concerns(path) is expected


def test_of_a_pattern_the_longest_piece_counts():
    assert Concern(["*X_TRADER*7?"]).concerns(r"C:\x_trader\a.exe")
    assert not Concern(["*X_TRADER*7?"]).concerns(r"C:\7\a.exe")


def test_a_name_too_short_to_tell_concerns_everything():
    assert Concern(["X"]).concerns("anything") and Concern(["*"]).concerns("")


def test_without_products_nothing_is_concerned():
    assert not Concern([]).concerns("3CXDesktopApp.exe")


@given(st.text(min_size=3), st.text(), st.text())
def test_a_products_own_name_in_a_path_is_never_missed(name, before, after):
    assert Concern([name.replace("*", "").replace("?", "")]).concerns(before + name + after)
