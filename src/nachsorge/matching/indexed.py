"""What tables look up in a free text, and the matcher that is asked about these tokens instead of the text.

An index keeps a free text as its tokens: dotted names, addresses, URLs, mail addresses, digests. What is found word by
word (strings, paths, keys, user agents and the like in text) cannot be found in them; `hidden_by` says for which tests
that matters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.matching import normal
from nachsorge.matching.lookup import LookUp
from nachsorge.matching.match import Matcher
from nachsorge.matching.store import NOWHERE
from nachsorge.matching.tables import MAIL, SHORTEST_DIGEST
from nachsorge.matching.words import addresses6, names, plain_host, urls
from nachsorge.model.evidence import Record
from nachsorge.model.words import IndicatorType as T
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nachsorge.matching.store import Store
    from nachsorge.matching.tables import Tables
    from nachsorge.matching.tests import Test
    from nachsorge.model.evidence import Software

MARK = "\0"
"""Stands before tokens in a value of free text, one token a line."""

WORDY = frozenset({T.PATH, T.FILE_NAME, T.REGISTRY, T.USER_AGENT, T.CERTIFICATE, T.NAMED_OBJECT, T.STRING})
"""Types that are found word by word."""
_COLONS = 6
"""So many at least are in an IPv6 address without `::`; the last two groups may be written as an IPv4 address."""
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_GLOB = re.compile(r"\*\*|\*|\?|<[^>]*>|%[^%/\\]+%")


def tokens_of(text: str) -> tuple[str, ...]:
    """Give what tables look up in a text, each once, lines of the text being texts."""
    found: dict[str, None] = {}
    for line in text.split("\n"):
        found.update(dict.fromkeys(_of_line(line)))
    return tuple(found)


def _of_line(text: str) -> Iterator[str]:
    if "." in text:
        for name in names(text):
            # A number with a fraction is no name: the last label of one is never numeric (RFC 3696, section 2).
            if not _NUMBER.fullmatch(name) or name.count(".") == 3:
                yield name
        if "/" in text:
            yield from urls(text)
        if "@" in text:
            yield from MAIL.findall(text)
    if text.count(":") > 1:
        # A time or a MAC looks like an address at first: one has eight groups, or `::` (RFC 4291, section 2.2).
        yield from (one for one in addresses6(text) if "::" in one or one.count(":") >= _COLONS)
    if len(text) >= SHORTEST_DIGEST:
        yield from normal.hashes(text)


class TokenLookUp(LookUp):
    """Looks tokens up as the text would be that they stand for."""

    def tests_in(self, kind: Kind, text: str) -> tuple[int, ...]:
        """Give the tests that a value meets, or that the text meets of which these are the tokens."""
        if kind is not Kind.TEXT or not text.startswith(MARK):
            return super().tests_in(kind, text)
        return tuple(test for token in text.removeprefix(MARK).split("\n") for test in _of_token(self._tables, token))


def _of_token(tables: Tables, token: str) -> Iterator[int]:
    yield from tables.dotted(token)
    if token.count(":") > 1:
        for found in addresses6(token):
            yield from tables.address(found)
    if len(token) >= SHORTEST_DIGEST:
        yield from tables.digest(token)


class IndexMatcher(Matcher):
    """The matcher for records out of an index. Rules are not asked: they need the record whole."""

    def __init__(self, tests: Sequence[Test], store: Store = NOWHERE) -> None:
        """Compile all but the rules."""
        super().__init__(tests, store)
        self._look_up = TokenLookUp(self.tables)
        self.rules = []

    def meets(self, kind: Kind, text: str) -> bool:
        """Tell whether a value alone meets any test."""
        return bool(self._look_up.tests_in(kind, text))

    def may_begin(self, kind: Kind, text: str) -> bool:
        """Tell whether what follows this text, a host's name, may decide: whether any test looks beyond the name."""
        name = normal.host(text)
        urls = kind is not Kind.URL or name in self.tables.url_hosts or bool(self.tables.url_globs)
        return urls or bool(self.tables.strings) or not plain_host(text) or self.meets(Kind.HOST, text)

    def fields_of_times(self) -> frozenset[str]:
        """Name the fields whose times are compared."""
        return frozenset(stored.field for stored, _ in self.stored)

    def knows(self, software: Software) -> bool:
        """Tell whether a program alone meets any test."""
        record = Record(telemetry=Telemetry.INSTALLED_SOFTWARE, locator="", software=software)
        return next(iter(self._products(record)), None) is not None


def hidden_by(test: Test, *, free: bool, word: bool, number: bool) -> bool:
    """Tell whether a value could have stood in text of which an index kept tokens only.

    `word` is text of letters, digits and underscores, `number` of digits and what stands between them in times: a
    value with any other character has no room in those.
    """
    if test.type not in WORDY:
        return False
    room = _room(test)
    in_word = word and re.fullmatch(r"[0-9A-Za-z_]*", room) is not None
    in_number = number and re.fullmatch(r"[0-9TZtz:.,+ -]*", room) is not None
    return free or in_word or in_number


def _room(test: Test) -> str:
    """Give characters that stand in every text that a value is found in."""
    match test.type:
        case T.PATH | T.FILE_NAME:
            return _GLOB.sub("", normal.path(test.value).lstrip("/"))
        case T.REGISTRY:
            return "/"
        case T.NAMED_OBJECT:
            return test.value.rpartition("\\")[2]
        case T.CERTIFICATE:
            return normal.certificate(test.value)
        case _:
            return test.value.strip()
