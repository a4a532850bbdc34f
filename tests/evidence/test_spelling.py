"""Paths as the host spells them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachsorge.evidence.seams import Root
from nachsorge.evidence.spelling import drive_of, host_path
from nachsorge.model.words import Platform

W, M = Platform.WINDOWS, Platform.MACOS


@pytest.mark.parametrize(
    ("path", "platform", "prefix", "spelled"),
    [
        ("Users/x/a.exe", W, "", "C:\\Users\\x\\a.exe"),
        ("case/pc1/Users/x", W, "case/pc1", "C:\\Users\\x"),
        ("pc1/C/Users/x", W, "pc1/C", "C:\\Users\\x"),
        ("C/Users/x", W, "C", "C:\\Users\\x"),
        ("pc1/d/data/x", W, "pc1/C", "D:\\data\\x"),
        ("up/auto/C%3A/Users/a%25b%3Ac", W, "up/auto/C%3A", "C:\\Users\\a%b:c"),
        ("ntfs/%5C%5C.%5CC%3A/Users/x", W, "ntfs/%5C%5C.%5CC%3A", "C:\\Users\\x"),
        ("pc1/log.txt", W, "pc1/C", None),
        ("pc1/Users", W, "pc1/C", None),
        ("pc2/C/Users/x", W, "pc1/C", None),
        ("pc10/x", W, "pc1", None),
        ("Users/x/Library/a", M, "", "/Users/x/Library/a"),
        ("mac/private/etc/hosts", M, "mac", "/private/etc/hosts"),
        ("etc/100%25", Platform.LINUX, "", "/etc/100%25"),
    ],
)
def test_spelling(path, platform, prefix, spelled):
    assert host_path(path, Root(platform=platform, prefix=prefix)) == spelled


@pytest.mark.parametrize(
    ("folder", "drive"), [("C", "C"), ("c%3A", "C"), ("E:", "E"), ("CD", None), ("", None), ("1", None)]
)
def test_drives(folder, drive):
    assert drive_of(folder) == drive


@given(st.text(), st.text(), st.sampled_from(Platform))
def test_any_path_has_a_spelling_or_none(path, prefix, platform):
    spelled = host_path(path, Root(platform=platform, prefix=prefix))
    assert spelled is None or spelled[:1] == "/" or spelled[1:3] == ":\\"
