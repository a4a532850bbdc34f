"""Which browser a history is of: browsers of one family write the same tables, so the folder of the profile says it."""

from __future__ import annotations

import re

_FOLDERS = {
    "edge": r"microsoft[ -]?edge|microsoft/edge|/edge(?:/|\Z)",
    "brave": r"bravesoftware|brave-browser",
    "chrome": r"google/chrome|google-chrome",
    "vivaldi": r"vivaldi",
    "opera": r"opera(?: software|stable|/)|com\.operasoftware",
    "arc": r"/arc/user data",
    "yandex": r"yandexbrowser|yandex-browser",
    "tor": r"tor[ -]?browser",
    "librewolf": r"librewolf",
    "waterfox": r"waterfox",
    "thunderbird": r"thunderbird",
    "firefox": r"mozilla/firefox|\.mozilla|/firefox/",
    "safari": r"/safari/",
}
_ANY = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _FOLDERS.items()))
_FAMILIES = {
    "chromium": frozenset({"edge", "brave", "chrome", "vivaldi", "opera", "arc", "yandex"}),
    "firefox": frozenset({"tor", "librewolf", "waterfox", "thunderbird", "firefox"}),
    "safari": frozenset({"safari"}),
}


def browser_at(path: str, family: str) -> str:
    """Name the browser whose profile a path lies in; the family where the path names none of it.

    The innermost folder counts: a collection from `D:/Chrome case/` may hold a profile of Edge.
    """
    found = [match.lastgroup or "" for match in _ANY.finditer(path.replace("\\", "/").lower())]
    return next((name for name in reversed(found) if name in _FAMILIES[family]), family)
