"""The token without which nothing meets a value: what a long list is looked up by.

A token of evidence is a run of letters, digits, `_`, `-` and dots. The table knows of each dotted one every part that
begins at a label and runs to its end. So a value has a token where a dotted piece of it has its borders wherever the
value is met: nothing that belongs to tokens may touch it there, but a dot or hyphen before it and such signs as the end
of a sentence behind it. A piece beside a wildcard has no border, and none of a string has: they stay literals.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Protocol, TypeVar

from nachsorge.matching import normal, paths

if TYPE_CHECKING:
    from collections.abc import Iterable

_POPULAR = 8
"""What more values than this in the lists have for a token is in many lines: they are told by something else."""
_BUSY = frozenset(
    re.findall(
        r"\S+",
        """
        github.com raw.githubusercontent.com gist.githubusercontent.com objects.githubusercontent.com gitlab.com
        bitbucket.org google.com www.google.com drive.google.com docs.google.com sites.google.com
        storage.googleapis.com firebasestorage.googleapis.com s3.amazonaws.com dropbox.com www.dropbox.com
        dl.dropboxusercontent.com cdn.discordapp.com media.discordapp.net discord.com pastebin.com t.me
        api.telegram.org onedrive.live.com 1drv.ms microsoft.com www.microsoft.com archive.org bit.ly tinyurl.com
        outlook.com hotmail.com gmail.com yahoo.com icloud.com gmx.de gmx.net web.de proton.me protonmail.com mail.ru
        yandex.ru qq.com 163.com
        svchost.exe rundll32.exe regsvr32.exe explorer.exe cmd.exe powershell.exe pwsh.exe conhost.exe services.exe
        lsass.exe winlogon.exe csrss.exe smss.exe taskhost.exe taskhostw.exe dllhost.exe msiexec.exe wscript.exe
        cscript.exe mshta.exe schtasks.exe chrome.exe msedge.exe firefox.exe iexplore.exe onedrive.exe teams.exe
        outlook.exe winword.exe excel.exe setup.exe install.exe installer.exe update.exe updater.exe kernel32.dll
        ntdll.dll version.dll index.html index.htm index.php index.js default.aspx login.php login.html favicon.ico
        robots.txt style.css main.js readme.txt readme.md package.json
        """,
    )
)
"""Hosts and files that the logs of every organisation hold."""

_DOTTED = re.compile(r"(?!(?:.*\.)?xn--)(?=.{3,200}\Z)(?![-.])[0-9a-z_-]+(?:\.[0-9a-z_-]+)+(?<!-)\Z")
_HASH = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})\Z")
_RUN = re.compile(r"[0-9a-z_.-]+")
_HOLE = re.compile(r"[%*?<>]")
_CUT_OUT = (".nupkg",)
"""Readers cut names that end so out of longer words."""


class Valued(Protocol):
    """What is known of a test by its look: its type and its value."""

    @property
    def type(self) -> str:
        """What the value is."""

    @property
    def value(self) -> str:
        """The value."""


V = TypeVar("V", bound=Valued)


def split(tests: Iterable[V]) -> tuple[set[str], list[V]]:
    """Part tests into the tokens that must stand in what they match, and those for which no token is known."""
    tokens: set[str] = set()
    rest: list[V] = []
    chosen: list[tuple[tuple[str, ...], V]] = []
    for test in tests:
        found = tokens_of(test)
        if not found:
            rest.append(test)
        elif _has_choice(test):
            chosen.append((found, test))
        else:
            tokens.add(found[0])
    count = Counter(token for found, _ in chosen for token in found)
    for found, test in chosen:
        rare = next((token for token in found if count[token] <= _POPULAR and token not in _BUSY), None)
        if rare is None:
            rest.append(test)
        else:
            tokens.add(rare)
    return tokens, rest


def token_of(test: Valued) -> str | None:
    """Give the token without which nothing meets the test; None where there is no one such token."""
    return next(iter(tokens_of(test)), None)


def tokens_of(test: Valued) -> tuple[str, ...]:
    """Give tokens without each of which nothing meets the test, best first; none where no one is sure."""
    match test.type:
        case "domain":
            name = normal.host(test.value)
            found = [] if name.rpartition(".")[2].isdigit() else [name]  # `1.2` may end an address
        case "ip":
            address = normal.address(test.value) or test.value
            return () if ":" in address or not _DOTTED.match(address) else (address,)
        case "sha256" | "sha1" | "md5":
            digits = normal.fold(test.value.strip())
            return (digits,) if _HASH.match(digits) else ()
        case "url" | "url_pattern":
            found = _of_url(test.value)
        case "email":
            found = [normal.fold(test.value.strip()).rpartition("@")[2]] if "@" in test.value else []
        case "path" | "file_name":
            found = _of_path(test.value)
        case _:
            found = []
    return tuple(token for token in found if _is_token(token))


def _has_choice(test: Valued) -> bool:
    return test.type in ("url", "url_pattern", "email", "path", "file_name")


def _is_token(name: str) -> bool:
    # Of what is all digits, the kernel looks up only what can be an address.
    return bool(_DOTTED.match(name)) and not (name.rpartition(".")[2].isdigit() and normal.address(name) is None)


def _of_url(value: str) -> list[str]:
    """Give its host, and the parts of its path, last one first: slashes, a query or the URL's end are about each."""
    parts = normal.url(value)
    if parts is None:
        return []
    host, path, _ = parts
    return ["" if "%" in host else host, *_pieces(part for part in path.split("/") if not _HOLE.search(part))]


def _of_path(value: str) -> list[str]:
    return [piece for piece in _pieces(paths.sure_names(value)) if not piece.endswith(_CUT_OUT)]


def _pieces(names: Iterable[str]) -> list[str]:
    """Give what may be tokens of names that stand whole, last one first."""
    return [run.strip(".-") for name in reversed(list(names)) for run in _RUN.findall(name) if ".." not in run]
