"""Which browser a profile is of."""

from __future__ import annotations

import pytest

from nachsorge.evidence.browser_names import browser_at


@pytest.mark.parametrize(
    ("path", "family", "browser"),
    [
        ("C/Users/kim/AppData/Local/Google/Chrome/User Data/Default/History", "chromium", "chrome"),
        (r"C:\Users\kim\AppData\Local\Microsoft\Edge\User Data\Default\History", "chromium", "edge"),
        ("C/Users/kim/AppData/Local/BraveSoftware/Brave-Browser/User Data/Default/History", "chromium", "brave"),
        ("Users/kim/Library/Application Support/Google/Chrome/Default/History", "chromium", "chrome"),
        ("Users/kim/Library/Application Support/Microsoft Edge/Default/History", "chromium", "edge"),
        ("Users/kim/Library/Application Support/BraveSoftware/Brave-Browser/Default/History", "chromium", "brave"),
        ("home/kim/.config/google-chrome/Default/History", "chromium", "chrome"),
        ("home/kim/.config/microsoft-edge/Default/History", "chromium", "edge"),
        ("home/kim/.config/BraveSoftware/Brave-Browser/Default/History", "chromium", "brave"),
        ("D/Google/Chrome cases/pc1/Microsoft/Edge/User Data/Default/History", "chromium", "edge"),
        ("home/kim/.mozilla/firefox/x.default/places.sqlite", "firefox", "firefox"),
        ("x/Tor Browser/Browser/TorBrowser/Data/Browser/profile.default/places.sqlite", "firefox", "tor"),
        ("Users/kim/Library/Safari/History.db", "safari", "safari"),
        ("evidence/History", "chromium", "chromium"),
        ("Users/kim/Library/Safari/History", "chromium", "chromium"),
    ],
)
def test_the_innermost_folder_of_the_family_says_it(path: str, family: str, browser: str) -> None:
    assert browser_at(path, family) == browser
