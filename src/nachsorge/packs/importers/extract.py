"""Values in running text, by the library ioc-finder (extra `reports`), each with how it was written.

Of the two libraries that the field uses, iocsearcher and ioc-finder, both find the same on our samples; ioc-finder is
the lighter one (docs/decisions/0014). It is called on short pieces, which bounds what a hostile text can cost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nachsorge.model.words import IndicatorType as T
from nachsorge.packs.row_problem import RowProblem
from nachsorge.packs.values import guess, refang

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PIECE = 500
"""Characters handed over at once."""

_KEYS = {
    "urls": T.URL,
    "email_addresses": T.EMAIL,
    "domains": T.DOMAIN,
    "ipv4s": T.IP,
    "ipv6s": T.IP,
    "sha256s": T.SHA256,
    "sha1s": T.SHA1,
    "md5s": T.MD5,
}
_ASKED = {
    "parse_domain_from_url": False,
    "parse_from_url_path": False,
    "parse_domain_from_email_address": False,
    "parse_urls_without_scheme": False,
    "parse_address_from_cidr": False,
    "included_ioc_types": list(_KEYS),
}
_LINKS = frozenset({T.URL, T.EMAIL})
_NETWORK = frozenset({T.URL, T.EMAIL, T.DOMAIN, T.IP})
_LIKELY = re.compile(r"\.\w|[\[({]\.|dot|@|::|:[0-9a-fA-F]|[0-9a-fA-F]{32}|\\|pkg:")
_DEFANGED = re.compile(
    r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|hxxp|h\*\*p|\[:|\[@\]|\[at\]|\[://\]|\(at\)", re.IGNORECASE
)
_TOKENS = re.compile(r"[^\s\"'`<>|,;()\[\]{}“”‘’]+")
_RAW = re.compile(r"[^\s\"'`<>|“”‘’]+")
_OWN = frozenset({T.PATH, T.FILE_NAME, T.REGISTRY, T.PACKAGE, T.CIDR})
_PLAIN_ENDS = ".:!?*_"
_NAMES_OF_FILES = frozenset(["md", "html", "htm", "js", "py", "sh", "rs", "pl", "cc", "so", "ps", "zip", "mov"])
"""Endings of files that are top-level domains as well."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A value in a text; `defanged` tells that its author made it unclickable."""

    kind: T
    value: str
    defanged: bool


def mentions(line: str) -> Iterator[Mention]:
    """Give the values of a line, each once.

    Raises:
        RowProblem: the extra is not installed.
    """
    seen: set[tuple[T, str]] = set()  # values in lower case: the library folds some
    for piece in _pieces(line):
        if _LIKELY.search(piece):
            for mention in _in_piece(piece):
                if (key := (mention.kind, mention.value.lower())) not in seen:
                    seen.add(key)
                    yield mention


def is_defanged(line: str) -> bool:
    """Tell whether anything in a line is written unclickably."""
    return _DEFANGED.search(line) is not None


def _pieces(line: str) -> Iterator[str]:
    while len(line) > PIECE:
        cut = line.rfind(" ", 0, PIECE)
        cut = cut if cut > 0 else PIECE
        yield line[:cut]
        line = line[cut:]
    yield line


@lru_cache(maxsize=1024)
def _in_piece(piece: str) -> tuple[Mention, ...]:
    """Remember the answer: tables repeat their lines, and the library takes half a millisecond for each."""
    return tuple(_found_in(piece))


def _found_in(piece: str) -> Iterator[Mention]:
    plain = refang(piece)
    words = [token.strip(_PLAIN_ENDS) for token in _TOKENS.findall(plain)]
    # Links may hold brackets and commas; names do not, and the library misses some that stand within brackets.
    links, names = _finder()(piece, **_ASKED), _finder()(" ".join(words), **_ASKED)
    lowered = piece.lower()
    for key, kind in _KEYS.items():
        for value in (links if kind in _LINKS else names).get(key, ()):
            value = value.rstrip(".,;:!?'") if kind is T.URL else value
            if kind is not T.DOMAIN or _stands_alone(value, words):
                yield Mention(kind, value, kind in _NETWORK and value.lower() not in lowered)
    yield from _unclickable(piece)
    for word in words:
        kind_of = guess(word)
        if kind_of in _OWN and not word.startswith(("//", "/www.")):
            yield Mention(kind_of, word, defanged=False)


def _unclickable(piece: str) -> Iterator[Mention]:
    """Give what its author wrote unclickably, also where the library does not know the top-level domain."""
    for token in _RAW.findall(piece):
        if _DEFANGED.search(token):
            value = refang(token).strip("()[]{},;" + _PLAIN_ENDS)
            kind = guess(value)
            if kind in _NETWORK and kind is not None:
                yield Mention(kind, value, defanged=True)


def _stands_alone(name: str, words: list[str]) -> bool:
    """Tell a host name from a piece of a path, a file name or a longer word.

    `com.apple` of `/Library/Caches/com.apple.x` is none, nor is `readme.md`.
    """
    for word in words:
        lowered = word.lower()
        if lowered == name or lowered.startswith((f"{name}/", f"{name}:")) or lowered == f"*.{name}":
            return name.rpartition(".")[2] not in _NAMES_OF_FILES
    return False


@lru_cache(maxsize=1)
def _finder() -> Callable[..., Any]:
    try:
        found: Callable[..., Any] = import_module("ioc_finder").find_iocs
    except ImportError as error:
        raise RowProblem("a report in prose needs the extra `reports`", "pip install 'nachsorge[reports]'") from error
    return found
