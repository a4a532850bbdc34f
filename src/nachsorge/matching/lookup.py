"""One typed value -> the tests it meets, remembered: logs say the same things over and over."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from nachsorge.matching import normal
from nachsorge.model.words import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.matching.tables import Tables

_KNOWN = 1 << 15
_SHORT = 256
"""How many answers are kept, for values up to which length: some 20 MB at most."""


class LookUp:
    """Says in which tables a kind of value is looked up."""

    def __init__(self, tables: Tables) -> None:
        """Remember for these tables, which must be complete before the first question."""
        # No reference to the object itself: it has to go without the collector.
        self._tables = tables
        self._known = lru_cache(_KNOWN)(lambda kind, text: tuple(_of_lines(tables, kind, text)))

    def tests_in(self, kind: Kind, text: str) -> tuple[int, ...]:
        """Give the tests that a value meets, possibly some of them repeatedly; lines of a value are values."""
        return self._known(kind, text) if len(text) <= _SHORT else tuple(_of_lines(self._tables, kind, text))


def _of_lines(tables: Tables, kind: Kind, text: str) -> Iterator[int]:
    for line in text.split("\n"):
        yield from tables.strings.find(line)
        yield from _of_kind(tables, kind, line)


def _of_kind(tables: Tables, kind: Kind, text: str) -> Iterator[int]:
    match kind:
        case Kind.HOST | Kind.ADDRESS:
            for part in _parts(text):
                yield from tables.host_or_address(part)
        case Kind.URL:
            yield from tables.url(text)
        case Kind.HASH:
            yield from tables.digest(text)
        case Kind.PATH:
            yield from tables.path(text)
        case Kind.REGISTRY:
            yield from tables.registry(text)
        case Kind.PACKAGE:
            yield from tables.package(text)
        case Kind.USER_AGENT:
            yield from tables.agents.get(text.strip(), ())
        case Kind.EMAIL:
            yield from tables.mail(text)
        case Kind.CERTIFICATE:
            yield from tables.certificates.get(normal.certificate(text), ())
            yield from tables.text(text)
        case Kind.NAMED_OBJECT:
            yield from tables.objects.get(normal.fold(text.rpartition("\\")[2]), ())
        case Kind.TEXT:
            yield from tables.text(text)
        case Kind.INSTANT:
            pass


def _parts(text: str) -> Iterable[str]:
    """Split a list of names or addresses in one field (Zeek vectors, `A;B`, `A, B`)."""
    return (part for part in text.replace(";", ",").replace(" ", ",").split(",") if part)
